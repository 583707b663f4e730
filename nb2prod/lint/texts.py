"""Texts that are searched: what a cell shows, and what was found in texts before."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from functools import cached_property
from typing import Any, TypeVar

from nb2prod.lint.secrets.find import undone
from nb2prod.notebook.model import Cell

Found = TypeVar("Found")
_NEW = object()
# Characters of texts whose finds are kept.
_MOST = 20_000_000


class Shown:
    """One text among a cell's outputs. `number` counts the outputs from 1; `name`: stream or MIME type."""

    def __init__(self, number: int, name: str, text: str) -> None:
        self.number = number
        self.name = name
        self.text = text

    @cached_property
    def readings(self) -> list[str]:
        """The text as it is, and as it may be read."""
        return undone(self.text)


class ShownCell:
    """What one cell shows as text. `key`: all of it, which says what can be found in it."""

    def __init__(self, cell: Cell) -> None:
        self.cell = cell
        self.key = tuple(
            (number, name, text)
            for number, output in enumerate(cell.outputs, 1)
            for name, text in output.distinct_parts
        )

    @cached_property
    def texts(self) -> list[Shown]:
        """Each text, in order."""
        return [Shown(*one) for one in self.key]


class Finds:
    """What was found in texts, in whatever notebook they stood. Begins anew when it holds too much."""

    def __init__(self) -> None:
        self._found: dict[Hashable, object] = {}
        self._size = 0

    def of(self, keys: Sequence[Hashable], search: Callable[[list[int]], Sequence[Found]]) -> list[Found]:
        """What there is for each key. `search` gives it for the new ones, whose positions it is told together.

        A key holds all that the find depends on.
        """
        result: list[Any] = [self._found.get(key, _NEW) for key in keys]
        new = [at for at, known in enumerate(result) if known is _NEW]
        for at, found in zip(new, search(new) if new else (), strict=True):
            result[at] = found
            self._keep(keys[at], found)
        return result

    def _keep(self, key: Hashable, found: object) -> None:
        self._size += _characters(key)
        if self._size > _MOST:
            self._found.clear()
            self._size = _characters(key)
        self._found[key] = found


def _characters(key: object) -> int:
    if isinstance(key, tuple):
        return sum(_characters(one) for one in key)
    return len(key) if isinstance(key, str) else 1
