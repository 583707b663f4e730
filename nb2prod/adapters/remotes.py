"""The repository that others share: its tags fetched before we look, ours pushed after they are made."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from nb2prod.adapters.tags import git

# A refspec has one star on each side: all tags, then.
_ALL_TAGS = "refs/tags/*:refs/tags/*"
_LOCKED = ".lock': File exists"
#: Seconds between so many tries at a tag that is locked there: writing one takes some milliseconds.
_PAUSE = 0.3
_TRIES = 8


@dataclass(frozen=True, slots=True)
class Fetched:
    """`reached`: whether the remote answered. `clashes`: tags that are others here than there. `problem`: git's
    words.
    """

    reached: bool
    clashes: tuple[str, ...] = ()
    problem: str = ""


def remote_of(top: Path) -> str | None:
    """The remote of the branch, else `origin`, else the only one; None where there is none, or a choice to make."""
    names = git(top, "remote").stdout.split()
    branch = git(top, "symbolic-ref", "--quiet", "--short", "HEAD", check=False).stdout.strip()
    tracked = git(top, "config", "--get", f"branch.{branch}.remote", check=False).stdout.strip() if branch else ""
    if tracked in names:
        return tracked
    return "origin" if "origin" in names else names[0] if len(names) == 1 else None


def fetch_tags(top: Path, remote: str) -> Fetched:
    """Bring the remote's tags here, with the commits that they name."""
    done = git(top, "fetch", "--no-tags", remote, _ALL_TAGS, check=False)
    if done.returncode == 0:
        return Fetched(True)
    clashes = tuple(
        line.split("->")[-1].split("(")[0].strip()
        for line in done.stderr.splitlines()
        if "would clobber existing tag" in line
    )
    return Fetched(bool(clashes), clashes, "" if clashes else done.stderr.strip()[-400:])


def push_tags(top: Path, remote: str, names: tuple[str, ...]) -> Literal["pushed", "taken"] | str:
    """`pushed`; `taken` where the remote has another of that name; else why it could not be reached."""
    refs = [f"refs/tags/{name}:refs/tags/{name}" for name in names]
    for _ in range(_TRIES):
        done = git(top, "push", "--quiet", "--atomic", remote, *refs, check=False)
        if done.returncode == 0:
            return "pushed"
        if _LOCKED not in done.stderr:
            break
        time.sleep(_PAUSE)  # somebody writes the tag there now, or was killed doing so: that does not pass
    else:
        return next(line.strip() for line in done.stderr.splitlines() if _LOCKED in line)
    rejected = ("already exists", "[rejected]", "cannot lock ref", "reference already exists", "failed to update ref")
    return "taken" if any(word in done.stderr for word in rejected) else done.stderr.strip()[-400:]


def tags_at(top: Path, remote: str) -> frozenset[str] | None:
    """The names that the remote has; None where it does not answer."""
    done = git(top, "ls-remote", "--tags", "--refs", "--quiet", remote, check=False)
    if done.returncode != 0:
        return None
    return frozenset(line.partition("refs/tags/")[2] for line in done.stdout.splitlines())
