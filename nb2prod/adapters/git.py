"""What git knows: the repository's root and which files it tracks."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from nb2prod.errors import OutsideError


@dataclass(frozen=True, slots=True)
class State:
    """`commit`: None before the first one; `at`: ISO 8601, its time. `changed`: paths that differ from it or are not
    tracked, a folder of the latter with a slash at its end. `shallow`: a clone without all of the history.
    """

    commit: str | None
    at: str | None
    changed: tuple[str, ...]
    shallow: bool


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


@dataclass(frozen=True, slots=True)
class Ignored:
    """A path that git ignores, and the line that says so: `rule`, in line `line` of the file `source`."""

    path: str
    rule: str
    source: str
    line: int


def ignored(top: Path, paths: Iterable[str]) -> tuple[Ignored, ...]:
    """Those of `paths` (which need not exist) that git ignores, in their order."""
    done = _git(top, "check-ignore", "-z", "--verbose", "--stdin", given="\0".join(paths))
    fields = done.stdout.split("\0") if done is not None else []
    said = zip(fields[0::4], fields[1::4], fields[2::4], fields[3::4], strict=False)
    return tuple(Ignored(path, rule, source, int(line)) for source, line, rule, path in said if rule[:1] != "!")


def versions(top: Path, path: Path, most: int) -> Iterator[bytes]:
    """A file's contents in the history of this branch, newest first."""
    name = path.relative_to(top).as_posix()
    done = _git(top, "log", f"-{most}", "--format=%H", "--", name)
    for commit in done.stdout.split() if done is not None and done.returncode == 0 else ():
        shown = subprocess.run(["git", "show", f"{commit}:{name}"], cwd=top, capture_output=True, check=False)
        if shown.returncode == 0:
            yield shown.stdout


def state(top: Path) -> State | None:
    """Where the work tree stands; None without git."""
    head = _git(top, "log", "-1", "--format=%H %cI")
    listed = _git(top, "status", "--porcelain=v1", "-z", "--no-renames")
    shallow = _git(top, "rev-parse", "--is-shallow-repository")
    if head is None or listed is None or shallow is None or listed.returncode != 0:
        return None
    commit, _, at = head.stdout.strip().partition(" ") if head.returncode == 0 else ("", "", "")
    changed = tuple(entry[3:] for entry in listed.stdout.split("\0") if entry)
    return State(commit or None, at or None, changed, shallow.stdout.strip() == "true")


def last_change(top: Path, paths: Iterable[str]) -> dict[str, str]:
    """When each path (relative to the work tree) was last changed by a commit: ISO 8601. Others are left out."""
    found = {}
    for path in paths:
        done = _git(top, "log", "-1", "--format=%cI", "--", path)
        if done is not None and done.returncode == 0 and done.stdout.strip():
            found[path] = done.stdout.strip()
    return found


def init(folder: Path) -> None:
    """Make `folder` a repository. Raises OutsideError where git is missing."""
    done = _git(folder, "init", "--quiet")
    if done is None or done.returncode != 0:
        raise OutsideError(
            "`git init` failed" if done else "git is not installed", hint=done.stderr.strip() if done else ""
        )


def _git(folder: Path, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str] | None:
    try:
        return subprocess.run(["git", *arguments], cwd=folder, input=given, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return None
