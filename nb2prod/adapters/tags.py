"""The tags of a repository: read, created so that only one can win, shared with the remote."""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from nb2prod.adapters.clock import timestamp
from nb2prod.errors import OutsideError
from nb2prod.release.ledger import Tag

_SEPARATOR = "\x1e"
# Seconds after which git's own lock of a tag is of a process that is gone: writing one takes some milliseconds.
_LEFT_OVER = 1.0
_FORMAT = "%00".join(
    ("%(refname:strip=2)", "%(*objectname)", "%(taggerdate:unix)", "%(taggername)", "%(contents)", "%(objecttype)")
)


def read_tags(top: Path) -> tuple[Tag, ...]:
    """The annotated tags, by name; lightweight ones say nothing of who and when, and are left out. Raises
    OutsideError.
    """
    done = git(top, "for-each-ref", f"--format={_FORMAT}%1e", "refs/tags")
    return tuple(tag for entry in done.stdout.split(_SEPARATOR) if (tag := _tag(entry.strip("\n"))) is not None)


def create_tag(top: Path, name: str, commit: str, text: str, *, at: float, sign: bool = False) -> bool:
    """Whether it was created: False where another has that name. `at`: its time, seconds since the epoch.

    Raises OutsideError for anything else that git says.
    """
    said = _create(top, name, commit, text, at, sign)
    if said and ".lock" in said and not exists(top, name):  # of a process that was killed just now
        time.sleep(_LEFT_OVER)
        _remove_leftovers(common_folder(top))
        said = _create(top, name, commit, text, at, sign)
    if not said:
        return True
    if exists(top, name):
        return False
    raise OutsideError(f"`git tag {name}` failed", hint=said)


def _create(top: Path, name: str, commit: str, text: str, at: float, sign: bool) -> str:
    """What git says where it fails; empty where it does not."""
    kind = ["--sign"] if sign else ["--annotate", "--no-sign"]
    done = subprocess.run(
        ["git", "tag", *kind, "--cleanup=verbatim", "--file=-", name, commit],
        cwd=top,
        input=text,
        env={**os.environ, "GIT_COMMITTER_DATE": f"{int(at)} +0000", "LC_ALL": "C"},
        capture_output=True,
        text=True,
        check=False,
    )
    return "" if done.returncode == 0 else done.stderr.strip()[-800:] or "it failed without a word"


def exists(top: Path, name: str) -> bool:
    """Whether there is a tag of that name."""
    return git(top, "rev-parse", "--quiet", "--verify", f"refs/tags/{name}", check=False).returncode == 0


def withdraw(top: Path, name: str) -> None:
    """Remove a tag of ours that another clone's of the same name came before. Raises OutsideError."""
    git(top, "tag", "--delete", name)


def is_shallow(top: Path) -> bool:
    """Whether this clone may not know all commits and tags."""
    return git(top, "rev-parse", "--is-shallow-repository").stdout.strip() == "true"


def signs(top: Path) -> bool:
    """Whether git is set up to sign tags."""
    key = git(top, "config", "--get", "user.signingkey", check=False).stdout.strip()
    wanted = git(top, "config", "--type=bool", "--get", "tag.gpgsign", check=False).stdout.strip()
    return bool(key) or wanted == "true"


def who(top: Path) -> str:
    """The name that git would write. Raises OutsideError where it knows none."""
    done = git(top, "var", "GIT_COMMITTER_IDENT", check=False)
    name = done.stdout.partition(" <")[0].strip()
    if done.returncode != 0 or not name:
        raise OutsideError(
            "git does not know who you are, and every release and deployment is signed with a name",
            hint='git config user.name "…"; git config user.email "…"',
        )
    return name


@contextlib.contextmanager
def one_at_a_time(top: Path) -> Iterator[None]:
    """Hold this clone's lock for writing tags: the second waits. The system gives it back when its holder dies."""
    path = common_folder(top) / "nb2prod.lock"
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        with contextlib.suppress(ImportError):  # Windows: git's own creation of a tag is still atomic
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX)
            _remove_leftovers(common_folder(top))
        yield
    finally:
        os.close(handle)


def common_folder(top: Path) -> Path:
    """Git's folder that all work trees share. Raises OutsideError."""
    return top / git(top, "rev-parse", "--git-common-dir").stdout.strip()


def _remove_leftovers(common: Path) -> None:
    """Git's lock files of tags that were being written when their process was killed; nobody writes tags now."""
    tags = common / "refs" / "tags"
    for path in tags.glob("*@v*.lock") if tags.is_dir() else ():
        _remove_old(path)
    for path in tags.glob("*#*.lock") if tags.is_dir() else ():
        _remove_old(path)


def _remove_old(path: Path) -> None:
    """This is far more than git takes to write a tag."""
    with contextlib.suppress(OSError):
        if time.time() - path.stat().st_mtime >= _LEFT_OVER:
            path.unlink()


def git(top: Path, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run git. Raises OutsideError where it is not there, or fails and `check` is set."""
    try:
        done = subprocess.run(
            ["git", *arguments],
            cwd=top,
            capture_output=True,
            text=True,
            errors="surrogateescape",
            check=False,
            env={**os.environ, "LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0"},
        )
    except FileNotFoundError:
        raise OutsideError("git is not installed", hint="install git") from None
    if check and done.returncode != 0:
        raise OutsideError(f"`git {' '.join(arguments[:2])}` failed in {top}", hint=done.stderr.strip()[-800:])
    return done


def _tag(entry: str) -> Tag | None:
    if not entry:
        return None
    name, commit, seconds, by, contents, kind = entry.split("\x00")
    if kind != "tag":
        return None
    at = timestamp(datetime.fromtimestamp(int(seconds or 0), UTC))
    return Tag(name, commit, at, by, contents, "-----BEGIN " in contents)
