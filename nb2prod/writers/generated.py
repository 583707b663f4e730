"""A file that nb2prod writes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class GeneratedFile:
    """`path` is POSIX and relative to the project's root.

    `shared`: nb2prod and people both edit it (`params.yaml`). `offered`: a beginning that is the reader's to change
    (CI, container, tests); an edited one is kept, and makes nothing stale. `renewed`: `run --refresh` writes it too.
    """

    path: str
    text: str
    shared: bool = False
    offered: bool = False
    renewed: bool = False

    @property
    def digest(self) -> str:
        """SHA-256 of its bytes."""
        return text_digest(self.text)


def text_digest(text: str) -> str:
    """SHA-256 of a text as UTF-8, in hex."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
