"""The table of secrets, read once."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Any


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of token that its form gives away. `keywords`: one of them (lower case) is in every such text.

    `run`: it is one row of at least so many of a token's characters; 0 where it need not be. `around`: what is in it.
    `reach`: how far it goes on behind where its keyword begins, in characters. `dense`: the keywords, made dense.
    """

    name: str
    keywords: tuple[str, ...]
    expression: str
    variable: str
    random: bool
    run: int
    around: str
    reach: int
    dense: tuple[bytes, ...]

    @property
    def pattern(self) -> re.Pattern[str]:
        """Compiled when a text holds a keyword: most never are."""
        return _compiled(self.expression)


@dataclass(frozen=True, slots=True)
class SecretTable:
    """Formats, names and placeholders. Names are tuples of lower-case words."""

    formats: tuple[Format, ...]
    chosen: frozenset[tuple[str, ...]]
    made: frozenset[tuple[str, ...]]
    about: frozenset[str]
    calls: Mapping[str, int]
    placeholders: frozenset[str]
    placeholder_parts: tuple[str, ...]


# A private key is long.
_FARTHEST = 10_000
# How patterns begin that must not start in the middle of a word.
_START = re.compile(r"\(\?<!\[[^\]]*\]\)")


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    r"""The pattern, which may also begin right behind an escape: in `"\nAKIA…"` the `n` is no part of a word."""
    start = _START.match(pattern)
    if start:
        pattern = rf"(?:{start[0]}|(?<=\\[nrt])){pattern[start.end() :]}"
    return re.compile(pattern)


@lru_cache(maxsize=1)
def secret_table() -> SecretTable:
    """The table that comes with the package."""
    text = (resources.files("nb2prod.lint") / "knowledge" / "secrets.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    formats = tuple(_format(one) for one in table["formats"])
    names, placeholders = table["names"], table["placeholders"]
    return SecretTable(
        formats=formats,
        chosen=frozenset(tuple(name.split()) for name in names["chosen"]),
        made=frozenset(tuple(name.split()) for name in names["made"]),
        about=frozenset(names["about"]),
        calls=table["calls"],
        placeholders=frozenset(placeholders["whole"]),
        placeholder_parts=tuple(placeholders["parts"]),
    )


def dense(text: str) -> bytes:
    """The text without blanks, digits and brackets, of which tables are made: what stands in it stands here too."""
    return text.encode("ascii", "replace").translate(None, b" \t\n0123456789.,<>()[]{}'\"\\|")


def _format(one: Mapping[str, Any]) -> Format:
    return Format(
        name=one["name"],
        keywords=tuple(one["keywords"]),
        expression=one["pattern"],
        variable=one["variable"],
        random=one["random"],
        run=one.get("run", 0),
        around=one.get("around", ""),
        reach=one.get("reach", _FARTHEST),
        dense=tuple(dense(keyword) for keyword in one["keywords"]),
    )
