"""The process of one job after the other: runs, which keep between them what they imported. See `runner`.

Each line of its input is a job's folder. At the end of the input, which comes with the server's end too, it has done
the job that it had, and ends. It ends as well after a job that did not end well: what such a one left is not relied on.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

from nb2prod.adapters.settings import settings_for
from nb2prod.adapters.surroundings import forget
from nb2prod.operations.progress import Progress
from nb2prod.operations.warm import Warm
from nb2prod.server.process import mark
from nb2prod.server.worker import Options, do, read_order, run


class _AtWork:
    """The job at work. A signal that was meant for an earlier one interrupts nothing."""

    def __init__(self, warm: Warm) -> None:
        self._warm = warm
        self._folder: Path | None = None

    def interrupt(self, *_: object) -> None:
        """SIGINT: who cancels a job leaves a file in its folder first."""
        if self._folder is not None and (self._folder / "cancel").exists():
            raise KeyboardInterrupt

    def do(self, folder: Path) -> str:
        """One run; the word for how it ended."""
        mark(folder, os.getpid())
        order = read_order(folder)
        os.chdir(Path(order["root"], order["path"]).parent)
        settings_for.cache_clear()
        forget()
        self._folder = folder
        try:
            return do(folder, order, self._run)
        finally:
            self._folder = None
            os.chdir("/")

    def _run(self, target: Path, options: Options, progress: Progress) -> dict[str, Any]:
        self.interrupt()  # it may have been cancelled before it was this process's
        return run(target, options, progress, self._warm)


def main() -> None:
    """Do jobs until there are no more."""
    with Warm() as warm:
        work = _AtWork(warm)
        signal.signal(signal.SIGINT, work.interrupt)
        for line in sys.stdin:
            folder = Path(line.rstrip("\n"))
            _speak_into(folder / "output.txt")
            if work.do(folder) != "done":
                break


def _speak_into(file: Path) -> None:
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    for stream in (1, 2):
        os.dup2(handle, stream)
    os.close(handle)


if __name__ == "__main__":
    main()
