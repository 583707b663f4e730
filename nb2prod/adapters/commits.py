"""Commits: which one is checked out, what is not in it, and a commit's files."""

from __future__ import annotations

import io
import subprocess
import tarfile
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from nb2prod.adapters.clock import timestamp
from nb2prod.adapters.tags import git
from nb2prod.errors import OutsideError, Refused


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


def has_commit(top: Path, commit: str) -> bool:
    """Whether this clone has it."""
    return git(top, "cat-file", "-e", f"{commit}^{{commit}}", check=False).returncode == 0


def last_change(top: Path, path: str) -> str | None:
    """When the last commit changed a file, or DVC's file for it: ISO 8601, UTC; None where git knows of neither."""
    done = git(top, "log", "-1", "--format=%ct", "HEAD", "--", path, f"{path}.dvc", check=False)
    seconds = done.stdout.strip()
    return timestamp(datetime.fromtimestamp(int(seconds), UTC)) if seconds else None
