"""What the tags of git say: versions and deployments."""

from __future__ import annotations

from nb2prod.readiness.ground import Ground, Seen
from nb2prod.readiness.grounds.recorded import rehearsal
from nb2prod.readiness.known import Known, Pipeline

_HIDDEN = "this is a shallow clone, which may hide the tags: `git fetch --unshallow --tags`"


def _release(known: Known) -> Seen:
    pipeline = _of(known)
    if not pipeline.releases:
        return _none(known, "no version was released")
    last = pipeline.releases[-1]
    if last.model is None:
        return Seen(None, f"{last.version} names no artifact: another tool made it", last.tag, last.at)
    if last.model != pipeline.model:
        return Seen(None, f"stale: the model changed after {last.version}, and is in no version", last.tag, last.at)
    return Seen(True, f"released as {last.version}", last.tag, last.at)


def _deployment(known: Known) -> Seen:
    pipeline = _of(known)
    if not pipeline.deployments:
        return _none(known, "nothing was deployed")
    last = pipeline.deployments[-1]
    return Seen(True, f"{last.version} is in {last.environment}", last.tag, last.at)


def _rollback(known: Known) -> Seen:
    """Seen in the history, or recorded as a rehearsal; neither goes stale."""
    done = [one for one in _of(known).deployments if one.kind == "rollback"]
    if done:
        last = done[-1]
        return Seen(True, f"{last.environment} went back to {last.version}", last.tag, last.at)
    return rehearsal(known)


def _environments(known: Known) -> Seen:
    pipeline = _of(known)
    if not pipeline.deployments:
        return _none(known, "nothing was deployed")
    places = tuple(dict.fromkeys(one.environment for one in pipeline.deployments))
    last = pipeline.deployments[-1]
    said = f"versions were deployed to {', '.join(places)}"
    return Seen(len(places) > 1, said if len(places) > 1 else f"{said} only", last.tag, last.at)


def _of(known: Known) -> Pipeline:
    assert known.pipeline is not None  # `Ground.seen` asked
    return known.pipeline


def _none(known: Known, said: str) -> Seen:
    if known.repository is None:
        return Seen(None, f"{said}: the project is in no git repository")
    return Seen(None, _HIDDEN) if known.repository.hides_history else Seen(False, said)


GROUNDS = (
    Ground(
        "history.release", "the model on disk is a released version", "`nb2prod release {folder}`", _release, ("model",)
    ),
    Ground("history.deployment", "a version was deployed", "`nb2prod deploy {name}@VERSION`", _deployment),
    Ground(
        "history.rollback",
        "going back was done, or rehearsed",
        "`nb2prod rollback {name}` once, as a rehearsal",
        _rollback,
    ),
    Ground(
        "history.environments",
        "versions are deployed to another environment before production",
        "`nb2prod deploy {name}@VERSION --env staging` before production",
        _environments,
    ),
)
