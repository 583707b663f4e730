"""What the prediction log tells of the last days, recorded as evidence: rows that came, rows that broke the schema."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from nb2prod.adapters import evidence
from nb2prod.adapters.prediction_log import read_batch
from nb2prod.contract.evidence import Evidence
from nb2prod.operations.served import UNRELEASED
from nb2prod.prediction.places import LOG
from nb2prod.prediction.records import Batch
from nb2prod.prediction.retention import is_day

_DAYS = 14


def remember_predictions(folder: Path, top: Path, name: str) -> None:
    """Bring `evidence/predictions.json` up to date with the log, where there is one: the log itself is in no clone.

    Only what a released version answered counts. Raises OutsideError.
    """
    seen = [one for one in _recent(top / LOG / name) if one.model != UNRELEASED]
    if not seen:
        return
    found = _evidence(seen)
    if found not in evidence.evidence_of(folder):
        evidence.record(folder, found)


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
