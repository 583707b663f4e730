"""Until something that another process does is so."""

from __future__ import annotations

import time
from collections.abc import Callable


def wait(is_so: Callable[[], object], seconds: float = 60.0) -> None:
    """Fails when it takes longer."""
    until = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.01)
