"""The last state of the disk that DVC itself called clean: to answer "nothing to do" without asking DVC again.

A stamp holds what `stat` says of every file that DVC's answer depends on, and which DVC files there are. While all of
it is the same, nothing can have changed. Anything else is a doubt, and a doubt is for DVC.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from nb2prod.adapters.files import write_text

_VERSION = 1
# Times of files move in steps of the kernel's clock; what changed within a step of the stamp could look unchanged.
_STEP_NS = 20_000_000
_COARSE_STEP_NS = 2_000_000_000


@dataclass(frozen=True, slots=True)
class State:
    """What `stat` says, by path; and the time of the last change in it, in ns."""

    files: dict[str, str]
    latest: int
    is_coarse: bool


def path_of(top: Path, folder: Path) -> Path:
    """Where the stamp of a pipeline lies: among DVC's temporary files."""
    name = hashlib.sha256(str(folder).encode()).hexdigest()[:16]
    return top / ".dvc" / "tmp" / "nb2prod" / f"clean-{name}.json"


def clean_stages(top: Path, folder: Path) -> tuple[str, ...] | None:
    """The pipeline's stages, in order, if all is as DVC left it; None where that is not sure."""
    try:
        stamp = json.loads(path_of(top, folder).read_text("utf-8"))
        if stamp["version"] != _VERSION or stamp["folder"] != str(folder):
            return None
        for path, known in stamp["files"].items():
            if _signature(path)[0] != known:
                return None
        return tuple(stamp["stages"]) if stamp["tree"] == _dvc_files(top) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def look(paths: Iterable[Path]) -> State:
    """The files' state now."""
    found, latest, coarse = {}, 0, False
    for path in paths:
        found[str(path)], changed = _signature(str(path))
        latest = max(latest, changed)
        coarse = coarse or (changed > 0 and changed % 1_000_000 == 0)
    return State(found, latest, coarse)


def write(top: Path, folder: Path, stages: Sequence[str], before: State) -> None:
    """Remember that DVC called this state clean. `before`: the state before DVC was asked.

    Writes nothing where something changed in the meantime, or may have without a trace.
    """
    age = time.time_ns() - before.latest
    if before.is_coarse and age < _COARSE_STEP_NS:
        return
    time.sleep(max(0, min(_STEP_NS, _STEP_NS - age)) / 1e9)
    if look(map(Path, before.files)).files != before.files:
        return
    record = {
        "version": _VERSION,
        "folder": str(folder),
        "stages": list(stages),
        "files": before.files,
        "tree": _dvc_files(top),
    }
    with contextlib.suppress(OSError):
        write_text(path_of(top, folder), json.dumps(record) + "\n")


def forget(top: Path, folder: Path) -> None:
    """Remove the stamp: what it says is about to change."""
    path_of(top, folder).unlink(missing_ok=True)


def _signature(path: str) -> tuple[str, int]:
    """A file's state, or of all that a folder holds; and the time of its last change. "" where there is nothing."""
    try:
        found = os.stat(path)  # noqa: PTH116 - a thousand times, without a Path for each
    except OSError:
        return "", 0
    if not os.path.isdir(path):  # noqa: PTH112
        return _words(found), max(found.st_mtime_ns, found.st_ctime_ns)
    digest, latest = hashlib.blake2b(digest_size=16), 0
    for name, entry in _entries(path, ""):
        digest.update(f"{name}\0{_words(entry)}\n".encode("utf-8", "surrogateescape"))
        latest = max(latest, entry.st_mtime_ns, entry.st_ctime_ns)
    return digest.hexdigest(), latest


def _words(found: os.stat_result) -> str:
    return f"{found.st_size} {found.st_mtime_ns} {found.st_ctime_ns} {found.st_ino} {found.st_mode}"


def _entries(folder: str, prefix: str) -> Iterable[tuple[str, os.stat_result]]:
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda one: one.name):
            found = entry.stat()
            yield prefix + entry.name, found
            if entry.is_dir():
                yield from _entries(entry.path, f"{prefix}{entry.name}/")


def _dvc_files(top: Path) -> str:
    """Which files in the repository could hold stages: a new one may be what makes an input."""
    found, folders = [], [str(top)]
    while folders:
        with contextlib.suppress(OSError), os.scandir(folders.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    if entry.name not in (".git", ".dvc", ".hg"):
                        folders.append(entry.path)
                elif entry.name == "dvc.yaml" or entry.name.endswith((".dvc", ".dvcignore")):
                    found.append(entry.path)
    return hashlib.blake2b("\0".join(sorted(found)).encode("utf-8", "surrogateescape"), digest_size=16).hexdigest()
