"""What a long operation tells while it works. The command line draws it, tests and CI may leave it out."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Receives events; every method may be a no-op."""

    def phase(self, text: str) -> None:
        """A new part of the work begins."""

    def cell(self, text: str, number: int, total: int) -> None:
        """A cell starts: which, and how many there are in this part."""

    def note(self, text: str) -> None:
        """Something that people should know."""


class Silent:
    """Says nothing."""

    def phase(self, text: str) -> None:
        """Nothing."""

    def cell(self, text: str, number: int, total: int) -> None:
        """Nothing."""

    def note(self, text: str) -> None:
        """Nothing."""
