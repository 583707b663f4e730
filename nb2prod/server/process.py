"""Who does a job: how it is started, its number and when it began, since another process may have the number by now."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

from nb2prod.adapters.files import read_text, write_text
from nb2prod.adapters.machine import began

_FILE = "process.json"
_PROGRAM = (
    "import json, runpy, sys; sys.path[:] = json.loads(sys.argv.pop(1)); "
    "runpy.run_module(sys.argv.pop(1), run_name='__main__', alter_sys=True)"
)


def program(module: str, *arguments: str) -> list[str]:
    """A module of ours as a command that finds what this process finds.

    PYTHONPATH would reach the notebook's kernel too, whose interpreter may be another one with other libraries; the
    folder that a process works in may hold a file with a library's name.
    """
    return [sys.executable, "-P", "-c", _PROGRAM, json.dumps([path for path in sys.path if path]), module, *arguments]


def mark(folder: Path, pid: int) -> None:
    """Write down who does the job of that folder. Whoever starts it and it itself do: one of them may be killed."""
    write_text(folder / _FILE, json.dumps({"pid": pid, "created": began(pid)}))


def is_alive(folder: Path) -> bool | None:
    """Whether that process is there still; None where nobody wrote down who it is."""
    known = _known(folder)
    return None if known is None else known[1] is not None and began(known[0]) == known[1]


def tell(folder: Path, number: signal.Signals, *, group: bool) -> None:
    """Send it a signal, or with `group` it and all that it started."""
    known = _known(folder)
    if known and is_alive(folder):
        try:
            (os.killpg if group else os.kill)(known[0], number)
        except ProcessLookupError:
            return


def _known(folder: Path) -> tuple[int, float | None] | None:
    try:
        found = json.loads(read_text(folder / _FILE) or "null")
        return int(found["pid"]), found["created"]
    except (ValueError, KeyError, TypeError):
        return None
