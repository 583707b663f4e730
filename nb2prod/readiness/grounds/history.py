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
    same = [one for one in pipeline.releases if one.model and one.model == pipeline.model]
    if same:
        return Seen(True, f"released as {same[-1].version}", same[-1].tag, same[-1].at)
    last = pipeline.releases[-1]
    if pipeline.model is None:
        return Seen(None, "production.yaml names no model that is on disk", last.tag, last.at)
    if last.model is None:
        return Seen(None, f"{last.version} names no artifact: another tool made it", last.tag, last.at)
    return Seen(None, f"stale: the model changed after {last.version}, and is in no version", last.tag, last.at)


def _deployment(known: Known) -> Seen:
    pipeline = _of(known)
    if not pipeline.deployments:
        return _none(known, "nothing was deployed")
    last = pipeline.deployments[-1]
    return Seen(True, f"{last.version} is in {last.environment}", last.tag, last.at)


def _rollback(known: Known) -> Seen:
    """What was recorded of it; where that names a deployment, the history must have it."""
    pipeline = _of(known)
    found = pipeline.evidence.get("rollback")
    done = {one.tag: one for one in pipeline.deployments if one.kind == "rollback"}
    if found is None and done:
        last = list(done.values())[-1]
        said = f"{last.environment} went back to {last.version}, but the record of it is not here: commit evidence/"
        return Seen(None, said, last.tag, last.at)
    tag = found.facts.get("tag") if found else None
    if tag and tag not in done:
        return _none(known, f"the history has no {tag}, which the record of a rollback names")
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
