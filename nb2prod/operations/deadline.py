"""A length of time after which something is ended."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Deadline:
    """`with Deadline(seconds, end):` calls `end` once if the block takes longer; never after the block has ended."""

    def __init__(self, seconds: float | None, end: Callable[[], None]) -> None:
        self._end = end
        self._guard = threading.Lock()
        self._is_done = False
        self._timer = threading.Timer(seconds, self._ring) if seconds is not None else None
        #: Whether the time was up before the block ended.
        self.is_over = False

    def _ring(self) -> None:
        with self._guard:
            if self._is_done:
                return
            self.is_over = True
        self._end()

    def __enter__(self) -> Deadline:
        if self._timer is not None:
            self._timer.daemon = True
            self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._guard:
            self._is_done = True
        if self._timer is not None:
            self._timer.cancel()
