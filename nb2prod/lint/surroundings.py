"""What a rule may ask about the project around a notebook; an adapter or a test answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class Surroundings(Protocol):
    """The folder that the notebook runs in, and the interpreter that runs it."""

    def exists(self, path: str) -> bool | None:
        """Whether there is a file or folder, relative to the notebook's own; None where that cannot be known."""
        ...

    @property
    def declared(self) -> Mapping[str, str] | None:
        """Distribution (normalised) → version specifier (may be empty); None where the project declares nothing."""
        ...

    @property
    def local_modules(self) -> frozenset[str]:
        """Top-level modules and packages beside the notebook or at the project's root."""
        ...

    def installed(self, distribution: str) -> str | None:
        """The version in the running interpreter; None where it is not there."""
        ...


class Nowhere:
    """Nothing is known."""

    declared: Mapping[str, str] | None = None
    local_modules: frozenset[str] = frozenset()

    def exists(self, path: str) -> bool | None:
        """Unknown."""
        return None

    def installed(self, distribution: str) -> str | None:
        """Unknown."""
        return None
