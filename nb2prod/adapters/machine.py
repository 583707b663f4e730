"""What the machine has to give, and who is at work on it."""

from __future__ import annotations

import contextlib
import os


def available_memory() -> int:
    """Bytes that processes can still get without swapping."""
    import psutil

    return int(psutil.virtual_memory().available)


def cores() -> int:
    """Processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def process_name(pid: int) -> str:
    """A process as a person would look for it: its number, and the end of its command where it can be read."""
    import psutil

    with contextlib.suppress(psutil.Error):
        return f"process {pid} ({' '.join(psutil.Process(pid).cmdline()[-3:])})"
    return f"process {pid}"


def command_of(pid: int) -> tuple[str, ...]:
    """The words of a process's command; none where it has ended, or is another user's."""
    import psutil

    with contextlib.suppress(psutil.Error):
        return tuple(psutil.Process(pid).cmdline())
    return ()


def is_alive(process: int) -> bool:
    """Whether a process of this id runs."""
    import psutil

    return process > 0 and bool(psutil.pid_exists(process))


def began(process: int) -> float | None:
    """When a process began, in seconds since the epoch: another one may have its number by now. None where it ended."""
    import psutil

    try:
        found = psutil.Process(process)
        return None if found.status() == psutil.STATUS_ZOMBIE else float(found.create_time())
    except psutil.Error:
        return None
