"""`nb2prod trace`: a prediction, a version or an artifact → everything that made it. Reads tags and the log only."""

from __future__ import annotations

from pathlib import Path

from nb2prod.adapters.tags import read_tags
from nb2prod.errors import UsageError
from nb2prod.operations.predictions import by_consumer, by_id
from nb2prod.operations.registry import open_registry, repository
from nb2prod.release.ledger import ledger, pipelines
from nb2prod.release.names import reference
from nb2prod.release.trace import Trace, trace_of_artifact, trace_of_prediction, trace_of_version


def trace(wanted: str, folder: str | Path = ".", *, name: str | None = None) -> Trace:
    """What made it. Raises UsageError for an id that is neither a version, nor an artifact, nor a logged prediction."""
    place = Path(folder)
    try:
        version = reference(wanted)
    except UsageError:
        return _other(wanted, place, name)
    registry = open_registry(place, version.name or name)
    return trace_of_version(registry.ledger, version.version or 0)


def _other(wanted: str, folder: Path, name: str | None) -> Trace:
    top = repository(folder)
    tags = read_tags(top)
    names = (name,) if name else pipelines(tags)
    found = by_id(top, wanted)
    if found is None:
        traces = (trace_of_artifact(ledger(one, tags), wanted) for one in names)
        if (artifact := next((one for one in traces if one is not None), None)) is not None:
            return artifact
        found = by_consumer(top, wanted, names)
    if found is not None:
        return trace_of_prediction(ledger(found.name, tags), found.version, found.environment, found.at, found.told)
    raise UsageError(
        f"`{wanted}` is no version, no artifact of a version, and no logged prediction of this repository",
        hint="`nb2prod history` lists the versions; the log of a prediction is where it was made",
    )
