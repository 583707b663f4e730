"""Which process does a run: the one that is kept, or another; and when that one ends."""

from __future__ import annotations

import sys
import textwrap
import time

import pytest

from nb2prod.server import runner as module
from nb2prod.server.runner import Runner

from .waiting import wait

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="nothing is kept elsewhere")

#: Ends each job as `ends` in its folder says; `no` not at all.
_OBEDIENT = textwrap.dedent("""
    import json, sys, time
    from pathlib import Path
    for line in sys.stdin:
        folder = Path(line.strip())
        while (word := (folder / "ends").read_text()) == "no":
            time.sleep(0.01)
        (folder / ".new").write_text(json.dumps({"state": word}))
        (folder / ".new").rename(folder / "result.json")
""")


@pytest.fixture
def runner(tmp_path, monkeypatch):
    (tmp_path / "obedient.py").write_text(_OBEDIENT)
    monkeypatch.syspath_prepend(str(tmp_path))
    kept = Runner(module="obedient")
    yield kept
    kept.close()


@pytest.fixture
def job(tmp_path):
    """A job's folder; it ends so."""

    def made(name, ends="done"):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "ends").write_text(ends)
        return folder

    return made


def ended(folder):
    wait(lambda: (folder / "result.json").exists())


def given(runner, folder):
    """The process that does the job, after it did."""
    found = runner.give(folder)
    ended(folder)
    return found


def test_a_job_that_ended_well_leaves_it_to_the_next(runner, job):
    assert given(runner, job("1")) is given(runner, job("2"))


@pytest.mark.parametrize("word", ["failed", "cancelled"])
def test_a_job_that_did_not_end_well_is_the_last_one(runner, job, word):
    first = given(runner, job("1", word))
    assert given(runner, job("2")) is not first
    assert first.wait(20) == 0


def test_who_is_at_work_takes_nothing(runner, job):
    busy, other = job("1", "no"), job("2")
    first = runner.give(busy)
    assert runner.give(other) is None
    (busy / "ends").write_text("done")
    ended(busy)
    assert runner.give(other) is first


def test_a_job_that_is_cancelled_is_the_last_one(runner, job):
    """Else the signal that ends it could meet the one after it."""
    busy = job("1", "no")
    first = runner.give(busy)
    runner.leave(busy)
    assert given(runner, job("2")) is not first
    (busy / "ends").write_text("done")
    assert first.wait(20) == 0


def test_a_job_that_ended_before_it_was_cancelled_takes_nobody_along(runner, job):
    early, late = job("1"), job("2", "no")
    first = given(runner, early)
    assert runner.give(late) is first
    runner.leave(early)
    (late / "ends").write_text("done")
    ended(late)
    assert runner.give(job("3")) is first


def test_what_a_new_process_would_find_otherwise(runner, job, monkeypatch):
    first = given(runner, job("1"))
    monkeypatch.setenv("SOME_SETTING", "1")
    second = given(runner, job("2"))
    assert second is not first
    monkeypatch.setattr(module.sysconfig, "get_path", lambda name: "/usr")
    assert given(runner, job("3")) is not second


def test_a_killed_one_is_followed_by_another(runner, job):
    first = given(runner, job("1"))
    first.kill()
    first.wait()
    assert given(runner, job("2")) is not first


def test_it_ends_after_a_while_but_not_at_work(tmp_path, runner, job):
    runner._idle_seconds = 0.3
    busy = job("1", "no")
    first = runner.give(busy)
    time.sleep(0.8)
    assert first.poll() is None
    (busy / "ends").write_text("done")
    assert first.wait(20) == 0
    assert given(runner, job("2")) is not first


def test_nothing_is_kept_where_that_was_switched_off(runner, job, monkeypatch):
    monkeypatch.setenv("NB2PROD_WARM", "0")
    assert runner.give(job("1")) is None
