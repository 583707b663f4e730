"""Long work: each job is a process of its own (runs take turns in one) and a folder of files, which are the truth.

`job.json` says what was asked for, `process.json` who does it, `events.jsonl` how far it is, `result.json` how it
ended, `output.txt` what it printed. A server that starts finds the jobs of the one before, running or ended.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nb2prod.adapters.files import read_mapping, read_text, write_text
from nb2prod.errors import Refused, UsageError
from nb2prod.server import process
from nb2prod.server.events import Account, account_of
from nb2prod.server.runner import Runner

_MOST_KEPT = 40
# Seconds that a job has for tidying up after it was cancelled.
_PATIENCE = 15.0
# Seconds until a job that was ordered has a process that says so.
_STARTING = 10.0

RUNNING, DONE, FAILED, CANCELLED, LOST = "running", "done", "failed", "cancelled", "lost"


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a job failed. `cell`: the id of the cell that raised, empty where none did."""

    message: str
    hint: str = ""
    cell: str = ""


@dataclass(frozen=True, slots=True)
class Job:
    """A job as its files tell it. `path`: the notebook that it is about. Times: seconds since the epoch.

    `state`: running, done, failed, cancelled, or lost where its process went without a word.
    """

    id: str
    verb: str
    path: str
    state: str
    began: float
    ended: float | None
    progress: Account
    trouble: Failure | None
    result: Mapping[str, Any] | None


class Jobs:
    """The jobs in a folder, of notebooks below `root`."""

    def __init__(self, folder: Path, root: Path) -> None:
        self._folder, self._root = folder, root
        self._runner = Runner()
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._guard = threading.Lock()
        #: The jobs that were at work when they were last looked at.
        self._active = {one.id for one in self.listed() if one.state == RUNNING}

    def start(self, verb: str, notebook: Path, path: str, target: Path, options: Mapping[str, Any]) -> Job:
        """Begin. `target`: what the verb is called with. Raises Refused where the notebook has one at work."""
        with self._guard:
            busy = [one for one in self.listed(path) if one.state == RUNNING]
            if busy:
                raise Refused(f"`{busy[0].verb}` is at work on {path} already", hint="wait for it, or cancel it")
            name = f"{int(time.time())}-{secrets.token_hex(4)}"
            folder = self._folder / name
            folder.mkdir(parents=True, mode=0o700)
            order = {"version": 1, "verb": verb, "root": str(self._root), "path": path, "target": str(target)}
            order |= {"options": dict(options), "began": time.time()}
            write_text(folder / "job.json", json.dumps(order))
            kept = self._runner.give(folder) if verb == "run" else None
            self._children[name] = child = kept or self._spawn(folder, notebook.parent)
            self._active.add(name)
            process.mark(folder, child.pid)
            self._forget_old()
        return self.job(name)

    def _spawn(self, folder: Path, place: Path) -> subprocess.Popen[bytes]:
        with (folder / "output.txt").open("wb") as output:
            return subprocess.Popen(
                process.program("nb2prod.server.worker", str(folder)),
                cwd=place,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=os.environ | {"NO_COLOR": "1"},
                start_new_session=True,
            )

    def listed(self, path: str | None = None) -> tuple[Job, ...]:
        """The jobs below the root, or those of one notebook, the newest first."""
        names = sorted((one.name for one in self._folder.glob("*-*") if one.is_dir()), reverse=True)
        found = (self._read(name) for name in names)
        return tuple(one for one in found if one is not None and path in (None, one.path))

    def job(self, name: str) -> Job:
        """One job. Raises UsageError for one that is not known."""
        found = self._read(name) if name and name.replace("-", "").isalnum() else None
        if found is None:
            raise UsageError("there is no such job", hint="reload the list of jobs")
        return found

    def _read(self, name: str) -> Job | None:
        folder = self._folder / name
        order = read_mapping(folder / "job.json")
        if order.get("root") != str(self._root):
            return None
        result = read_mapping(folder / "result.json")
        state, trouble = self._state(name, folder, order, result)
        ended = result.get("ended") if result else None
        progress = account_of(read_text(folder / "events.jsonl") or "")
        answer = result.get("result")
        return Job(name, order["verb"], order["path"], state, order["began"], ended, progress, trouble, answer)

    def _state(
        self, name: str, folder: Path, order: Mapping[str, Any], result: Mapping[str, Any]
    ) -> tuple[str, Failure | None]:
        if result:
            known = result.get("trouble")
            return str(result["state"]), Failure(**known) if known else None
        if self._is_alive(name, folder, order["began"]):
            return RUNNING, None
        if read_mapping(folder / "result.json"):  # written between the two looks
            return self._state(name, folder, order, read_mapping(folder / "result.json"))
        if (folder / "cancel").exists():
            return CANCELLED, None
        last = (read_text(folder / "output.txt") or "").strip().splitlines()[-1:]
        why = f": {last[0][:300]}" if last else ""
        return LOST, Failure(f"its process ended without an answer{why}", "what was finished is kept: start it again")

    def _is_alive(self, name: str, folder: Path, began: float) -> bool:
        child = self._children.get(name)
        if child is not None:
            return child.poll() is None
        known = process.is_alive(folder)
        return time.time() - began < _STARTING if known is None else known

    def active(self) -> list[Job]:
        """The jobs that are at work, or were at the last look."""
        found = [job for name in sorted(self._active) if (job := self._read(name)) is not None]
        self._active -= {job.id for job in found if job.state != RUNNING}
        return found

    def cancel(self, name: str) -> Job:
        """Ask the job to stop; what it holds is put down by itself. `press` ends one that does not listen."""
        found = self.job(name)
        if found.state == RUNNING:
            folder = self._folder / name
            write_text(folder / "cancel", str(time.time()))
            self._runner.leave(folder)
            process.tell(folder, signal.SIGINT, group=False)
        return self.job(name)

    def press(self, job: Job) -> None:
        """End a job that was cancelled and goes on all the same."""
        mark = self._folder / job.id / "cancel"
        if job.state == RUNNING and mark.exists() and time.time() - mark.stat().st_mtime > _PATIENCE:
            process.tell(mark.parent, signal.SIGKILL, group=True)

    def close(self) -> None:
        """Nothing is kept for the next job. Those at work go on."""
        self._runner.close()

    def _forget_old(self) -> None:
        names = sorted((one.name for one in self._folder.glob("*-*") if one.is_dir()), reverse=True)
        for name in names[_MOST_KEPT:]:
            folder = self._folder / name
            if not self._is_alive(name, folder, read_mapping(folder / "job.json").get("began", 0.0)):
                self._children.pop(name, None)
                shutil.rmtree(folder, ignore_errors=True)
