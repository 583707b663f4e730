"""What the field asks, and the criteria that answer it: `mappings.toml` as records."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Ask:
    """One question or test. `criteria`: ids, none where no criterion asks it; `note` then says why."""

    name: str
    what: str
    criteria: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Questions of one origin."""

    title: str
    source: str
    asks: tuple[Ask, ...]


@lru_cache(maxsize=1)
def tables() -> tuple[Table, ...]:
    """All of them, in the order of the file."""
    text = files("nb2prod.readiness").joinpath("mappings.toml").read_text(encoding="utf-8")
    return tuple(
        Table(
            one["title"],
            one["source"],
            tuple(Ask(ask["name"], ask["what"], tuple(ask["criteria"]), ask.get("note", "")) for ask in one["asks"]),
        )
        for one in tomllib.loads(text)["table"]
    )
