"""Which days of the log are over."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z")


def is_day(name: str) -> bool:
    """Whether a folder of the log holds a day."""
    return bool(_DAY.match(name))


def days_over(names: Iterable[str], today: date, keep: int) -> tuple[str, ...]:
    """The days that are more than `keep` days old. A prediction is kept at least so long, and at most one day more."""
    first = today - timedelta(days=keep)
    return tuple(sorted(name for name in names if is_day(name) and date.fromisoformat(name) < first))
