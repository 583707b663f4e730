"""One `nb2prod run` at a time in a repository, and one of each stage: the second waits, and says for whom."""

from __future__ import annotations

import contextlib
import os
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
    try:
        import fcntl
    except ImportError:  # Windows: DVC's own locks remain
        yield ()
        return
    path = top / ".dvc" / "tmp" / f"nb2prod{f'-{single}' if single else ''}.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
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
        yield (handle,)
    finally:
        os.close(handle)
