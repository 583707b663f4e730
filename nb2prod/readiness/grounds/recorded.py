"""What was tried and recorded under `evidence/`. A record about other code, data or another model is stale."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields

from nb2prod.contract.evidence import Evidence, Subject
from nb2prod.readiness.ground import Ground, Seen, of_pipeline
from nb2prod.readiness.known import Known, Pipeline

#: What has to be tried of any input; categories, infinities and wrong types only where there are columns for them.
PROBES = (
    "missing column",
    "extra column",
    "reordered columns",
    "no rows",
    "one row",
    "an empty cell",
    "an empty file",
    "another delimiter",
    "another encoding",
    "a file cut short",
)
_WORDS = {"params": "parameters", "model": "the model"}
_MOST_FACTS = 4
_ALL = tuple(one.name for one in fields(Subject))


def stale_parts(evidence: Evidence, now: Subject, parts: tuple[str, ...]) -> tuple[str, ...]:
    """Those of `parts` that are others now than the evidence was seen on."""
    return tuple(part for part in evidence.stale(now) if part in parts)


def recorded(
    kind: str, what: str, parts: tuple[str, ...], told: Callable[[Evidence], tuple[bool | None, str]] | None = None
) -> Callable[[Known], Seen]:
    """A look at the evidence of a kind. `told`: what it says while it is fresh; by itself, whether it passed."""

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
        holds, text = told(found) if told else (found.passed, _sentence(found))
        return Seen(holds, text, link, found.at)

    return of_pipeline(look)


rehearsal = recorded("rollback", "going back was done, or rehearsed", ())


def _sentence(evidence: Evidence) -> str:
    """With the first of its facts that are short."""
    verdict = {True: "passed", False: "failed", None: "was recorded, and judged nothing"}[evidence.passed]
    plain = [(name, value) for name, value in evidence.facts.items() if isinstance(value, str | int | float | bool)]
    facts = ", ".join(f"{name} {_shown(value)}" for name, value in plain[:_MOST_FACTS] if len(str(value)) <= 60)
    return f"{evidence.kind} {verdict}{f': {facts}' if facts else ''}"


def _shown(value: str | float) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _probes(evidence: Evidence) -> tuple[bool | None, str]:
    """Each probe counts by itself: what was never tried is not known."""
    listed = evidence.facts.get("probes")
    named = [one for one in listed if isinstance(one, dict) and "name" in one] if isinstance(listed, list) else []
    tried = {str(one["name"]): one for one in named}
    flawed = [f"{name} ({one.get('flaw') or 'failed'})" for name, one in tried.items() if not one.get("passed")]
    if flawed or evidence.passed is False:
        return False, f"probes failed: {', '.join(flawed[:_MOST_FACTS]) or 'it is not said which'}"
    missing = [name for name in PROBES if name not in tried]
    if missing or evidence.passed is None:
        return None, f"probes that were never tried: {', '.join(missing) or 'it is not said which'}"
    return True, f"{len(tried)} malformed inputs were answered as they should be"


def _ground(
    kind: str,
    what: str,
    step: str,
    parts: tuple[str, ...],
    told: Callable[[Evidence], tuple[bool | None, str]] | None = None,
) -> Ground:
    return Ground(f"evidence.{kind}", what, step, recorded(kind, what, parts, told), parts)


_RELEASE = "`nb2prod release {folder}`"
_PROBE = "`nb2prod probe {folder}`"

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
        _PROBE,
        ("data", "contract"),
    ),
    _ground(
        "probes",
        "malformed input was tried on purpose, and answered with a clear error or a quarantine",
        _PROBE,
        ("code", "model", "contract"),
        _probes,
    ),
    _ground(
        "skew",
        "training rows through the prediction path gave the same features and predictions, exactly",
        _PROBE,
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
        "retention",
        "the log holds no prediction longer than the contract allows",
        "`nb2prod predict DATA --model {name}`, which removes the days that are over",
        (),
    ),
)
