"""Deployments and rollbacks as processes: many at once, and killed at some moment."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from integration.projects import environment, git, nb2prod
from integration.striking import Moment, strike
from nb2prod.adapters.prediction_log import batches, logs
from nb2prod.adapters.tags import read_tags
from nb2prod.operations.history import history
from nb2prod.operations.status import status
from nb2prod.prediction.places import JOURNAL, WORK
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


def kill_one(root: Path, arguments: tuple[str, ...], moment: Moment) -> str:
    """Kill a verb; the state afterwards is the one before or the one after, and the same verb again completes it."""
    before = tags(root)
    hit = strike(root, arguments, moment)
    after = tags(root)
    assert before.items() <= after.items(), "a tag was lost or changed"
    assert len(after) - len(before) <= 1
    check_whole(root)
    again = nb2prod(root, *arguments, code=None) if hit else None
    assert again is None or again.returncode == 0, again.stderr
    check_whole(root)
    (new,) = tags(root).keys() - before.keys()
    _check_complete(root, arguments[0], new)
    return f"{'killed' if hit else 'had ended'}, {'after' if len(after) > len(before) else 'before'} its tag"


def kill_predict(root: Path, arguments: tuple[str, ...], moment: Moment) -> str:
    """Kill `predict`: output and log have all of its rows or none; called again, they have them once."""
    out, rows = root / arguments[-1], len(pd.read_csv(root / arguments[1]))
    hit = strike(root, arguments, moment)
    (log,) = logs(root, NAME, "production")
    there = [one for one in batches(log) if one.output == str(out)]
    assert len(there) == out.exists(), "an output without its log, or a log without its output"
    assert not there or len(pd.read_parquet(out)) == there[0].rows == rows
    nb2prod(root, *arguments)
    nb2prod(root, *arguments)
    (batch,) = (one for one in batches(log) if one.output == str(out))
    logged = pd.read_parquet(log / batch.at[:10] / f"{batch.name}.parquet")
    answers = pd.read_parquet(out)
    assert sorted(logged["row"]) == list(range(rows))
    assert list(answers["prediction_id"]) == [f"{batch.name}.{row}" for row in logged["row"]]
    left = [*root.glob(".*.parquet*"), *(log / JOURNAL).glob("*"), *(log / WORK).glob("*.json")]
    assert not left, left
    return f"{'killed' if hit else 'had ended'}, {'after' if there else 'before'} it was decided"


def _check_complete(root: Path, verb: str, tag: str) -> None:
    """Nothing is left to do: the remote has every tag, the tag is in what was written of it, no scrap lies about."""
    if "origin" in git(root, "remote"):
        sent = git(root, "ls-remote", "--tags", "--refs", "origin").splitlines()
        assert dict(line.replace("refs/tags/", "").split()[::-1] for line in sent) == tags(root)
    told = root / "pipeline" / ("MODEL_CARD.md" if verb == "release" else f"evidence/{verb}.json")
    assert tag in told.read_text(), f"{told} says nothing of {tag}"
    changed = git(root, "status", "--porcelain", "--untracked-files=all").splitlines()
    by_us = ("pipeline/evidence/", "pipeline/MODEL_CARD.md", "pipeline/RUNBOOK.md")
    assert all(line[3:].startswith(by_us) for line in changed), changed
    scraps = [
        *(root / ".nb2prod" / "versions" / NAME).glob(".*"),
        *(root / ".git" / "refs" / "tags").rglob("*.lock"),
        *(root / "pipeline" / "evidence").glob(".*"),
        *(root / ".git").glob("nb2prod*/*"),
    ]
    assert not scraps, scraps


def check_concurrent(root: Path, verbs: Sequence[Sequence[str]]) -> str:
    """One order, all of it in the history: as many events more as verbs that say that they did something."""
    before = state(root)
    processes = [start(root, *one) for one in verbs]
    said = [one.communicate(timeout=500) for one in processes]
    why: Counter[str] = Counter()
    for process, (output, errors) in zip(processes, said, strict=True):
        assert process.returncode in (0, 1), errors
        assert process.returncode == 0 or "hint:" in errors, errors
        why[_outcome(output, errors)] += 1
    after = state(root)
    new = after.deployments[len(before.deployments) :]
    assert after.deployments[: len(before.deployments)] == before.deployments
    assert len(new) == why["acted"], (len(new), why, said)
    check_whole(root)
    now = {name: one.version for name in _PLACES if (one := before.champion(name))}
    for event in new:  # each took over from the one before it: nobody decided on what was no longer so
        assert f'"replaces": {now.get(event.environment, "null")}' in event.tag.message, event
        now[event.environment] = event.version
    return ", ".join(f"{what}: {count}" for what, count in sorted(why.items()))


_PLACES = ("production", "staging", "dev")


def _outcome(output: str, errors: str) -> str:
    """What one of them said; an AssertionError for something else."""
    if output.startswith(("deployed", "rolled back")):
        return "acted"
    reasons = {
        "already": "was there already",
        "was faster": "another was faster",
        "none to go back to": "nothing to go back to",
        "is deployed in": "nothing to go back to",
    }
    found = next((what for text, what in reasons.items() if text in output + errors), None)
    assert found or "against which it fails" in errors, (output, errors)
    return found or "its gate against the new champion failed"
