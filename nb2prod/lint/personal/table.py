"""The table of personal data, read once."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources


@dataclass(frozen=True, slots=True)
class ValueForm:
    """How one kind of value looks. `least`: how many different ones count; `near`: words that must stand there too.

    `shapes`: one of them is in every such value, when its digits are `0` and its capitals `A`.
    """

    name: str
    keywords: tuple[str, ...]
    expression: str
    checksum: str
    near: tuple[str, ...]
    least: int
    shapes: tuple[bytes, ...]

    @property
    def pattern(self) -> re.Pattern[str]:
        """Compiled when it is needed."""
        return _compiled(self.expression)


@cache
def _compiled(expression: str) -> re.Pattern[str]:
    return re.compile(expression)


@dataclass(frozen=True, slots=True)
class PersonalTable:
    """Columns as tuples of words; values; samples that are nobody's."""

    columns: frozenset[tuple[str, ...]]
    values: tuple[ValueForm, ...]
    domains: tuple[str, ...]
    local_parts: frozenset[str]
    endings: frozenset[str]
    datasets: tuple[str, ...]
    cards: frozenset[str]


@lru_cache(maxsize=1)
def personal_table() -> PersonalTable:
    """The table that comes with the package."""
    table = tomllib.loads((resources.files("nb2prod.lint") / "knowledge" / "personal.toml").read_text(encoding="utf-8"))
    samples = table["samples"]
    return PersonalTable(
        columns=frozenset(tuple(name.split()) for name in table["columns"]),
        values=tuple(
            ValueForm(
                one["name"],
                tuple(one["keywords"]),
                one["pattern"],
                one.get("checksum", ""),
                tuple(one.get("near", ())),
                one["least"],
                tuple(shape.encode() for shape in one.get("shapes", ())),
            )
            for one in table["values"]
        ),
        domains=tuple(samples["domains"]),
        local_parts=frozenset(samples["local_parts"]),
        endings=frozenset(samples["endings"]),
        datasets=tuple(samples["datasets"]),
        cards=frozenset(samples["cards"]),
    )
