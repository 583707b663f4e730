"""What was tried and recorded under `evidence/`. A record about other code, data or another model is stale."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields

from nb2prod.contract.evidence import Evidence, Subject
from nb2prod.readiness.ground import Ground, Seen, of_pipeline
from nb2prod.readiness.known import Known, Pipeline

_WORDS = {"params": "parameters", "model": "the model"}
_MOST_FACTS = 4
_ALL = tuple(one.name for one in fields(Subject))


def stale_parts(evidence: Evidence, now: Subject, parts: tuple[str, ...]) -> tuple[str, ...]:
    """Those of `parts` that are others now than the evidence was seen on."""
    return tuple(part for part in evidence.stale(now) if part in parts)


def _recorded(kind: str, what: str, parts: tuple[str, ...]) -> Callable[[Known], Seen]:
    def look(pipeline: Pipeline) -> Seen:
        link = f"{pipeline.folder}/evidence/{kind}.json"
        if kind in pipeline.unreadable:
            return Seen(None, f"{link} cannot be read: {pipeline.unreadable[kind]}")
        found = pipeline.evidence.get(kind)
        if found is None:
            return Seen(None, f"no record that {what}")
        stale = stale_parts(found, pipeline.subject, parts)
        if stale:
            changed = " and ".join(_WORDS.get(part, part) for part in stale)
            return Seen(None, f"{kind} is stale: {changed} changed after {found.at[:10]}", link, found.at)
        return Seen(found.passed, _sentence(found), link, found.at)

    return of_pipeline(look)


rehearsal = _recorded("rollback", "going back was done, or rehearsed", ())


def _sentence(evidence: Evidence) -> str:
    """With the first of its facts that are short."""
    verdict = {True: "passed", False: "failed", None: "was recorded, and judged nothing"}[evidence.passed]
    plain = [(name, value) for name, value in evidence.facts.items() if isinstance(value, str | int | float | bool)]
    facts = ", ".join(f"{name} {_shown(value)}" for name, value in plain[:_MOST_FACTS] if len(str(value)) <= 60)
    return f"{evidence.kind} {verdict}{f': {facts}' if facts else ''}"


def _shown(value: str | float) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _ground(kind: str, what: str, step: str, parts: tuple[str, ...]) -> Ground:
    return Ground(f"evidence.{kind}", what, step, _recorded(kind, what, parts), parts)


_RELEASE = "`nb2prod release {folder}`"

GROUNDS = (
    _ground(
        "tests",
        "the pipeline's tests passed",
        "`nb2prod ready {folder} --run-tests`, which runs and records them",
        ("code",),
    ),
    _ground(
        "validation",
        "the training data were checked against the schema",
        _RELEASE,
        ("data", "contract"),
    ),
    _ground(
        "probes",
        "malformed input was tried on purpose, and answered with a clear error or a quarantine",
        _RELEASE,
        ("code", "model", "contract"),
    ),
    _ground(
        "skew",
        "training rows through the prediction path gave the same features and predictions, exactly",
        _RELEASE,
        ("code", "data", "model", "contract"),
    ),
    _ground(
        "holdout",
        "the hold-out was shown to be data that training never saw",
        _RELEASE,
        ("code", "data", "params", "contract"),
    ),
    _ground("gate", "it passed its gate against the champion or the baseline", _RELEASE, _ALL),
    _ground("slices", "no group is worse than the contract allows", _RELEASE, _ALL),
    _ground("cases", "the behavioural cases hold", _RELEASE, ("code", "model", "contract")),
    _ground("fetch", "data and artifacts were fetched back from where they are kept", _RELEASE, ("data", "model")),
    _ground(
        "approval",
        "somebody approved this model",
        "`gate.approver: true` in {folder}/production.yaml, and `nb2prod release {folder} --approver WHO`",
        ("model",),
    ),
    _ground(
        "predictions",
        "predictions of a release are logged, and counted per day",
        "`nb2prod predict DATA --model {name}`",
        (),
    ),
    _ground(
        "monitoring",
        "the prediction log was compared with the training data",
        "compare recent inputs and predictions with the training data, and record it",
        ("model",),
    ),
)
