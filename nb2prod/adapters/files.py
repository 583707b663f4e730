"""Reading and writing files: whole or not at all."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from nb2prod.adapters.machine import is_alive
from nb2prod.errors import OutsideError

_TEMPORARY = re.compile(r"\..+\.(?P<process>\d+)-[a-z0-9_]{8}")


def read_text(path: Path) -> str | None:
    """The file's text, or None where there is none. Raises OutsideError where it cannot be read."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise OutsideError(f"cannot read {path}: {error}") from error


def read_mapping(path: Path) -> dict[str, Any]:
    """The JSON mapping in a file; an empty one where there is no file, or something else in it. Raises OutsideError."""
    try:
        found = json.loads(read_text(path) or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def write_text(path: Path, text: str) -> None:
    """Write through a temporary file beside it, so that nobody ever sees half of it. Raises OutsideError."""
    _write(path, text.encode("utf-8"), None)


def write_bytes(path: Path, data: bytes) -> None:
    """The same for bytes that are its owner's only. Raises OutsideError."""
    _write(path, data, 0o600)


def _write(path: Path, data: bytes, mode: int | None) -> None:
    temporary: str | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.{os.getpid()}-")
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        Path(temporary).chmod(mode or (path.stat().st_mode & 0o777 if path.exists() else 0o644))
        Path(temporary).replace(path)
    except OSError as error:
        raise OutsideError(f"cannot write {path}: {error.strerror or error}", hint=_hint(error)) from error
    finally:
        if temporary:
            with contextlib.suppress(OSError):
                Path(temporary).unlink(missing_ok=True)


def remove_scraps(folder: Path) -> None:
    """Remove the temporary files of `write_text` whose process was killed. Raises OutsideError."""
    for path in folder.glob(".*.*-*"):
        made = _TEMPORARY.fullmatch(path.name)
        if made is not None and not is_alive(int(made["process"])):
            try:
                path.unlink(missing_ok=True)
            except OSError as error:
                raise OutsideError(f"cannot remove {path}: {error.strerror or error}", hint=_hint(error)) from error


def move_file(source: Path, target: Path) -> None:
    """Put a finished file in its place, whole or not at all. Raises OutsideError."""
    temporary = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, temporary)
        os.utime(temporary)
        temporary.replace(target)
    except OSError as error:
        raise OutsideError(f"cannot write {target}: {error.strerror or error}", hint=_hint(error)) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def digest(path: Path) -> str | None:
    """SHA-256 of a file's bytes, of a folder's names and files; None where there is nothing."""
    if path.is_dir():
        parts = sorted(
            f"{child.relative_to(path).as_posix()}:{digest(child)}" for child in path.rglob("*") if child.is_file()
        )
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return None


def md5_of(path: Path) -> str | None:
    """The MD5 (hex) of a file's bytes, by which DVC knows them; None where there is no file."""
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
    except OSError:
        return None


class Tail(NamedTuple):
    """The end of a file that others may append to, as it was at one moment. `size`: all of it, in bytes."""

    size: int
    end: bytes

    @classmethod
    def of(cls, path: Path) -> Tail:
        """The last megabyte; nothing where there is no file."""
        return cls(*_from(path, -_TAIL)) if path.is_file() else cls(0, b"")

    def added(self, path: Path) -> str | None:
        """What the file grew by since then, as its size and hash; None where it did not grow, or by too much."""
        size, added = _from(path, self.size) if path.is_file() else (0, b"")
        return f"+{len(added)} {_hash(added)}" if 0 < size - self.size <= _TAIL else None

    def ends_with(self, added: str) -> bool:
        """Whether what another run `added` is what the file ended with."""
        size, _, hashed = added.removeprefix("+").partition(" ")
        return _hash(self.end[-int(size) :]) == hashed


_TAIL = 2**20


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _from(path: Path, start: int) -> tuple[int, bytes]:
    """(size, bytes from `start` on; negative: so many from the end, at most a megabyte)."""
    with path.open("rb") as stream:
        size = stream.seek(0, os.SEEK_END)
        stream.seek(max(0, size + start) if start < 0 else start)
        return size, stream.read(_TAIL)


def remove_empty(paths: Iterable[Path]) -> None:
    """Remove folders that are empty, deepest first."""
    for path in sorted(paths, key=lambda one: len(one.parts), reverse=True):
        try:
            path.rmdir()
        except OSError:
            continue


def _hint(error: OSError) -> str:
    import errno

    if error.errno == errno.ENOSPC:
        return "the disk is full: free some room and run the command again, nothing was lost"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return "the folder is not writable: choose another with --out, or change its permissions"
    return "correct that and run the command again: nothing half-written was left behind"
