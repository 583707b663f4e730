"""What the prediction log tells the verbs of versions: counts per day, and where one prediction was made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nb2prod.adapters.prediction_log import batches, find, find_by_consumer, logs
from nb2prod.errors import UsageError
from nb2prod.prediction.identity import parse_id
from nb2prod.prediction.records import Found
from nb2prod.release.names import reference


@dataclass(frozen=True, slots=True)
class Located:
    """A logged prediction: of which pipeline's version, where and when. `told`: what else the log has of it."""

    name: str
    version: int
    environment: str
    at: str
    told: Mapping[str, Any]


def by_id(top: Path, wanted: str) -> Located | None:
    """The prediction with that id of the log's own; None where it is no such id, or no log has it. Raises UsageError
    for one that no version made.
    """
    found = find(top, wanted) if parse_id(wanted) is not None else None
    return _located(found) if found is not None else None


def by_consumer(top: Path, wanted: str, names: Sequence[str]) -> Located | None:
    """The newest prediction of that id of the consumer's."""
    found = [one for name in names for one in find_by_consumer(top, wanted, name)]
    return _located(found[-1]) if found else None


def predictions_per_day(top: Path, name: str, environment: str) -> tuple[Mapping[str, Any], ...]:
    """Days (UTC) with predictions, the newest last."""
    counts: Counter[str] = Counter()
    for log in logs(top, name, environment):
        for batch in batches(log):
            counts[batch.at[:10]] += batch.rows
    return tuple({"day": day, "count": counts[day]} for day in sorted(counts))


def _located(found: Found) -> Located:
    batch = found.batch
    try:
        version = reference(batch.model).version or 0
    except UsageError:
        raise UsageError(
            f"prediction {found.id} was made by `{batch.model}`, not by a released version",
            hint="predictions of a release can be traced",
        ) from None
    told = {
        "id": found.id,
        "batch": batch.name,
        "row": found.row,
        "at": found.at,
        "consumer_id": _plain(found.consumer_id),
        "output": {key: _plain(one) for key, one in found.output.items()},
        "role": batch.role,
        "source": {"path": batch.source, "hash": f"sha256:{batch.source_sha256}"},
        "input_hash": found.input_hash,
        "input": found.input and {key: _plain(one) for key, one in found.input.items()},
        "model_hash": f"sha256:{batch.model_sha256}",
        "erased": found.erased,
    }
    return Located(batch.pipeline, version, batch.environment, found.at, told)


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | float | bool | None) else str(value)
