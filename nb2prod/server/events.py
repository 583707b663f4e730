"""What a job writes down while it works, one JSON value a line, and what that adds up to."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path

from nb2prod.plain_text import plain

_MOST_NOTES = 50


@dataclass(frozen=True, slots=True)
class Account:
    """How far a job is. `stage`: the one at work, empty where none is. `number` of `total` cells of this part.

    `done`: stages that were at work before. `notes`: what people should know, the newest last.
    """

    phase: str = ""
    stage: str = ""
    cell: str = ""
    number: int = 0
    total: int = 0
    done: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class Written:
    """Progress into a file; each event is one write."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def phase(self, text: str) -> None:
        """A new part of the work."""
        self._write("phase", text, 0, 0)

    def cell(self, text: str, number: int, total: int) -> None:
        """A cell starts."""
        self._write("cell", text, number, total)

    def note(self, text: str) -> None:
        """Something that people should know."""
        self._write("note", text, 0, 0)

    def _write(self, kind: str, text: str, number: int, total: int) -> None:
        with self._file.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps([kind, plain(text)[:2000], number, total, time.time()]) + "\n")


def account_of(text: str) -> Account:
    """The sum of the events. A line that is not yet whole is left for the next look."""
    phase = stage = cell = ""
    number = total = 0
    done: dict[str, None] = {}
    notes: list[str] = []
    for line in text.splitlines(keepends=True):
        if not line.endswith("\n"):
            break
        kind, said, at, of, _ = json.loads(line)
        if kind == "note":
            notes.append(said)
            continue
        name = _stage(said)
        if stage and name != stage:
            done[stage] = None
        stage = name if kind == "phase" or name else stage
        if kind == "phase":
            phase, cell, number, total = said, "", 0, 0
        else:
            cell, number, total = said, at, of
    return Account(phase, stage, cell, number, total, tuple(done), tuple(notes[-_MOST_NOTES:]))


def _stage(text: str) -> str:
    """The name in `stage NAME …`, as `convert` and `run` say it."""
    word, _, rest = text.partition(" ")
    return rest.split(",")[0].split(" ")[0] if word == "stage" else ""
