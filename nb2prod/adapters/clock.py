"""The time, as records hold it."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """This moment, in UTC."""
    return datetime.now(UTC)


def timestamp(moment: datetime | None = None, timespec: str = "seconds") -> str:
    """ISO 8601, UTC, with a Z. `moment`: now, where none is given; `timespec`: as `datetime.isoformat` has it."""
    return (moment or now()).isoformat(timespec=timespec).replace("+00:00", "Z")
