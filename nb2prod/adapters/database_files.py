"""Databases in files outside of the project: what tells that one changed."""

from __future__ import annotations

import hashlib
from pathlib import Path


def database_token(path: Path) -> str:
    """A hash of the file and of the log beside it. Raises OSError where the file cannot be read."""
    found = hashlib.sha256()
    for one in (path, path.with_name(f"{path.name}-wal")):
        if one == path or one.exists():
            with one.open("rb") as stream:
                found.update(hashlib.file_digest(stream, "sha256").digest())
    return f"sha256 {found.hexdigest()}"
