"""The table of what unpickles, read once."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources


@dataclass(frozen=True, slots=True)
class PickleTable:
    """Full names of calls → position of the path, the open file or the bytes."""

    loaders: Mapping[str, int]
    only_with: Mapping[str, tuple[str, object]]
    not_with: Mapping[str, tuple[str, object]]
    writers: Mapping[str, int]
    writer_methods: Mapping[str, int]
    downloads: Mapping[str, int]

    def loads(self, name: str, node: ast.Call) -> bool:
        """Whether the call unpickles, as far as its keywords tell."""
        if name not in self.loaders:
            return False
        given = [(one.arg, one.value.value) for one in node.keywords if isinstance(one.value, ast.Constant)]
        needed, excluded = self.only_with.get(name), self.not_with.get(name)
        return (needed is None or needed in given) and (excluded is None or excluded not in given)


@lru_cache(maxsize=1)
def pickle_table() -> PickleTable:
    """The table that comes with the package."""
    table = tomllib.loads((resources.files("nb2prod.lint") / "knowledge" / "pickles.toml").read_text(encoding="utf-8"))
    conditions = (
        {name: (key, value) for name, (key, value) in table[part].items()} for part in ("only_with", "not_with")
    )
    only_with, not_with = conditions
    return PickleTable(
        table["loaders"], only_with, not_with, table["writers"], table["writer_methods"], table["downloads"]
    )
