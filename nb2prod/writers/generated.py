"""A file that nb2prod writes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class GeneratedFile:
    """`path` is POSIX and relative to the project's root. `shared`: people are meant to edit it (params.yaml)."""

    path: str
    text: str
    shared: bool = False

    @property
    def digest(self) -> str:
        """SHA-256 of its bytes."""
        return text_digest(self.text)


def text_digest(text: str) -> str:
    """SHA-256 of a text as UTF-8, in hex."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
