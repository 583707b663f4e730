"""Which warm processes are kept, for whom, and when they end."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from nb2prod.errors import OutsideError
from nb2prod.operations import warm as module
from nb2prod.operations.imports import Needs
from nb2prod.operations.progress import Silent
from nb2prod.operations.project import Project
from nb2prod.operations.warm import Warm
from nb2prod.pipeline.attempts import Rules

NEEDS = Needs(("python3",), ("numpy",))


class Fake:
    """Stands in for an execution, which starts processes."""

    def __init__(self, folder, *_):
        self.folder, self.is_warm, self.is_idle, self.closed = folder, False, True, False

    def begin(self, *_):
        self.is_warm = True

    def stop(self):
        self.close()

    def again(self, *_):
        self.is_idle = False

    def rest(self):
        self.is_idle = True

    def close(self):
        self.is_warm, self.closed = False, True


@pytest.fixture(autouse=True)
def _no_processes(monkeypatch):
    monkeypatch.setattr(module, "Execution", Fake)
    monkeypatch.setattr(module, "lock_file", lambda top: None)


def project_of(name: str) -> Project:
    root = Path("/projects") / name
    return Project(root, root / "work.ipynb", root / "pipeline", None, root)


def take(warm: Warm, name: str = "a", modules: str = "numpy") -> Fake:
    project = project_of(name)
    needs = Needs(("python3",), tuple(modules.split()))
    found = warm.execution(project, needs, Rules(), Silent())
    found.rest()
    return found


def test_a_project_keeps_its_own():
    with Warm() as warm:
        one, other = take(warm, "a"), take(warm, "b")
        assert one is not other
        assert take(warm, "a") is one
        assert take(warm, "b") is other
    assert one.closed
    assert other.closed


def test_what_it_was_started_for_has_changed(monkeypatch):
    with Warm() as warm:
        first = take(warm)
        second = take(warm, modules="numpy pandas")
        assert first.closed
        monkeypatch.setenv("SOME_SETTING", "1")
        third = take(warm, modules="numpy pandas")
        assert second.closed
        third.is_warm = False  # killed, or a library was installed
        assert take(warm, modules="numpy pandas") is not third


def test_the_kernels_name_stands_for_another_interpreter(monkeypatch):
    with Warm() as warm:
        first = take(warm)
        monkeypatch.setattr(module, "interpreter_of", lambda kernel: None)
        assert take(warm) is not first
        assert first.closed


def test_after_an_error_nothing_is_left():
    with Warm() as warm:
        with pytest.raises(OutsideError), warm.taken(project_of("a"), NEEDS, Rules(), Silent(), None) as first:
            assert not first.is_idle
            raise OutsideError("a cell raised")
        assert first.closed
        assert first.is_idle
        with warm.taken(project_of("a"), NEEDS, Rules(), Silent(), None) as second:
            assert second is not first
        assert not second.closed


def test_the_one_that_was_used_longest_ago_makes_room():
    with Warm(projects=2) as warm:
        a, b = take(warm, "a"), take(warm, "b")
        take(warm, "a")
        c = take(warm, "c")
        assert (a.closed, b.closed, c.closed) == (False, True, False)


def test_nobody_used_it_for_a_while():
    with Warm(idle_seconds=0.1) as warm:
        idle, busy = take(warm, "a"), take(warm, "b")
        busy.is_idle = False
        time.sleep(0.6)
        assert idle.closed
        assert not busy.closed
        busy.rest()
        time.sleep(0.6)
        assert busy.closed
