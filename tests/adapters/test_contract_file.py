"""`production.yaml` as text: written with its questions, edited without losing what people wrote."""

from __future__ import annotations

import pytest

from nb2prod.adapters.contract_file import contract_text, edited_contract, parse_contract
from nb2prod.contract.model import Contract
from nb2prod.errors import UsageError

_TEXT = """\
# ours
version: 1
name: churn  # the pipeline's
owner:
  name: null  # which person or team answers for it after the release?
  # reach them here
  contact: null  # ask team-b
gate:
  slices: []

# the end
"""


def test_a_new_file_reads_as_it_was_meant() -> None:
    text = contract_text(Contract(name="churn"))
    assert parse_contract(text) == Contract(name="churn")
    assert "decision: null  # which decision does the prediction support?" in text


def test_an_answer_takes_its_question_and_nothing_else() -> None:
    new = edited_contract(
        _TEXT, {"owner.name": "team-a", "owner.contact": "team-a@example.org", "gate.slices": ["age"]}
    )
    assert "  name: team-a\n  # reach them here\n  contact: team-a@example.org # ask team-b\n" in new
    assert "slices: [age]" in new
    for kept in ("# ours\n", "# the pipeline's", "# the end"):
        assert kept in new
    assert parse_contract(new).gate.slices == ("age",)


def test_a_section_that_was_not_there() -> None:
    assert parse_contract(edited_contract(_TEXT, {"baseline.value": 0.7})).baseline is not None


@pytest.mark.parametrize(
    ("text", "answers", "message"),
    [
        (_TEXT, {"gate.metrik": "auc"}, "did you mean `metric`?"),
        (_TEXT, {"name.first": "x"}, "no mapping"),
        ("version: 1\n bad: [", {}, "line 2 is not valid YAML"),
    ],
)
def test_what_is_refused(text: str, answers: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        edited_contract(text, answers)
    assert message in caught.value.message
