"""Outputs as far as they are looked at while somebody types: a log of 50 MB must not hold the server up."""

from __future__ import annotations

from typing import Any

MOST_TEXT = 20_000
"""So many characters of one text. The panel sends no more; `nb2prod check` looks at all of them."""

_MOST = 4_000_000


class Allowance:
    """How much of a notebook's outputs may still be looked at: characters, and one for each value."""

    def __init__(self, left: int = _MOST) -> None:
        self.left = left

    def cut(self, value: Any) -> Any:
        """The value with its texts and lists cut; the shape stays."""
        self.left -= 1
        if isinstance(value, str):
            text = value[: max(0, min(MOST_TEXT, self.left))]
            self.left -= len(text)
            return text
        if isinstance(value, list):
            return [self.cut(one) for one in value if self.left > 0]
        if isinstance(value, dict):
            return {key: self.cut(one) for key, one in value.items() if self.left > 0}
        return value
