"""What the prediction log tells the verbs of versions: counts per day, and where one prediction was made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nb2prod.prediction.identity import parse_id
from nb2prod.prediction.records import Found


@dataclass(frozen=True, slots=True)
class Located:
    """A logged prediction: of which pipeline's version, where and when. `told`: the rest of what the log has of it."""

    name: str
    version: int
    environment: str
    at: str
    told: Mapping[str, Any]


def located(top: Path, wanted: str, names: Sequence[str]) -> Located | None:
    """The prediction of that id, by the log's own id or the consumer's (the newest); None where no log has it, and for
    one of a model that was never released.
    """
    from nb2prod.adapters.prediction_log import find, find_by_consumer

    is_ours = parse_id(wanted) is not None
    found = find(top, wanted) if is_ours else next(reversed(find_by_consumer(top, wanted)), None)
    if found is None or found.batch.pipeline not in names or not found.version.startswith("v"):
        return None
    number = int(found.version.lstrip("v").partition(".")[0])
    return Located(found.batch.pipeline, number, found.environment, found.at, told(found))


def told(found: Found) -> dict[str, Any]:
    """What the log has of a prediction, as plain data."""
    return {
        "id": found.id,
        "batch": found.batch.name,
        "row": found.row,
        "role": found.batch.role,
        "consumer_id": found.consumer_id,
        "erased": found.erased,
        "output": dict(found.output),
        "input_hash": found.input_hash,
        "input": dict(found.input) if found.input is not None else None,
        "latency_us": found.latency_us,
        "source": found.batch.source,
        "source_sha256": found.batch.source_sha256,
        "model_sha256": found.batch.model_sha256,
    }


def predictions_per_day(top: Path, name: str, environment: str) -> tuple[Mapping[str, Any], ...]:
    """Days with predictions, the newest last."""
    from nb2prod.adapters.prediction_log import batches, logs

    counts: Counter[str] = Counter()
    for log in logs(top, name, environment):
        for batch in batches(log):
            counts[batch.at[:10]] += batch.rows
    return tuple({"day": day, "predictions": count} for day, count in sorted(counts.items()))
