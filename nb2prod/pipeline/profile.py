"""How much of its data a pipeline runs on for a quick answer: `[tool.nb2prod.profiles]` in pyproject.toml.

::

    [tool.nb2prod.profiles.sample]
    rows = 0.1                                      # a share of each table's rows, or a number of them
    at_least = 1000                                 # rows; smaller tables stay whole
    take = { "data/prices.csv" = "first", "data/countries.csv" = "all" }
    parameters = { trees = 20 }

The profile `sample` is there without being written, with these numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from nb2prod.errors import UsageError

SAMPLE = "sample"
KEPT = "sample-data"  # the folder in the pipeline's own where a sample stays
SPREAD, FIRST, ALL = WAYS = ("spread", "first", "all")
_KEYS = ("rows", "at_least", "take", "parameters")


@dataclass(frozen=True, slots=True)
class Profile:
    """`rows`: a share up to 1, or a number of rows. `at_least`: rows that are always taken.

    `take`: how by table (path from the project's root): rows spread over it, its first, or all of it.
    """

    name: str = SAMPLE
    rows: float = 0.1
    at_least: int = 1000
    take: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def way(self, path: str) -> str:
        """How rows are taken from a table: spread over it where nothing else is said."""
        return self.take.get(path, SPREAD)


@dataclass(frozen=True, slots=True)
class Sampled:
    """A table of which `taken` of `of` rows were read; both None where it was read whole, with `why`."""

    path: str
    taken: int | None = None
    of: int | None = None
    why: str = ""

    def sentence(self) -> str:
        """As it is told."""
        if self.taken is None:
            return f"{self.path}: whole" + (f" ({self.why})" if self.why else "")
        return f"{self.path}: {self.taken} of {self.of} rows"


def profile_of(table: Any, name: str, file: str) -> Profile:
    """The profile of that name. Raises UsageError, naming the file, for one that is not there or means nothing."""
    profiles = {} if table is None else table
    if not isinstance(profiles, Mapping):
        raise UsageError(f"{file}: `profiles` is not a table", hint="write [tool.nb2prod.profiles.sample]")
    if name not in profiles and name != SAMPLE:
        known = ", ".join(sorted({SAMPLE, *profiles}))
        raise UsageError(f"there is no profile `{name}`", hint=f"{file} has: {known}")
    entry, where = profiles.get(name, {}), f"{file}: [tool.nb2prod.profiles.{name}]"
    if not isinstance(entry, Mapping) or entry.keys() - set(_KEYS):
        raise UsageError(f"{where} says {entry!r}", hint=f"it has {', '.join(_KEYS)}")
    plain = Profile()
    return Profile(
        name,
        _number(entry.get("rows", plain.rows), "rows", where),
        int(_number(entry.get("at_least", plain.at_least), "at_least", where)),
        _ways(entry.get("take", {}), where),
        _table(entry.get("parameters", {}), "parameters", where),
    )


def _number(value: Any, key: str, where: str) -> float:
    if type(value) not in (int, float) or value <= 0 or (value > 1 and value != int(value)):
        raise UsageError(f"{where}: {key} is {value!r}", hint="write a share, as 0.1, or a number of rows, as 5000")
    return float(value)


def _ways(value: Any, where: str) -> Mapping[str, str]:
    for path, way in _table(value, "take", where).items():
        if way not in WAYS:
            raise UsageError(f"{where}: take of `{path}` is {way!r}", hint=f"write one of {', '.join(WAYS)}")
    return dict(value)


def _table(value: Any, key: str, where: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise UsageError(f"{where}: {key} is {value!r}", hint=f"write {key} = {{ … }}")
    return dict(value)
