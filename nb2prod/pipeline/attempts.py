"""How long a stage may take, how often it is tried, whether it needs the GPU: `[tool.nb2prod.stages]`.

::

    [tool.nb2prod.stages]
    "*" = { timeout = "2h" }
    load = { timeout = "10m", retry = 2 }
    train = { gpu = 1 }
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nb2prod.errors import UsageError

_EVERY = "*"
_TIME = re.compile(r"(\d+(?:\.\d+)?)\s*(s|m|h|)\Z")
_SECONDS = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0}


@dataclass(frozen=True, slots=True)
class Attempts:
    """`timeout`: seconds for one attempt, None for as long as it takes. `retry`: attempts after the first failure.

    `gpu`: 1 for a stage that computes on the machine's GPU, which one stage has at a time.
    """

    timeout: float | None = None
    retry: int = 0
    gpu: int = 0


class Rules:
    """What holds for which stage. Raises UsageError, naming the file, for a table that cannot mean anything."""

    def __init__(self, table: Any = None, file: str = "") -> None:
        self._entries: dict[str, Mapping[str, Any]] = {}
        entries = {} if table is None else table
        if not isinstance(entries, Mapping):
            raise UsageError(f"{file}: `stages` is not a table", hint="write [tool.nb2prod.stages]")
        for name, entry in entries.items():
            self._entries[name] = _entry(name, entry, file)

    def __bool__(self) -> bool:
        return bool(self._entries)

    def of(self, stage: str) -> Attempts:
        """A stage's own words, and for what it leaves unsaid those for every stage (`*`)."""
        return Attempts(**{**self._entries.get(_EVERY, {}), **self._entries.get(stage, {})})


def _entry(name: str, entry: Any, file: str) -> Mapping[str, Any]:
    where = f"{file}: [tool.nb2prod.stages] `{name}`"
    if not isinstance(entry, Mapping) or entry.keys() - {"timeout", "retry", "gpu"}:
        raise UsageError(f"{where} says {entry!r}", hint='write { timeout = "30m", retry = 2 }, or one of them')
    found: dict[str, Any] = {}
    if "timeout" in entry:
        found["timeout"] = _seconds(entry["timeout"], where)
    if "retry" in entry:
        if type(entry["retry"]) is not int or entry["retry"] < 0:
            raise UsageError(f"{where}: retry is {entry['retry']!r}", hint="write how many times, as `retry = 2`")
        found["retry"] = entry["retry"]
    if "gpu" in entry:
        if type(entry["gpu"]) is not int or entry["gpu"] not in (0, 1):
            raise UsageError(f"{where}: gpu is {entry['gpu']!r}", hint="write `gpu = 1` for a stage that needs it")
        found["gpu"] = entry["gpu"]
    return found


def _seconds(value: Any, where: str) -> float:
    """`"30m"`, `"1.5h"`, `"90s"`, or a number of seconds."""
    words = _TIME.match(str(value)) if type(value) in (int, float, str) else None
    seconds = float(words[1]) * _SECONDS[words[2]] if words else 0.0
    if seconds <= 0:
        raise UsageError(f"{where}: timeout is {value!r}", hint='write "90s", "30m" or "2h"')
    return seconds


def told(seconds: float) -> str:
    """A length of time as it would be written in the table: the largest unit that gives a whole number."""
    for unit in ("h", "m"):
        if seconds % _SECONDS[unit] == 0:
            return f"{seconds / _SECONDS[unit]:.0f}{unit}"
    return f"{seconds:g}s"
