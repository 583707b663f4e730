"""Batches that are decided by one rename: killed at any moment, a batch is there whole or never was."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from nb2prod.adapters.files import read_text, write_text
from nb2prod.errors import OutsideError
from nb2prod.prediction.journal import Plan, plan_of, text_of
from nb2prod.prediction.places import JOURNAL, WORK, Places, lock

#: Seconds that the process of a killed `predict` may need to notice.
_PATIENCE = 10.0


@dataclass(frozen=True, slots=True)
class Begun:
    """A batch at work. `handle`: of the lock, to be inherited by whoever writes for it."""

    log: Path
    plan: Plan
    handle: int


@contextlib.contextmanager
def locked(log: Path, output: str) -> Iterator[int]:
    """Hold the lock of an output file. Raises OutsideError where another `predict` writes it."""
    path = log / lock(output)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise OutsideError(
            f"cannot write {path}: {error.strerror}", hint="the prediction log must be writable"
        ) from error
    try:
        _wait_for(handle, output)
        yield handle
    finally:
        os.close(handle)


def _wait_for(handle: int, output: str) -> None:
    until = time.monotonic() + _PATIENCE
    while not _taken(handle):
        if time.monotonic() > until:
            raise OutsideError(
                f"another `nb2prod predict` is writing {output}", hint="wait for it, or name another file with --out"
            )
        time.sleep(0.02)


def _taken(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in (errno.EWOULDBLOCK, errno.EACCES):
            raise
        return False
    return True


def begin(log: Path, plan: Plan, handle: int) -> Begun:
    """Write down what the batch will leave, before any of it is there."""
    write_text(log / Places(plan.batch).begun, text_of(plan))
    return Begun(log, plan, handle)


def decide(begun: Begun) -> None:
    """All files are written: from here on the batch is. Then give them their names. Raises OutsideError where one
    cannot have it: the batch stays decided, and the next call tries again.
    """
    places = Places(begun.plan.batch)
    decided = begun.log / places.decided
    decided.parent.mkdir(parents=True, exist_ok=True)
    (begun.log / places.begun).replace(decided)
    _carry_out(decided)


def give_up(begun: Begun) -> None:
    """The batch never was."""
    _clear(begun.log / Places(begun.plan.batch).begun, begun.plan)


def settle(log: Path, held: str = "") -> tuple[str, ...]:
    """Carry out what was decided, clear away what was not and has nobody any more. The batches that were carried out.

    Whoever reads the log calls this first. Two may do so at the same time. `held`: the lock's path that the caller
    holds himself, so that nobody else works on what was begun under it. What cannot be carried out now stays decided.
    Raises OutsideError for a batch of that lock.
    """
    done = []
    for path in _plans(log / JOURNAL):
        try:
            done += [batch for batch in (_carry_out(path),) if batch]
        except OutsideError:
            plan = plan_of(read_text(path) or "")
            if plan is not None and plan.lock == held:  # a newer output must not be replaced by it later
                raise
    for path in _plans(log / WORK):
        plan = plan_of(read_text(path) or "")
        if plan is None:
            path.unlink(missing_ok=True)
        elif plan.lock == held or _is_abandoned(Path(plan.lock)):
            _clear(path, plan)
    return tuple(done)


def _plans(folder: Path) -> list[Path]:
    try:
        return sorted(Path(entry.path) for entry in os.scandir(folder) if entry.name.endswith(".json"))
    except FileNotFoundError:
        return []


def _carry_out(decided: Path) -> str | None:
    plan = plan_of(read_text(decided) or "")
    if plan is None:  # somebody else was faster
        return None
    for source, target in plan.moves:
        try:
            Path(target).parent.mkdir(parents=True, exist_ok=True)
            Path(source).replace(target)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise OutsideError(
                f"{target} cannot be written: {error.strerror}",
                hint=f"batch {plan.batch} is done: put that right, and call again; the file gets its name then",
            ) from error
    decided.unlink(missing_ok=True)
    return plan.batch


def _clear(begun: Path, plan: Plan) -> None:
    for source in plan.temporary:
        Path(source).unlink(missing_ok=True)
    begun.unlink(missing_ok=True)


def _is_abandoned(path: Path) -> bool:
    """Whether nobody holds the lock: the processes of that batch are gone."""
    try:
        handle = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return True
    try:
        return _taken(handle)
    finally:
        os.close(handle)
