"""Plain data → contract: what is said comes through, what cannot be meant is named."""

from __future__ import annotations

import pytest

from nb2prod.contract.evidence import Evidence, Subject, evidence_of, plain_evidence
from nb2prod.contract.model import Case, Consumer, Contract, Gate, Output, Owner
from nb2prod.contract.questions import open_questions, wording
from nb2prod.contract.reading import contract_of, digest, plain
from nb2prod.errors import UsageError


@pytest.mark.parametrize(
    ("data", "message", "hint"),
    [
        ({"version": 1, "ower": {}}, "there is no key `ower`; did you mean `owner`?", "decision"),
        ({"version": 1, "gate": {"metrik": 1}}, "`gate` has no `metrik`; did you mean `metric`?", "direction"),
        ({"version": 1, "gate": {"direction": "hihger"}}, "did you mean `higher`?", "higher, lower"),
        ({"version": 1, "gate": {"latency_ms": "fast"}}, "`gate.latency_ms` is 'fast'", "a number"),
        ({"version": 1, "gate": {"approver": 1}}, "`gate.approver` is 1", "true or false"),
        ({"version": 1, "gate": {"cases": [{"name": "a", "input": {}}]}}, "`gate.cases[0]` has no `expect`", "expect"),
        ({"version": 1, "gate": {"slices": "age"}}, "`gate.slices` is 'age'", "a list"),
        ({"version": 1, "owner": "team-a"}, "`owner` is 'team-a'", "a mapping with name, contact, escalation"),
        ({"version": 1, "output": {"review": [0.6, 0.4]}}, "`output.review` is [0.6, 0.4]", "lower bound first"),
        ({"version": 1, "output": {"review": [0.6]}}, "`output.review` is [0.6]", "a list of 2"),
        ({"version": 1, "output": {"positive": [1]}}, "`output.positive` is [1]", "a text or a whole number"),
        ({"version": 1, "gate": {"confidence": 95}}, "`gate.confidence` is 95.0", "0.95"),
        ({"version": 1, "log": {"retention_days": 0}}, "`log.retention_days` is 0", "at least 1"),
        ({"version": 1, "environments": ["a b"]}, "`a b` cannot be part of a git tag", "letters"),
        ({"version": 2}, "version is 2", "upgrade"),
        ({}, "version is None", "version: 1"),
        (["version"], "holds no mapping", "version: 1"),
    ],
)
def test_what_it_cannot_mean(data: object, message: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        contract_of(data)
    assert message in caught.value.message and caught.value.message.startswith("production.yaml")
    assert hint in caught.value.hint


def test_what_is_said() -> None:
    found = contract_of(
        {
            "version": 1,
            "consumers": [{"who": "clinic"}],
            "owner": None,
            "output": {"positive": "yes", "threshold": 1, "review": [0.4, 0.6]},
            "gate": {"cases": [{"name": "a", "input": {"x": 1}, "expect": {"decision": 1}}]},
        }
    )
    assert found == Contract(
        consumers=(Consumer("clinic"),),
        owner=Owner(),
        output=Output(positive="yes", threshold=1.0, review=(0.4, 0.6)),
        gate=Gate(cases=(Case("a", {"x": 1}, {"decision": 1}),)),
    )
    assert contract_of(plain(found)) == found


def test_the_digest_is_of_what_it_says() -> None:
    one = contract_of({"version": 1, "name": "a", "decision": "b"})
    assert digest(one) == digest(contract_of({"decision": "b", "name": "a", "version": 1}))
    assert digest(one) != digest(contract_of({"version": 1, "name": "a", "decision": "c"}))


def test_every_question_belongs_to_a_key() -> None:
    data = plain(Contract())
    for key in wording():
        holder = data
        for part in key.split("."):
            assert part in holder, key
            holder = holder[part]


def test_answered_questions_are_not_asked() -> None:
    keys = [one.key for one in open_questions(contract_of({"version": 1, "owner": {"name": "team-a"}}))]
    assert "owner.name" not in keys and "owner.contact" in keys and "consumers" in keys


def test_evidence_goes_stale_with_what_it_depends_on() -> None:
    seen = Evidence("gate", True, "2026-01-01T00:00:00Z", Subject(code="a", model="m"), {"auc": 0.9}, "team-a")
    assert evidence_of(plain_evidence(seen)) == seen
    assert seen.stale(Subject(code="a", model="m", data="other")) == ()
    assert seen.stale(Subject(code="b", model="m")) == ("code",)
    assert seen.stale(Subject(code="b")) == ("code", "model")
