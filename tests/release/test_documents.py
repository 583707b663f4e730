"""Card and runbook: facts are renewed, what people wrote stays, to the letter."""

from __future__ import annotations

from dataclasses import replace

from nb2prod.contract.model import Contract, Output, Owner
from nb2prod.release import card, runbook
from nb2prod.release.binding import Approval, Binding, File
from nb2prod.release.card import card_facts
from nb2prod.release.runbook import runbook_facts
from nb2prod.release.sections import document, renewed

_GATE = {
    "passed": True, "sentence": "passed its gate", "metric": "roc_auc", "against": "v1", "rows": 100,
    "estimate": {"value": 0.91, "low": 0.88, "high": 0.94}, "difference": {"value": 0.02, "low": 0.01, "high": 0.03},
    "conditions": [{"name": "metric", "sentence": "better"}],
    "slices": [{"column": "region", "group": "north", "rows": 50, "challenger": 0.9, "worse_by": -0.01},
               {"column": "region", "group": "few", "rows": 3, "challenger": None, "worse_by": None}],
}  # fmt: skip
_BINDING = Binding(
    "churn", 2, "c" * 40, "pipeline", "churn.ipynb", File("a/model.pkl", "m", "5" * 64), (File("data.csv", "d"),),
    {}, {"evaluate.auc": 0.9}, None, "", "", None, _GATE, {}, Approval("approver"), "2026-01-02T00:00:00Z", "team-a", "0",
)  # fmt: skip
_CONTRACT = Contract(owner=Owner("Team C", "c@example.org"), output=Output("decision", 1, 0.5, (0.4, 0.6)))
_CARD = document("churn", card.LAYOUT, card_facts(_BINDING, _CONTRACT))
_RUNBOOK = document("churn: what to do", runbook.LAYOUT, runbook_facts(_BINDING, _CONTRACT))


def test_a_card_has_the_facts():
    for fact in (
        "Version v2 (`churn@v2.0.0`), released 2026-01-02 by team-a, approved by approver (unsigned).",
        "| roc_auc | 0.91 | 0.88 to 0.94 |",
        "| region | north | 50 | 0.9 | -0.01 |",
        "| region | few | 3 |  | too few rows |",
        "| Owner | Team C |",
        "| Escalation | *nobody has said yet",
        "scores 0.4 and 0.6",
    ):
        assert fact in _CARD


def test_a_runbook_says_how_to_go_back():
    assert "nb2prod rollback churn --env production" in _RUNBOOK and "Team C" in _RUNBOOK


def test_facts_are_renewed_and_words_stay():
    mine = _CARD.replace("## Limits", "## Limits\n\nNot for children.")
    new = renewed(mine, card_facts(replace(_BINDING, number=3), _CONTRACT))
    assert "Version v3" in new.text and "Version v2" not in new.text and "Not for children." in new.text
    assert new.kept == ()
    assert renewed(new.text, card_facts(replace(_BINDING, number=3), _CONTRACT)).text == new.text


def test_a_section_that_was_edited_belongs_to_whoever_did():
    mine = _CARD.replace("| Owner | Team C |", "| Owner | Team D, since May |")
    new = renewed(mine, card_facts(replace(_BINDING, number=3), _CONTRACT))
    assert "Team D, since May" in new.text and "Version v3" in new.text and new.kept == ("owner",)


def test_a_section_that_was_taken_out_stays_out():
    start, end = _RUNBOOK.index("<!-- nb2prod: retire"), _RUNBOOK.rindex("<!-- nb2prod: end -->")
    without = _RUNBOOK[:start] + _RUNBOOK[end + len("<!-- nb2prod: end -->") :]
    assert "nb2prod: retire" not in renewed(without, runbook_facts(_BINDING, _CONTRACT)).text
