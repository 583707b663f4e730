"""One `nb2prod run` at a time in a repository, and one of each stage: the second waits, and says for whom."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path


@contextlib.contextmanager
def run_lock(top: Path, single: str | None, note: Callable[[str], None]) -> Iterator[tuple[int, ...]]:
    """Hold the repository's lock for runs; the open files that keep it, for processes that must end with the run.

    `single`: the name of the one stage that is run. Engines run several of them at once, so each has a lock of its own;
    DVC's locks see to the rest.

    The system gives the lock back when the last process that keeps it is gone, however it went.
    """
    handle = lock_file(top, single)
    if handle is None:
        yield ()
        return
    try:
        _take(handle, note)
        yield (handle,)
    finally:
        os.close(handle)


def lock_file(top: Path, single: str | None = None) -> int | None:
    """The lock's file, open and not held: a process that inherits it can be there before the run, and outlast it.

    None on Windows, where DVC's own locks remain.
    """
    if sys.platform == "win32":
        return None
    path = top / ".dvc" / "tmp" / f"nb2prod{f'-{single}' if single else ''}.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o644)


@contextlib.contextmanager
def held(handle: int | None, note: Callable[[str], None]) -> Iterator[None]:
    """Hold the lock while the block lasts; if this process is killed, until all that inherited it are gone."""
    if handle is None:
        yield
        return
    import fcntl

    _take(handle, note)
    try:
        yield
    finally:
        fcntl.flock(handle, fcntl.LOCK_UN)


def _take(handle: int, note: Callable[[str], None]) -> None:
    import fcntl

    told = False
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            if not told:
                holder = os.pread(handle, 20, 0).decode("ascii", "replace").strip()
                note(f"waiting for another `nb2prod run` of this repository to end (process {holder})")
            told = True
            time.sleep(0.1)
    os.ftruncate(handle, 0)
    os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
