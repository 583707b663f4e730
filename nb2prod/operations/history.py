"""`nb2prod history`: every release, deployment and rollback of a pipeline, in order, as the tags hold them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from nb2prod.operations.registry import open_registry
from nb2prod.release.ledger import ROLLBACK, Ledger, told
from nb2prod.release.names import CHAMPION


@dataclass(frozen=True, slots=True)
class Event:
    """`kind`: release, deploy, rollback, shadow or canary. `environment` None: a release. `at`: ISO 8601, UTC."""

    kind: str
    version: str
    environment: str | None
    at: str
    by: str
    because: str | None
    tag: str


@dataclass(frozen=True, slots=True)
class History:
    """The oldest first."""

    name: str
    events: tuple[Event, ...]
    notes: tuple[str, ...] = ()


def history(name: str | None = None, folder: str | Path = ".") -> History:
    """Of one pipeline. Raises UsageError for a name without history."""
    registry = open_registry(Path(folder), name)
    return History(registry.name, tuple(_events(registry.ledger)), registry.notes)


def _events(ledger: Ledger) -> Iterator[Event]:
    """Deployments in the order of their numbers, each release before the first that is later than it."""
    releases = [
        Event("release", told(one.number), None, one.at, one.tag.by, None, one.tag.name) for one in ledger.releases
    ]
    for event in ledger.deployments:
        while releases and (releases[0].at <= event.at or releases[0].version == told(event.version)):
            yield releases.pop(0)
        kind = event.role if event.role != CHAMPION else "rollback" if event.kind == ROLLBACK else "deploy"
        yield Event(kind, told(event.version), event.environment, event.at, event.by, event.because, event.tag.name)
    yield from releases
