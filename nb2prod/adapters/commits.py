"""Commits: which one is checked out, what is not in it, and a commit's files."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import tarfile
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from nb2prod.adapters.clock import timestamp
from nb2prod.adapters.files import digest
from nb2prod.adapters.tags import git
from nb2prod.errors import OutsideError, Refused

#: What `import` finds: a file of that kind, laid beside a version's own, would take the place of a library.
_IMPORTED = (".py", ".pyc", ".so", ".pyd")
_SHA256 = 64


def head(top: Path) -> str:
    """The commit that is checked out. Raises Refused where there is none yet."""
    done = git(top, "rev-parse", "--quiet", "--verify", "HEAD^{commit}", check=False)
    if done.returncode != 0:
        raise Refused("the repository has no commit yet", hint="git add -A; git commit")
    return done.stdout.strip()


def changed(top: Path, but: Iterable[str] = ()) -> tuple[str, ...]:
    """What is changed, added or untracked; `but`: paths and folders (ending in `/`) that do not count."""
    done = git(top, "status", "--porcelain=v1", "-z", "--untracked-files=all", "--no-renames")
    found = [entry[3:] for entry in done.stdout.split("\0") if entry]
    left_out = tuple(but)
    return tuple(path for path in found if not any(_is_in(path, one) for one in left_out))


def _is_in(path: str, place: str) -> bool:
    return path.startswith(place) if place.endswith("/") else path == place


def text_at(top: Path, commit: str, path: str) -> str | None:
    """A file's text in a commit; None where it is not there."""
    done = git(top, "show", f"{commit}:{path}", check=False)
    return done.stdout if done.returncode == 0 else None


def files_at(top: Path, commit: str, places: Iterable[str] = ()) -> tuple[str, ...]:
    """The files of a commit, below these places."""
    done = git(top, "ls-tree", "-r", "-z", "--name-only", "--full-tree", commit, "--", *places)
    return tuple(name for name in done.stdout.split("\0") if name)


def export(top: Path, commit: str, paths: Iterable[str], target: Path) -> None:
    """Write a commit's files below `target`, in the repository's layout. Raises OutsideError."""
    wanted = list(paths)
    done = subprocess.run(
        ["git", "archive", "--format=tar", commit, "--", *wanted], cwd=top, capture_output=True, check=False
    )
    if done.returncode != 0:
        message = done.stderr.decode(errors="replace").strip()
        raise OutsideError(f"commit {commit[:12]} cannot be read", hint=message[-800:])
    target.mkdir(parents=True, exist_ok=True)
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        archive.extractall(target, filter="data")


def unlike(top: Path, commit: str, place: str, tree: Path, known: Mapping[str, str] | None = None) -> dict[str, str]:
    """Path → SHA-256 of the files below `tree`, laid out as in the repository, that are others than in the commit.

    Of `place` every file of the commit must be there (else its value is empty); what Python would import counts where
    the commit has no such file, other additions do not. `known`: those that differ by what git itself does when it
    writes a file (line ends, filters). Raises OutsideError.
    """
    there = {path.relative_to(tree).as_posix(): path for path in tree.rglob("*") if path.is_symlink() or path.is_file()}
    code = [name for name in there if name.endswith(_IMPORTED) and not name.startswith(f"{place}/")]
    listed = git(top, "ls-tree", "-r", "-z", "--full-tree", commit, "--", place, *code).stdout.split("\0")
    blobs = {name: about.split()[2] for about, _, name in (one.partition("\t") for one in listed) if " blob " in about}
    changed = [name for name, blob in blobs.items() if name not in there or _blob(there[name], len(blob)) != blob]
    added = [name for name in there if name.endswith(_IMPORTED) and name not in blobs]
    found = {name: (digest(there[name]) or "") if name in there else "" for name in (*changed, *added)}
    return {name: one for name, one in found.items() if not one or one != (known or {}).get(name)}


def _blob(path: Path, length: int) -> str:
    """A file's name among git's objects. `length`: of it, in characters; a repository's are SHA-1 or SHA-256."""
    data = os.fsencode(path.readlink()) if path.is_symlink() else path.read_bytes()
    method = hashlib.sha256 if length == _SHA256 else hashlib.sha1
    return method(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def has_commit(top: Path, commit: str) -> bool:
    """Whether this clone has it."""
    return git(top, "cat-file", "-e", f"{commit}^{{commit}}", check=False).returncode == 0


def last_change(top: Path, path: str) -> str | None:
    """When the last commit changed a file, or DVC's file for it: ISO 8601, UTC; None where git knows of neither."""
    done = git(top, "log", "-1", "--format=%ct", "HEAD", "--", path, f"{path}.dvc", check=False)
    seconds = done.stdout.strip()
    return timestamp(datetime.fromtimestamp(int(seconds), UTC)) if seconds else None
