"""The evidence store: what was recorded is read again, and nothing that lies there is lost."""

from __future__ import annotations

import json

import pytest

from nb2prod.adapters import evidence as store
from nb2prod.contract.evidence import KINDS, Evidence, Subject

PROBES = Evidence(
    "probes",
    True,
    "2026-11-20T10:00:00Z",
    Subject(code="c0", model="m0"),
    {"probes": 11, "refused": ["café"]},
    "team-d",
)


def test_what_was_recorded_is_read_again(tmp_path):
    file = store.record(tmp_path, PROBES)
    assert file == tmp_path / "evidence" / "probes.json"
    assert store.evidence_of(tmp_path) == (PROBES,)


def test_the_file_is_the_same_whatever_the_order_of_the_facts(tmp_path):
    first = store.record(tmp_path, PROBES).read_bytes()
    turned = Evidence(
        PROBES.kind, PROBES.passed, PROBES.at, PROBES.subject, dict(reversed(PROBES.facts.items())), "team-d"
    )
    assert store.record(tmp_path, turned).read_bytes() == first
    assert json.loads(first)["version"] == 1


def test_the_newest_of_a_kind_counts_and_kinds_come_in_their_order(tmp_path):
    for number, kind in enumerate(reversed(KINDS)):
        store.record(tmp_path, Evidence(kind, None, f"2026-11-{number + 1:02}T00:00:00Z"))
    store.record(tmp_path, PROBES)
    found = store.evidence_of(tmp_path)
    assert [one.kind for one in found] == list(KINDS)
    assert PROBES in found


def test_an_empty_folder_holds_nothing(tmp_path):
    assert store.stored(tmp_path) == store.Stored()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "not valid JSON"),
        ("[" * 100_000, "not valid JSON"),
        ("[1]", "not a record of evidence"),
        ('{"version": 2, "kind": "probes"}', "newer nb2prod"),
        ('{"version": 1, "kind": "probes"}', "not a record of evidence"),
        (
            '{"version": 1, "kind": "skew", "passed": true, "at": "", "subject": {}, "facts": {}}',
            "evidence of another kind, skew",
        ),
    ],
)
def test_a_file_that_cannot_be_read_is_said_and_never_lost(tmp_path, text, why):
    file = store.path_of(tmp_path, "probes")
    file.parent.mkdir()
    file.write_text(text)
    (unreadable,) = store.stored(tmp_path).unreadable
    assert (unreadable.path, store.evidence_of(tmp_path)) == (file, ())
    assert why in unreadable.why
    assert file.read_text() == text
    store.record(tmp_path, PROBES)
    assert store.stored(tmp_path) == store.Stored((PROBES,))
    assert (file.parent / "probes.unreadable-1").read_text() == text


def test_what_was_set_aside_stays(tmp_path):
    file = store.path_of(tmp_path, "probes")
    file.parent.mkdir()
    for number in (1, 2):
        file.write_text(f"broken {number}")
        store.record(tmp_path, PROBES)
    assert {one.name for one in file.parent.iterdir()} == {"probes.json", "probes.unreadable-1", "probes.unreadable-2"}


def test_evidence_of_an_unknown_kind_is_a_bug_of_ours(tmp_path):
    with pytest.raises(KeyError, match="rumour"):
        store.record(tmp_path, Evidence("rumour", True, ""))


def test_what_is_no_json_is_not_written(tmp_path):
    with pytest.raises(ValueError, match="Out of range float"):
        store.record(tmp_path, Evidence("gate", True, "", facts={"auc": float("nan")}))
    assert store.evidence_of(tmp_path) == ()
