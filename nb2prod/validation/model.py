"""The records of a schema."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

VERSION = 1
FILE = "schema.yaml"

#: A column's rules in the order in which they are written.
RULES = ("type", "nulls", "infinite", "min", "max", "categories", "ordered", "unique", "then")
#: Rules that rows can break, each of which may have a consequence of its own.
BREAKABLE = ("type", "nulls", "infinite", "min", "max", "categories", "unique")

Rules = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Schema:
    """`columns`: name → rules, in training's order. `inferred`: the same as the data alone said it the last time, so
    that what differs from it was edited by a person.
    """

    columns: Mapping[str, Rules]
    inferred: Mapping[str, Rules]

    def plain_columns(
        self, features: Sequence[str] | None = None, targets: Sequence[str] = (), identity: str | None = None
    ) -> dict[str, dict[str, Any]]:
        """The rules of these columns, in their order; of all where none are named, but for `targets`: a schema that was
        inferred before anybody said where the truth stands has it too. `identity`: no input where the data had none.
        """
        listed = self.columns if features is None else [name for name in features if name in self.columns]
        left_out = {*targets, identity} if identity not in self.inferred else set(targets)
        names = [name for name in listed if features is not None or name not in left_out]
        return {name: dict(self.columns[name]) for name in names}
