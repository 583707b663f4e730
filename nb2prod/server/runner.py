"""The process that a server keeps for runs: the second one finds DVC and the stages' libraries imported.

A job in it is a job as any other: files are the truth about it, it outlives the server, and a signal ends it. So the
process never has two jobs, none after one that did not end well or was cancelled, and none after something was
installed; it ends when it had nothing to do for a while, and after its job when the server is gone, however that went.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import sysconfig
import threading
from pathlib import Path

from nb2prod.adapters.files import read_mapping
from nb2prod.server import process

_IDLE_SECONDS = 600.0


class Runner:
    """Gives jobs to that process. `module`: the process's program."""

    def __init__(self, idle_seconds: float = _IDLE_SECONDS, module: str = "nb2prod.server.warm_worker") -> None:
        self._idle_seconds, self._module = idle_seconds, module
        self._guard = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._started_with: object = None
        self._job = Path()
        self._timer: threading.Timer | None = None

    def give(self, folder: Path) -> subprocess.Popen[bytes] | None:
        """Let it do the job of that folder; None where it has one, and where nothing can be kept on this platform."""
        if sys.platform != "linux" or os.environ.get("NB2PROD_WARM") == "0":
            return None
        with self._guard:
            if self._is_at_work():
                return None
            if not self._is_fit():
                self._let_go()
                self._start()
            assert self._process is not None and self._process.stdin is not None
            self._job = folder
            with contextlib.suppress(BrokenPipeError):  # killed this very moment: the job is lost, as its files tell
                self._process.stdin.write(f"{folder}\n".encode())
            self._rest()
            return self._process

    def leave(self, folder: Path) -> None:
        """The job of that folder is its last one."""
        with self._guard:
            if self._job == folder:
                self._let_go()

    def close(self) -> None:
        """It ends after its job."""
        with self._guard:
            self._let_go()

    def _is_at_work(self) -> bool:
        alive = self._process is not None and self._process.poll() is None
        return alive and self._job.exists() and not (self._job / "result.json").exists()

    def _is_fit(self) -> bool:
        """Whether it waits for a job, and would do it as a new process does."""
        if self._process is None or self._process.poll() is not None:
            return False
        ended = read_mapping(self._job / "result.json").get("state")
        return ended == "done" and self._started_with == _surroundings()

    def _start(self) -> None:
        self._started_with = _surroundings()
        self._process = subprocess.Popen(
            process.program(self._module),
            cwd="/",
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=os.environ | {"NO_COLOR": "1"},
            start_new_session=True,
        )

    def _let_go(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
        self._process = None

    def _rest(self) -> None:
        """Count the idle time from now on."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = threading.Timer(self._idle_seconds, self._let_go_if_idle, (self._process, self._job))
        self._timer.daemon = True
        self._timer.start()

    def _let_go_if_idle(self, known: subprocess.Popen[bytes], job: Path) -> None:
        with self._guard:
            if self._process is not known or self._job != job:
                return
            if self._is_at_work():
                self._rest()
            else:
                self._let_go()


def _surroundings() -> object:
    """What a new process would be started with: the environment, where modules are found, what is installed."""
    places = {sysconfig.get_path(name) for name in ("purelib", "platlib")}
    installed = {place: Path(place).stat().st_mtime_ns for place in places if Path(place).exists()}
    return dict(os.environ), [*sys.path], installed
