"""What git knows: the repository's root and which files it tracks."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

from nb2prod.errors import OutsideError


def root(folder: Path) -> Path | None:
    """The work tree that holds `folder`, or None."""
    done = _git(folder, "rev-parse", "--show-toplevel")
    return Path(done.stdout.strip()) if done is not None and done.returncode == 0 else None


def tracked(top: Path, paths: Iterable[str]) -> list[str]:
    """Those of `paths` (relative to the work tree) that git tracks."""
    wanted = sorted(paths)
    if not wanted:
        return []
    done = _git(top, "ls-files", "-z", "--", *wanted)
    return sorted(name for name in done.stdout.split("\0") if name) if done is not None and done.returncode == 0 else []


def is_ignored(top: Path, path: Path) -> bool:
    """Whether git ignores the path, which need not exist."""
    done = _git(top, "check-ignore", "--quiet", str(path))
    return done is not None and done.returncode == 0


def versions(top: Path, path: Path, most: int) -> Iterator[bytes]:
    """A file's contents in the history of this branch, newest first."""
    name = path.relative_to(top).as_posix()
    done = _git(top, "log", f"-{most}", "--format=%H", "--", name)
    for commit in done.stdout.split() if done is not None and done.returncode == 0 else ():
        shown = subprocess.run(["git", "show", f"{commit}:{name}"], cwd=top, capture_output=True, check=False)
        if shown.returncode == 0:
            yield shown.stdout


def init(folder: Path) -> None:
    """Make `folder` a repository. Raises OutsideError where git is missing."""
    done = _git(folder, "init", "--quiet")
    if done is None or done.returncode != 0:
        raise OutsideError(
            "`git init` failed" if done else "git is not installed", hint=done.stderr.strip() if done else ""
        )


def _git(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str] | None:
    try:
        return subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return None
