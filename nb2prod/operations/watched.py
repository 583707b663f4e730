"""What the prediction log tells, recorded as evidence: rows that came, that broke the schema, how long they stay."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from nb2prod.adapters import evidence
from nb2prod.adapters.clock import now, timestamp
from nb2prod.adapters.prediction_log import read_batch
from nb2prod.contract.evidence import Evidence
from nb2prod.operations.served import UNRELEASED
from nb2prod.prediction.places import LOG
from nb2prod.prediction.records import Batch
from nb2prod.prediction.retention import days_over, is_day

_DAYS = 14


def remember_predictions(folder: Path, top: Path, name: str, keep: int) -> None:
    """Bring the evidence of predictions and of their retention (`keep`: days) up to date with the log, where there is
    one: the log itself is in no clone.

    Only what a released version answered counts. Raises OutsideError.
    """
    seen = [one for one in _recent(top / LOG / name) if one.model != UNRELEASED]
    if not seen:
        return
    known = {one.kind: one for one in evidence.evidence_of(folder)}
    for found in (_evidence(seen), _retention(top / LOG / name, keep)):
        before = known.get(found.kind)
        if before is None or (before.passed, before.facts) != (found.passed, found.facts):
            evidence.record(folder, found)


def _retention(log: Path, keep: int) -> Evidence:
    """What is in the log longer than it may be: a day that is over goes with the next `predict` of its environment."""
    days = {f"{path.parent.name} {path.name}": path.name for path in log.glob("*/*") if is_day(path.name)}
    over = set(days_over(days.values(), now().date(), keep))
    late = sorted(name for name, day in days.items() if day in over)
    facts = {"retention_days": keep, "oldest": min(days.values(), default=""), "over": late}
    return Evidence("retention", not late, timestamp(), facts=facts)


def _evidence(batches: list[Batch]) -> Evidence:
    rows, aside = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for one in batches:
        rows[one.environment, one.at[:10]] += one.rows
        aside[one.environment, one.at[:10]] += one.quarantined
    days = [
        {"environment": place, "day": day, "rows": count, "quarantined": aside[place, day]}
        for (place, day), count in sorted(rows.items())
    ]
    last = max(one.at for one in batches)
    facts = {"rows": rows.total(), "quarantined": aside.total(), "last": last[:10], "days": days}
    return Evidence("predictions", True, last, facts=facts)


def _recent(log: Path) -> Iterator[Batch]:
    """Of each environment, the batches of the last days that have any."""
    for environment in sorted(log.glob("*")):
        days = sorted(path for path in environment.iterdir() if is_day(path.name))
        for path in (path for day in days[-_DAYS:] for path in sorted(day.glob("*.json"))):
            if (batch := read_batch(environment, path.stem)) is not None:
                yield batch
