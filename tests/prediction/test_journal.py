"""A batch that is killed at any moment is there whole, or never was."""

from __future__ import annotations

from pathlib import Path

import pytest

from nb2prod.adapters import prediction_journal as journal
from nb2prod.errors import OutsideError
from nb2prod.prediction.journal import Plan
from nb2prod.prediction.places import lock

BATCH = "20261121T145012Z-3f9a1c07"


def _plan(log, out):
    moves = tuple((str(log / f"{name}.tmp"), str(out / name)) for name in ("segment", "aside", "output"))
    return Plan(BATCH, str(log / lock("out")), moves)


def _write(plan, *names):
    for source, _ in plan.moves:
        if any(name in source for name in names):
            Path(source).write_text(source)


@pytest.fixture
def places(tmp_path):
    log, out = tmp_path / "log", tmp_path / "out"
    log.mkdir()
    out.mkdir()
    return log, out


def test_a_decided_batch_is_carried_out(places):
    log, out = places
    with journal.locked(log, "out") as handle:
        begun = journal.begin(log, _plan(log, out), handle)
        _write(begun.plan, "segment", "output")
        journal.decide(begun)
    assert sorted(path.name for path in out.iterdir()) == ["output", "segment"]
    assert not [path for path in log.rglob("*") if path.suffix in (".tmp", ".json")]


@pytest.mark.parametrize("moved", [0, 1, 2, 3])
def test_a_batch_that_was_killed_after_it_was_decided_appears_whole(places, moved):
    log, out = places
    with journal.locked(log, "out") as handle:
        begun = journal.begin(log, _plan(log, out), handle)
        _write(begun.plan, "segment", "aside", "output")
        for source, target in begun.plan.moves[:moved]:
            Path(source).replace(target)
        (log / "journal").mkdir()
        (log / "work" / f"{BATCH}.json").replace(log / "journal" / f"{BATCH}.json")
    assert journal.settle(log) == (BATCH,)
    assert sorted(path.name for path in out.iterdir()) == ["aside", "output", "segment"]
    assert journal.settle(log) == ()


def test_a_batch_that_was_killed_before_leaves_nothing(places):
    log, out = places
    with journal.locked(log, "out") as handle:
        begun = journal.begin(log, _plan(log, out), handle)
        _write(begun.plan, "segment", "output")
    assert journal.settle(log) == ()
    assert not list(out.iterdir())
    assert not list(log.glob("*.tmp"))
    assert not list((log / "work").iterdir())


def test_a_batch_at_work_is_left_alone(places):
    log, out = places
    with journal.locked(log, "out") as handle:
        begun = journal.begin(log, _plan(log, out), handle)
        _write(begun.plan, "segment")
        journal.settle(log)
        assert (log / "segment.tmp").exists()
        journal.settle(log, held=begun.plan.lock)
        assert not (log / "segment.tmp").exists()


def test_one_output_is_written_by_one_at_a_time(places, monkeypatch):
    log, _ = places
    monkeypatch.setattr(journal, "_PATIENCE", 0.05)
    with (
        journal.locked(log, "out"),
        journal.locked(log, "other"),
        pytest.raises(OutsideError, match="another `nb2prod predict` is writing out"),
        journal.locked(log, "out"),
    ):
        pass


def test_an_output_whose_place_is_taken_gets_its_name_later(places):
    log, out = places
    (out / "output").mkdir()
    with journal.locked(log, "out") as handle:
        begun = journal.begin(log, _plan(log, out), handle)
        _write(begun.plan, "segment", "output")
        with pytest.raises(OutsideError, match="cannot be written"):
            journal.decide(begun)
    assert (out / "segment").is_file()
    assert journal.settle(log) == ()  # who reads the log is not kept from it
    with pytest.raises(OutsideError):
        journal.settle(log, held=begun.plan.lock)  # who writes that output is
    (out / "output").rmdir()
    assert journal.settle(log) == (BATCH,)
    assert (out / "output").is_file()
