"""The tags that verbs are about to write in this clone: what a killed call wrote already, the same call completes.

One file per process in git's folder, `nb2prod-begun/PID.json`, written before the tag and removed when everything that
belongs to it is done. The tag's whole text tells whether a tag of that name is really the one that was meant.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from nb2prod.adapters.files import read_mapping, write_text
from nb2prod.adapters.machine import began
from nb2prod.adapters.tags import common_folder
from nb2prod.errors import OutsideError

_FOLDER = "nb2prod-begun"


@dataclass(frozen=True, slots=True)
class Left:
    """What a process that is gone was about to write. `request`: the call, as it would be made again."""

    request: tuple[str, ...]
    tag: str
    text: str
    file: Path


@dataclass(frozen=True, slots=True)
class Work:
    """A call at work."""

    request: tuple[str, ...]
    file: Path

    def will_write(self, tag: str, text: str) -> None:
        """Say so before it is done. Raises OutsideError."""
        facts = {"version": 1, "request": self.request, "tag": tag, "text": text, "began": began(os.getpid())}
        write_text(self.file, json.dumps(facts))


@contextlib.contextmanager
def work(top: Path, request: Sequence[str | None]) -> Iterator[Work]:
    """A call; when it ends by itself, whatever became of it, nothing of it is left to complete."""
    begun = Work(tuple(one or "" for one in request), common_folder(top) / _FOLDER / f"{os.getpid()}.json")
    try:
        yield begun
    finally:
        forget(begun.file)


def left(top: Path) -> tuple[Left, ...]:
    """What processes that are gone left. Scraps of files that were being written go away."""
    folder = common_folder(top) / _FOLDER
    found = []
    for file in sorted(folder.iterdir()) if folder.is_dir() else ():
        name = file.name.removeprefix(".").partition(".")[0]
        if not name.isdigit() or int(name) == os.getpid():
            continue
        facts = read_mapping(file) if file.suffix == ".json" else {}
        since = began(int(name))
        if since is not None and (not facts or since == facts.get("began")):
            continue
        if facts.get("version") == 1:
            found.append(Left(tuple(facts["request"]), facts["tag"], facts["text"], file))
        else:
            forget(file)
    return tuple(found)


def forget(file: Path) -> None:
    """Nothing of it is to be completed. Raises OutsideError."""
    try:
        file.unlink(missing_ok=True)
    except OSError as error:
        raise OutsideError(f"cannot remove {file}: {error.strerror or error}") from error
