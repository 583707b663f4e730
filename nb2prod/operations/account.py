"""What stages at work tell: one line for the screen, though several may run, and a log of each in `runs/`."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from nb2prod.adapters.stage_log import StageLog
from nb2prod.operations.progress import Progress


class Board:
    """The stages that run, and how far each has come."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._guard = threading.Lock()
        self._cells: dict[str, tuple[int, int]] = {}

    def cell(self, name: str, number: int, total: int) -> None:
        """A stage begins a cell."""
        with self._guard:
            self._cells[name] = number, total
            others = "".join(f", {one} {at}/{of}" for one, (at, of) in self._cells.items() if one != name)
            self._progress.cell(f"stage {name}{others}", number, total)

    def end(self, name: str) -> None:
        """A stage has ended, well or not."""
        with self._guard:
            self._cells.pop(name, None)

    def note(self, text: str) -> None:
        """A line of its own."""
        with self._guard:
            self._progress.note(text)


class Account:
    """One attempt at a stage, told to the board and to the stage's log."""

    def __init__(self, board: Board, name: str, log: Path, *, anew: bool) -> None:
        self._board = board
        self._name = name
        self._log = StageLog(log, anew=anew)
        self._began = time.monotonic()
        self._log.event(f"stage {name}")
        #: The cell that runs, counted from 1; 0 before the first.
        self.number = 0

    def cell(self, number: int, total: int) -> None:
        """A cell begins."""
        self.number = number
        self._board.cell(self._name, number, total)
        self._log.event(f"cell {number}/{total}")

    def output(self, text: str) -> None:
        """A cell said something."""
        self._log.output(text)

    def end(self, failure: str = "") -> None:
        """The attempt is over."""
        self._board.end(self._name)
        seconds = time.monotonic() - self._began
        self._log.event(f"failed: {failure}" if failure else f"done in {seconds:.1f} s")
        self._log.close()
        if not failure:
            self._board.note(f"stage {self._name}: {seconds:.1f} s")
