"""`runs/NAME.log`: what a stage at work says, line by line as it comes. A by-product, as the executed notebook is."""

from __future__ import annotations

import re
import threading
import time
from pathlib import Path

_COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


class StageLog:
    """The log of one attempt; the first one of a run begins the file anew."""

    def __init__(self, path: Path, *, anew: bool) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._stream = path.open("w" if anew else "a", encoding="utf-8", errors="replace")
        self._guard = threading.Lock()
        self._is_open_line = False

    def event(self, text: str) -> None:
        """A line of ours, with the time of day."""
        with self._guard:
            self._write(("\n" if self._is_open_line else "") + f"{time.strftime('%H:%M:%S')} {text}\n")

    def output(self, text: str) -> None:
        """What a cell printed, showed or raised, without colours."""
        with self._guard:
            self._write(_COLOURS.sub("", text))

    def _write(self, text: str) -> None:
        if text and not self._stream.closed:
            self._stream.write(text)
            self._stream.flush()
            self._is_open_line = not text.endswith("\n")

    def close(self) -> None:
        """End it."""
        with self._guard:
            self._stream.close()
