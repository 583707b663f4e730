"""Deployments and rollbacks as processes: many at once, and killed at some moment."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from integration.projects import environment, git, nb2prod
from nb2prod.adapters.tags import read_tags
from nb2prod.operations.history import history
from nb2prod.operations.status import status
from nb2prod.release.ledger import Ledger, ledger

NAME = "loans"


def start(root: Path, *arguments: str) -> subprocess.Popen[str]:
    """A verb as a process of its own, in a group of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "nb2prod", *arguments],
        cwd=root,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def state(root: Path) -> Ledger:
    """What the tags say."""
    return ledger(NAME, read_tags(root))


def tags(root: Path) -> dict[str, str]:
    """Name → object of every tag."""
    lines = git(root, "for-each-ref", "--format=%(refname:strip=2) %(objectname)", "refs/tags").splitlines()
    return dict(line.split() for line in lines)


def check_whole(root: Path) -> None:
    """The history can be read, its numbers have no gap, git finds nothing wrong, and no candidate counts as a version."""
    found = state(root)
    assert [one.order for one in found.deployments] == list(range(1, len(found.deployments) + 1))
    assert all(one.binding is not None for one in found.releases)
    events = history(NAME, root).events
    assert len(events) == len(found.releases) + len(found.deployments)
    status(NAME, root)
    git(root, "fsck", "--no-dangling", "--connectivity-only")
    for version in (root / ".nb2prod" / "versions" / NAME).glob("v*"):
        assert (version / "bundle.json").is_file(), version


def killed(root: Path, arguments: Sequence[str], seconds: float) -> bool:
    """Run a verb and kill all its processes after so many seconds; False where it had ended before."""
    process = start(root, *arguments)
    try:
        process.communicate(timeout=seconds)
        return False
    except subprocess.TimeoutExpired:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        return True


def kill_one(root: Path, arguments: Sequence[str], seconds: float) -> str:
    """Kill a verb; the state afterwards is the one before or the one after, and the verb can be run again."""
    before = tags(root)
    hit = killed(root, arguments, seconds)
    after = tags(root)
    assert before.items() <= after.items(), "a tag was lost or changed"
    assert len(after) - len(before) <= 1
    check_whole(root)
    if arguments[0] != "rollback" or after == before:
        again = nb2prod(root, *arguments, code=None)
        there_already = arguments[0] == "release" and len(after) > len(before) and again.returncode == 1
        assert again.returncode == 0 or there_already, again.stderr
    check_whole(root)
    assert len(tags(root)) == len(before) + 1
    return f"{'killed' if hit else 'had ended'}, {'after' if len(after) > len(before) else 'before'} its tag"


def check_concurrent(root: Path, verbs: Sequence[Sequence[str]]) -> str:
    """One order, all of it in the history: as many events more as verbs that say that they did something."""
    before = state(root)
    processes = [start(root, *one) for one in verbs]
    said = [one.communicate(timeout=300) for one in processes]
    did = 0
    for process, (output, errors) in zip(processes, said, strict=True):
        assert process.returncode in (0, 1), errors
        assert process.returncode == 0 or "hint:" in errors, errors
        did += output.startswith(("deployed", "rolled back"))
    after = state(root)
    new = after.deployments[len(before.deployments) :]
    assert after.deployments[: len(before.deployments)] == before.deployments
    assert len(new) == did, (len(new), did, said)
    check_whole(root)
    champion = before.champion("production")
    now = champion.version if champion else None
    for event in new:  # each took over from the one before it: nobody decided on what was no longer so
        assert f'"replaces": {now if now else "null"}' in event.tag.message, event
        now = event.version
    return f"{did} of {len(verbs)} did something"


def moments(seed: int, count: int, longest: float) -> list[float]:
    """Random moments, in seconds."""
    chosen = random.Random(seed)
    return [chosen.uniform(0.0, longest) for _ in range(count)]


def seconds_of(root: Path, *arguments: str) -> float:
    """How long a verb takes now, on this machine."""
    began = time.monotonic()
    nb2prod(root, *arguments, code=None)
    return time.monotonic() - began
