"""`knowledge/surroundings.toml`: calls that depend on time, place and order."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from nb2prod.lint.provenance.tables import read


@dataclass(frozen=True, slots=True)
class NameSet:
    """Full names; those that were left open by a dot or an underscore stand for everything that begins so."""

    exact: frozenset[str]
    openings: tuple[str, ...]

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and (name in self.exact or name.startswith(self.openings))

    def find(self, text: str) -> str:
        """The first of the names that the text begins with or has as words of its own; empty where none is."""
        return next((one for one in sorted(self.exact) if text.startswith(one) or f" {one} " in f" {text} "), "")


@lru_cache(maxsize=1)
def surroundings() -> dict[str, dict[str, NameSet]]:
    """The table: names by section and kind."""
    return {
        section: {kind: _name_set([names] if isinstance(names, str) else names) for kind, names in kinds.items()}
        for section, kinds in read("surroundings").items()
    }


def _name_set(names: list[str]) -> NameSet:
    openings = tuple(name for name in names if name.endswith((".", "_")))
    return NameSet(frozenset(names) - set(openings), openings)
