"""Start nb2prod, kill it at some moment, see that nothing half-written counts."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil

from integration.projects import environment, forget_results, nb2prod

Moment = Callable[[Path, float], bool]


@dataclass(frozen=True)
class Stopped:
    """How it ended: its exit code, what it printed on standard error, and where its temporary files were."""

    code: int
    errors: str
    temporary: str


def kill_run(root: Path, seconds: float, *, everything: bool) -> Stopped:
    """Run the pipeline from nothing, kill nb2prod after some seconds, then run until it succeeds.

    `everything`: all its processes die with it, as when a machine stops; else only nb2prod itself.
    """
    pipeline = root / "pipeline"
    forget_results(root, pipeline)
    stopped = _start_and_kill(
        root, ["run", "pipeline"], signal.SIGKILL, lambda _, elapsed: elapsed >= seconds, everything
    )
    _check_whole(pipeline)
    deadline = time.monotonic() + 120
    while (done := nb2prod(root, "run", "pipeline", code=None)).returncode != 0:
        assert "holds the lock" in done.stderr, done.stderr  # what was not killed is still at work
        assert time.monotonic() < deadline, done.stderr
        time.sleep(1)
    return stopped


def kill_process(root: Path, victim: str, seconds: float) -> str:
    """Run the pipeline from nothing and kill one of its processes: `run` itself, its warm `parent`, or a `stage`.

    `seconds`: how long the victim lives. Returns what became of the run, all of whose processes must soon be gone.
    """
    forget_results(root, root / "pipeline")
    process = subprocess.Popen(
        [sys.executable, "-m", "nb2prod", "run", "pipeline"],
        cwd=root,
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    seen: dict[int, psutil.Process] = {}
    hit = _strike(process, victim, seconds, seen)
    errors = process.communicate(timeout=120)[1]
    _, still = psutil.wait_procs(list(seen.values()), 10)
    assert not still, f"left behind: {still}"
    assert process.returncode in (0, 3, -signal.SIGKILL), errors
    return f"{hit}, exit code {process.returncode}"


def _strike(process: subprocess.Popen[str], victim: str, seconds: float, seen: dict[int, psutil.Process]) -> str:
    began = time.monotonic()
    there: float | None = None
    while process.poll() is None:
        with contextlib.suppress(psutil.NoSuchProcess):
            for child in psutil.Process(process.pid).children(recursive=True):
                seen.setdefault(child.pid, child)
        target = _find(process.pid, victim, seen)
        there = there or (time.monotonic() if target is not None else None)
        if target is not None and there is not None and time.monotonic() - there >= seconds:
            with contextlib.suppress(psutil.NoSuchProcess, ProcessLookupError):
                target.kill()
                return f"killed after {time.monotonic() - began:.2f} s"
        time.sleep(0.005)
    return "had ended before"


def _find(pid: int, victim: str, seen: dict[int, psutil.Process]) -> psutil.Process | None:
    """The run itself, its warm parent, or the newest kernel."""
    with contextlib.suppress(psutil.NoSuchProcess):
        if victim == "run":
            return psutil.Process(pid)
        parents = [
            one
            for one in seen.values()
            if one.is_running() and one.ppid() == pid and "warm.py" in "".join(one.cmdline())
        ]
        if victim == "parent" or not parents:
            return parents[0] if parents and victim == "parent" else None
        stages = parents[0].children()
        return stages[0] if stages else None
    return None


def _check_whole(pipeline: Path) -> None:
    """Whatever has its final name is whole; only names of temporary files may be left."""
    for path in (pipeline / "artifacts").rglob("*.json"):
        json.loads(path.read_text("utf-8"))


def kill_convert(root: Path, sent: signal.Signals, moment: Moment) -> Stopped:
    """Start `convert` and send the signal when `moment(folder, seconds)` is true."""
    stopped = _start_and_kill(root, ["convert", "sales.ipynb"], sent, moment, everything=False)
    record = root / "pipeline" / "conversion.json"
    if record.exists():
        json.loads(record.read_text("utf-8"))
    return stopped


def _start_and_kill(
    folder: Path, arguments: list[str], sent: signal.Signals, moment: Moment, everything: bool
) -> Stopped:
    temporary = tempfile.mkdtemp(prefix="killed-")
    process = subprocess.Popen(
        [sys.executable, "-m", "nb2prod", *arguments],
        cwd=folder,
        env=environment({"TMPDIR": temporary}),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    began = time.monotonic()
    while process.poll() is None and not moment(folder, time.monotonic() - began):
        time.sleep(0.001)
    children = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
    with contextlib.suppress(ProcessLookupError):
        os.kill(process.pid, sent)
    if everything:
        for child in children:
            with contextlib.suppress(psutil.NoSuchProcess):
                child.kill()
    code = process.wait(60)
    _, still = psutil.wait_procs(children, 60)
    assert not still, "processes were left behind"
    errors = process.stderr.read() if process.stderr else ""
    return Stopped(code, errors, temporary)
