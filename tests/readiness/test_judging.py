"""From records to answers: no disk, no git."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nb2prod.contract.evidence import Evidence, Subject
from nb2prod.contract.model import Consumer, Contract, Model, Output, PersonalData
from nb2prod.readiness.grounds.registry import grounds
from nb2prod.readiness.judging import judge
from nb2prod.readiness.known import Conversion, Dated, Deployment, Input, Known, Pipeline, Release, Repository

DAY = "2026-11-20T10:00:00Z"
FILE = Dated("pipeline/conversion.json", DAY)
PIPELINE = Pipeline(
    "pipeline",
    Conversion("same", "", FILE),
    Subject("c", "d", "m", "p", "a"),
    (Input("data/x.csv", "git"),),
    Dated("pipeline/dvc.lock", DAY),
    "md5",
    Contract(),
    Dated("pipeline/production.yaml", DAY),
)
KNOWN = Known("churn", "churn.ipynb", DAY, (), "", Repository("abc", DAY), PIPELINE)


def seen(key: str, **changes):
    """What a ground says of the pipeline with these changes."""
    found = grounds()[key].seen(replace(KNOWN, pipeline=replace(PIPELINE, **changes)))
    return found.holds, found.text


def said(key: str, **contract):
    return seen(key, contract=Contract(**contract))


CASES = {
    "same": (lambda: seen("conversion.verdict"), True, "verdict same"),
    "seeded": (
        lambda: seen("conversion.verdict", conversion=Conversion("same when seeded", "a draw", FILE)),
        True,
        "verdict same when seeded: a draw",
    ),
    "different": (lambda: seen("conversion.verdict", conversion=Conversion("different", "", FILE)), False, "different"),
    "unverified": (
        lambda: seen("conversion.verdict", conversion=Conversion("unverified", "not run", FILE)),
        None,
        "verdict unverified: not run",
    ),
    "a stale verdict": (
        lambda: seen("conversion.verdict", conversion=Conversion("same", "", FILE, stale="code changed after it: why")),
        None,
        "verdict same; stale: code changed after it: why",
    ),
    "no input": (lambda: seen("conversion.inputs", inputs=()), True, "it reads no files"),
    "an input that nobody keeps": (
        lambda: seen("conversion.inputs", inputs=(Input("x.csv", None),)),
        False,
        "x.csv is kept by neither git nor DVC",
    ),
    "the same model": (
        lambda: seen("history.release", releases=(Release("churn@v1.0.0", "v1", DAY, "md5"),)),
        True,
        "released as v1",
    ),
    "another model": (
        lambda: seen("history.release", releases=(Release("churn@v1.0.0", "v1", DAY, "other"),)),
        None,
        "stale: the model changed after v1",
    ),
    "an earlier version's model": (
        lambda: seen(
            "history.release",
            releases=(Release("churn@v1.0.0", "v1", DAY, "md5"), Release("churn@v2.0.0", "v2", DAY, "other")),
        ),
        True,
        "released as v1",
    ),
    "no model": (
        lambda: seen("history.release", model=None, releases=(Release("churn@v1.0.0", "v1", DAY, "md5"),)),
        None,
        "names no model",
    ),
    "a tag of another tool": (
        lambda: seen("history.release", releases=(Release("churn@v1.0.0", "v1", DAY, None),)),
        None,
        "names no artifact",
    ),
    "a rollback": (
        lambda: seen(
            "history.rollback",
            deployments=(Deployment("t#4", "v1", "production", DAY, "rollback"),),
            evidence={"rollback": Evidence("rollback", True, DAY, facts={"tag": "t#4"})},
        ),
        True,
        "rollback passed: tag t#4",
    ),
    "a rollback without its record": (
        lambda: seen("history.rollback", deployments=(Deployment("t#4", "v1", "production", DAY, "rollback"),)),
        None,
        "production went back to v1, but the record of it is not here",
    ),
    "a rollback that history does not know": (
        lambda: seen(
            "history.rollback",
            deployments=(Deployment("t#4", "v1", "production", DAY),),
            evidence={"rollback": Evidence("rollback", True, DAY, facts={"tag": "t#4"})},
        ),
        False,
        "the history has no t#4",
    ),
    "a rehearsal": (
        lambda: seen("history.rollback", evidence={"rollback": Evidence("rollback", True, DAY, Subject("other"))}),
        True,
        "rollback passed",
    ),
    "a failed rehearsal": (
        lambda: seen("history.rollback", evidence={"rollback": Evidence("rollback", False, DAY)}),
        False,
        "rollback failed",
    ),
    "no rollback": (lambda: seen("history.rollback"), None, "no record that going back was done"),
    "evidence that judged nothing": (
        lambda: seen("evidence.skew", evidence={"skew": Evidence("skew", None, DAY)}),
        None,
        "skew was recorded, and judged nothing",
    ),
    "what it was seen on changed": (
        lambda: seen("evidence.skew", evidence={"skew": Evidence("skew", True, DAY, Subject("c0", "d0", "m"))}),
        None,
        "skew is stale: code and data changed after 2026-11-20",
    ),
    "a part that it does not rest on changed": (
        lambda: seen("evidence.skew", evidence={"skew": Evidence("skew", True, DAY, Subject(params="other"))}),
        True,
        "skew passed",
    ),
    "stale, and failed then": (
        lambda: seen("evidence.skew", evidence={"skew": Evidence("skew", False, DAY, Subject("c0"))}),
        None,
        "skew is stale: code changed",
    ),
    "facts that are short": (
        lambda: seen(
            "evidence.gate", evidence={"gate": Evidence("gate", True, DAY, facts={"auc": 0.912345, "g": [1]})}
        ),
        True,
        "gate passed: auc 0.9123",
    ),
    "a decision without a threshold": (
        lambda: said("contract.form", model=Model(kind="classification"), output=Output("decision")),
        False,
        "no `output.threshold`",
    ),
    "a value": (lambda: said("contract.form", output=Output("value", threshold=0.5)), True, "it gives a value"),
    "a consumer without a form": (
        lambda: said("contract.consumers", consumers=(Consumer("sales"),)),
        None,
        "in which form sales gets it",
    ),
    "personal data without a record": (
        lambda: said("contract.personal_data", personal_data=PersonalData(True, legal_basis="consent")),
        False,
        "without `personal_data.privacy_record`",
    ),
    "personal data with all": (
        lambda: said("contract.personal_data", personal_data=PersonalData(True, ("name",), "consent", "record 7")),
        True,
        "consent, recorded in record 7",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_seen(case):
    look, holds, words = CASES[case]
    found = look()
    assert found[0] is holds
    assert words in found[1]


@pytest.mark.parametrize(
    ("repository", "holds", "words"),
    [
        (Repository("abc", DAY), False, "no version was released"),
        (Repository("abc", DAY, (), hides_history=True), None, "shallow clone"),
        (None, None, "in no git repository"),
    ],
)
def test_what_hides_tags_is_no_proof_that_there_are_none(repository, holds, words):
    found = grounds()["history.release"].seen(replace(KNOWN, repository=repository))
    assert found.holds is holds
    assert words in found.text


@pytest.mark.parametrize(("state", "status"), [("same", "met"), ("different", "not_met"), ("unverified", "unknown")])
def test_one_ground_decides(state, status):
    known = replace(KNOWN, pipeline=replace(PIPELINE, conversion=Conversion(state, "", FILE)))
    assert judge(known, 0).criteria[0].status == status


def test_what_does_not_hold_counts_more_than_what_is_not_known():
    known = replace(KNOWN, findings=None, pipeline=replace(PIPELINE, conversion=Conversion("different", "", FILE)))
    assert judge(known, 0).criteria[0].status == "not_met"


def test_the_score_is_100_only_where_all_is_met():
    found = judge(KNOWN, 2)
    assert found.score == 100 * found.met // 25 < 100
    assert not found.is_reached
    assert replace(found, criteria=found.criteria[:1]).score == 100


def test_evidence_names_its_file_and_its_day_and_what_is_missing_comes_first():
    skew = next(one for one in judge(KNOWN, 0).criteria if one.criterion.id == "skew")
    assert skew.evidence.startswith("no record that training rows")
    assert skew.evidence.endswith("check finds nothing about skew (churn.ipynb, 2026-11-20)")
    assert skew.how_to_meet == "`nb2prod probe pipeline`"
