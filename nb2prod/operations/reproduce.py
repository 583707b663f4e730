"""The story of a run that has something to do: warm kernels, DVC's plan, stages side by side, the record."""

from __future__ import annotations

import contextlib
import json
import time
from dataclasses import dataclass
from pathlib import Path

from nb2prod.adapters import stamp
from nb2prod.adapters.files import read_text, write_text
from nb2prod.adapters.machine import available_memory
from nb2prod.adapters.reproduction import Busy, Reproduction, Step
from nb2prod.adapters.run_lock import run_lock
from nb2prod.adapters.settings import stage_rules
from nb2prod.operations.execution import Execution
from nb2prod.operations.imports import Needs
from nb2prod.operations.progress import Progress
from nb2prod.operations.project import Project
from nb2prod.operations.side_by_side import has_room, run_side_by_side
from nb2prod.operations.warm import Warm, working_directory


@dataclass(frozen=True, slots=True)
class Order:
    """What was asked for: all or one stage, whatever DVC says or not, and how many side by side."""

    force: bool
    single: str | None
    jobs: int


@dataclass(frozen=True, slots=True)
class Done:
    """The stages that were executed and those that were not, in the pipeline's order; those that failed in a fork."""

    executed: tuple[str, ...]
    skipped: tuple[str, ...]
    retried: tuple[str, ...]


def reproduce(project: Project, needs: Needs, order: Order, progress: Progress, warm: Warm | None = None) -> Done:
    """Bring the stages up to date. `warm` keeps the warm process for the next run.

    Raises CellFailed, OutsideError, and UnknownDvc before anything was done.
    """
    rules = stage_rules(project.folder)
    top = project.dvc
    assert top is not None
    if warm is not None:
        with warm.taken(project, needs, rules, progress, order.single) as kept:
            return reproduce_with(kept, project, order, progress)
    with run_lock(top, order.single, progress.note) as inherited:
        execution = Execution(project.folder, needs, rules, progress)
        try:
            execution.begin(top, working_directory(project), inherited)
            return reproduce_with(execution, project, order, progress)
        finally:
            execution.close()


def reproduce_with(execution: Execution, project: Project, order: Order, progress: Progress) -> Done:
    """The same with an execution that is there already. Raises as `reproduce`."""
    try:
        with contextlib.closing(Reproduction(project.folder, execution, progress.note)) as reproduction:
            steps = _reproduce(reproduction, execution, project, order, progress)
    finally:
        execution.rest()
    names = [step.name for step in steps]
    executed = tuple(name for name in names if name in reproduction.executed)
    return Done(executed, tuple(name for name in names if name not in executed), tuple(execution.retried))


def _reproduce(
    reproduction: Reproduction, execution: Execution, project: Project, order: Order, progress: Progress
) -> tuple[Step, ...]:
    assert project.dvc is not None
    memory = project.dvc / ".dvc" / "tmp" / "nb2prod" / "memory.json"
    execution.memory = _read_memory(memory)
    try:
        steps, changed = _until_none_is_busy(reproduction, execution, order, progress)
        _remember(reproduction, project, steps, changed)
        return steps
    finally:
        if execution.memory:
            write_text(memory, json.dumps(execution.memory, indent=1, sort_keys=True) + "\n")


@dataclass(slots=True)
class _Change:
    """The disk before DVC looked at it, and whether anything was done since."""

    before: stamp.State | None = None
    is_any: bool = False


def _until_none_is_busy(
    reproduction: Reproduction, execution: Execution, order: Order, progress: Progress
) -> tuple[tuple[Step, ...], _Change]:
    """All steps, again from the start where another process was at work on a stage's files."""
    change = _Change()
    told = False
    while True:
        steps = reproduction.steps(order.single)
        change.before = None if order.single else _look(reproduction)
        execution.expected = {step.name for step in steps}

        def one(step: Step) -> None:
            again = step.name in reproduction.executed
            did = reproduction.reproduce(step.name, force=order.force and not again)
            change.is_any = change.is_any or did
            execution.expected.discard(step.name)

        room = has_room(available_memory, execution.memory, execution.needs_gpu)
        error = run_side_by_side(steps, one, jobs=order.jobs, room=room, stop=execution.stop)
        reproduction.record_rest()
        if error is None:
            return steps, change
        if not isinstance(error, Busy):
            raise error
        if not told:
            progress.note(f"waiting for another process: {error}")
        told = True
        time.sleep(0.5)


def _look(reproduction: Reproduction) -> stamp.State | None:
    files = reproduction.files()
    return None if files is None else stamp.look(files)


def _remember(reproduction: Reproduction, project: Project, steps: tuple[Step, ...], change: _Change) -> None:
    """Stamp the state, if DVC calls it clean: what it just passed over, or what it says now."""
    assert project.dvc is not None
    before = change.before
    if before is not None and change.is_any:
        before = _look(reproduction)
        before = before if reproduction.status() == {} else None
    if before is not None:
        stamp.write(project.dvc, project.folder, [step.name for step in steps], before)


def _read_memory(path: Path) -> dict[str, int]:
    with contextlib.suppress(ValueError, AttributeError):
        return {str(name): int(size) for name, size in json.loads(read_text(path) or "{}").items()}
    return {}
