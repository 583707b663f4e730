"""Warm processes that are kept between runs, one for each project: for a server, or several runs in one session.

::

    with Warm() as warm:
        warm.prepare("pipeline")
        run("pipeline", warm=warm)
        run("pipeline", parameters={"depth": 4}, keep=True, warm=warm)

DVC works in the pipeline's folder, and a process has one working directory: while a run is under way, the process's is
not where it was. A server gives runs a process of their own, which keeps a `Warm`.

A warm process shares the open file of the repository's lock for runs: where who runs is killed, the lock is held until
the warm process has ended its kernels.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from nb2prod.adapters.kernelspec import interpreter_of
from nb2prod.adapters.run_lock import held, lock_file, run_lock
from nb2prod.adapters.warm import Interpreter
from nb2prod.operations.execution import Execution, why_not_forked
from nb2prod.operations.imports import Needs, read_needs
from nb2prod.operations.progress import Progress, Silent
from nb2prod.operations.project import Project, pipeline_folder
from nb2prod.pipeline.attempts import Rules

_IDLE_SECONDS = 600.0
_PROJECTS = 3


@dataclass(frozen=True, slots=True)
class _Surroundings:
    """What a warm process was started for and with."""

    needs: Needs
    interpreters: tuple[Interpreter | None, ...]
    environment: Mapping[str, str]


@dataclass(slots=True)
class _Kept:
    """A project's execution, what it was started for, the lock's open file, and the timer that ends it."""

    started_for: _Surroundings
    execution: Execution
    lock: int | None
    timer: threading.Timer | None = None


class Warm:
    """Keeps the last projects' warm processes; ends each when nobody used it for a while."""

    def __init__(self, idle_seconds: float = _IDLE_SECONDS, projects: int = _PROJECTS) -> None:
        self._idle_seconds = idle_seconds
        self._projects = projects
        self._guard = threading.Lock()
        self._kept: dict[Path, _Kept] = {}
        self._turn = threading.Lock()

    def __enter__(self) -> Warm:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def prepare(self, folder: str | Path) -> bool:
        """Warm up for the pipeline in `folder` before it is run; whether that can be done. Raises UsageError."""
        project = pipeline_folder(Path(folder))
        needs = read_needs(project.folder, project.manifest or {})
        if project.dvc is None or why_not_forked(needs):
            return False
        self.execution(project, needs, Rules(), Silent()).rest()
        return True

    def execution(self, project: Project, needs: Needs, rules: Rules, progress: Progress) -> Execution:
        """The project's warm one, where nothing changed that it was started for, or a new one."""
        interpreters = tuple(interpreter_of(kernel) for kernel in needs.kernels)
        started_for = _Surroundings(needs, interpreters, dict(os.environ))
        with self._guard:
            kept = self._kept.get(project.folder)
            if kept is None or kept.started_for != started_for or not kept.execution.is_warm:
                self._end(project.folder)
                self._make_room()
                kept = self._kept[project.folder] = _begun(project, started_for, rules, progress)
            self._kept[project.folder] = self._kept.pop(project.folder)  # the last one used is the last one to go
            self._rest(project.folder, kept)
            kept.execution.again(rules, progress)
            return kept.execution

    @contextlib.contextmanager
    def taken(
        self, project: Project, needs: Needs, rules: Rules, progress: Progress, single: str | None
    ) -> Iterator[Execution]:
        """The same for the one run that is under way, with the lock for runs. After an error nothing is left of it."""
        assert project.dvc is not None
        with self._turn:
            execution = self.execution(project, needs, rules, progress)
            kept = self._kept[project.folder]
            lock = run_lock(project.dvc, single, progress.note) if single else held(kept.lock, progress.note)
            try:
                with lock, contextlib.ExitStack() as failed:
                    failed.callback(execution.stop)
                    yield execution
                    failed.pop_all()
            finally:
                execution.rest()

    def close(self) -> None:
        """End all of them."""
        with self._guard:
            for folder in [*self._kept]:
                self._end(folder)

    def _make_room(self) -> None:
        idle = [folder for folder, kept in self._kept.items() if kept.execution.is_idle]
        for folder in idle[: max(0, len(self._kept) + 1 - self._projects)]:
            self._end(folder)

    def _rest(self, folder: Path, kept: _Kept) -> None:
        """Count the idle time from now on."""
        if kept.timer is not None:
            kept.timer.cancel()
        kept.timer = threading.Timer(self._idle_seconds, self._end_if_idle, (folder, kept))
        kept.timer.daemon = True
        kept.timer.start()

    def _end_if_idle(self, folder: Path, kept: _Kept) -> None:
        with self._guard:
            if self._kept.get(folder) is not kept:
                return
            if kept.execution.is_idle:
                self._end(folder)
            else:
                self._rest(folder, kept)

    def _end(self, folder: Path) -> None:
        kept = self._kept.pop(folder, None)
        if kept is not None:
            if kept.timer is not None:
                kept.timer.cancel()
            kept.execution.close()
            if kept.lock is not None:
                os.close(kept.lock)


def _begun(project: Project, started_for: _Surroundings, rules: Rules, progress: Progress) -> _Kept:
    assert project.dvc is not None
    execution = Execution(project.folder, started_for.needs, rules, progress)
    lock = lock_file(project.dvc)
    execution.begin(project.dvc, working_directory(project), () if lock is None else (lock,))
    return _Kept(started_for, execution, lock)


def working_directory(project: Project) -> Path:
    """The folder that the stages' kernels run in: the notebook's own."""
    return Path(os.path.normpath(project.folder / project.layout.working_directory))
