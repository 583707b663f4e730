"""`knowledge/surroundings.toml`: calls that depend on time, place and order."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from nb2prod.lint.provenance.tables import read


@lru_cache(maxsize=1)
def surroundings() -> dict[str, dict[str, Any]]:
    """The table."""
    return read("surroundings")


def is_among(name: str | None, names: list[str]) -> bool:
    """Whether the full name is one of these, or begins with one that is left open by a dot or an underscore."""
    if name is None:
        return False
    return any(name == one or (one.endswith((".", "_")) and name.startswith(one)) for one in names)
