"""nb2prod as a process that dies in a chosen phase: `striking.py FILE PHASE after SECONDS|at EVENT -- VERB …`.

A phase is a function of the verb. It is killed with all its processes (SIGKILL) so many seconds after the phase began,
or at its n-th event: a file opened, renamed or removed, a folder made, a program started. Without a moment
(`FILE PHASE watch`) it runs to its end and FILE tells how long each phase took and how many events it had.
"""

from __future__ import annotations

import functools
import importlib
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_SHARED = {
    "tags fetched": "nb2prod.adapters.remotes:fetch_tags",
    "tag made": "nb2prod.adapters.tags:create_tag",
    "right after the tag": "nb2prod.adapters.remotes:tags_at",
    "tag sent": "nb2prod.adapters.remotes:push_tags",
}
_PLACED = {"files brought": "nb2prod.operations.bundle:_fill", "folder swapped": "nb2prod.operations.bundle:adopt"}
#: Verb → its phases, in their order.
PHASES: Mapping[str, Mapping[str, str]] = {
    "release": {
        "looked at": "nb2prod.operations.releasing:prepared",
        "data sent": "nb2prod.adapters.dvc_store:push",
        "data fetched back": "nb2prod.adapters.dvc_store:fetch_back",
        "files brought": _PLACED["files brought"],
        "gate": "nb2prod.operations.releasing:gate",
        "skew": "nb2prod.operations.releasing:skew_condition",
        "evidence written": "nb2prod.operations.releasing:record_evidence",
        **_SHARED,
        "folder swapped": "nb2prod.operations.release:adopt",
        "card written": "nb2prod.operations.release:write_documents",
    },
    "deploy": {
        **_SHARED,
        **_PLACED,
        "gate": "nb2prod.operations.gating:gate",
        "evidence written": "nb2prod.operations.deploying:_record",
    },
    "rollback": {
        **_SHARED,
        **_PLACED,
        "recent inputs tried": "nb2prod.operations.rollback:try_recent",
        "evidence written": "nb2prod.operations.deploying:_record",
    },
    "predict": {
        "model found": "nb2prod.operations.predict:served_by",
        "what was left undone": "nb2prod.adapters.prediction_journal:settle",
        "begun": "nb2prod.adapters.prediction_journal:begin",
        "predicted": "nb2prod.adapters.worker:Worker.ask",
        "records written": "nb2prod.operations.predict:_write_records",
        "decided": "nb2prod.adapters.prediction_journal:decide",
        "old days removed": "nb2prod.operations.predict:expire",
    },
}
_EVENTS = ("open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate", "subprocess.Popen", "shutil.rmtree")
#: Seconds: a shorter phase is hit at its events only.
_LONG = 0.02


@dataclass(frozen=True)
class Moment:
    """`at`: the n-th event of the phase; otherwise `after` so many seconds."""

    phase: str
    at: int | None = None
    after: float = 0.0

    def __str__(self) -> str:
        return f"{self.phase}, " + (f"{self.after:.2f} s" if self.at is None else f"event {self.at}")


def strike(root: Path, arguments: tuple[str, ...], moment: Moment) -> bool:
    """Run a verb and kill it at that moment; False where it had ended before."""
    how = ["after", str(moment.after)] if moment.at is None else ["at", str(moment.at)]
    return _run(root, os.devnull, moment.phase, how, arguments) == -signal.SIGKILL


def watch(root: Path, arguments: tuple[str, ...]) -> dict[str, tuple[float, int]]:
    """Phase → (seconds, events) of a verb that nobody disturbs; phases that it does not come to are left out."""
    file = root.parent / "watched.json"
    code = _run(root, str(file), "", ["watch"], arguments)
    assert code == 0, f"{arguments} ended with {code}"
    return {name: (one[0], one[1]) for name, one in json.loads(file.read_text()).items()}


def moment_in(phase: str, seconds: float, events: int, chance: random.Random) -> Moment:
    """A random moment: half of them at an event, where there are any."""
    if events and (seconds < _LONG or chance.random() < 0.5):
        return Moment(phase, at=chance.randint(1, events))
    return Moment(phase, after=chance.uniform(0.0, seconds))


def _run(root: Path, file: str, phase: str, how: list[str], arguments: tuple[str, ...]) -> int:
    from integration.projects import environment

    command = [sys.executable, __file__, file, phase, *how, "--", *arguments]
    done = subprocess.run(
        command,
        cwd=root,
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        start_new_session=True,
    )
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    return done.returncode


# ── In the process that dies ─────────────────────────────────────────────────────────────────────────────


class _Watch:
    """Counts events while a phase is on; kills at the one that was asked for."""

    def __init__(self, phase: str, how: str, amount: float) -> None:
        self._phase, self._how, self._amount = phase, how, amount
        self._now: str | None = None
        self._events = 0
        self.seen: dict[str, tuple[float, int]] = {}
        sys.addaudithook(self._heard)

    def around(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, watched the first time that it is called."""

        @functools.wraps(function)
        def watched(*arguments: Any, **keywords: Any) -> Any:
            if name in self.seen or self._now is not None or self._phase not in ("", name):
                return function(*arguments, **keywords)
            self._now, self._events, began = name, 0, time.monotonic()
            if self._how == "after":
                threading.Timer(self._amount, _die).start()
            try:
                return function(*arguments, **keywords)
            finally:
                self.seen[name] = (time.monotonic() - began, self._events)
                self._now = None
                if self._how != "watch":  # it was quicker, or had fewer events, than when it was watched
                    _die()

        return watched

    def _heard(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self._now is None or event not in _EVENTS or (event == "open" and not _writes(arguments)):
            return
        self._events += 1
        if self._how == "at" and self._events >= self._amount:
            _die()


def _writes(arguments: tuple[Any, ...]) -> bool:
    return bool(arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))


def _die() -> None:
    os.killpg(os.getpgrp(), signal.SIGKILL)


def _main() -> None:
    file, phase, how, *rest = sys.argv[1:]
    at = rest.index("--")
    verb = rest[at + 1]
    watched = _Watch(phase, how, float(rest[0]) if at else 0.0)
    for name, place in PHASES[verb].items():
        module, _, path = place.partition(":")
        *owners, last = path.split(".")
        owner = functools.reduce(getattr, owners, importlib.import_module(module))
        setattr(owner, last, watched.around(name, getattr(owner, last)))
    sys.argv[1:] = rest[at + 1 :]
    from nb2prod.cli import main

    try:
        main()
    finally:
        Path(file).write_text(json.dumps(watched.seen))


if __name__ == "__main__":
    _main()
