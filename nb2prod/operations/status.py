"""`nb2prod status`: per environment which version, since when, by whom, its gate, how old its model and data are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from nb2prod.adapters import contract_file
from nb2prod.adapters.clock import now
from nb2prod.operations.registry import Registry, open_registry, pipeline_folders
from nb2prod.release.ledger import Deployment, Ledger, Release, told


@dataclass(frozen=True, slots=True)
class Standing:
    """A version in an environment. Ages in days; None where they are not known."""

    version: str
    role: str
    since: str
    by: str
    gate: Mapping[str, Any] | None
    model_age_days: float | None
    data_age_days: float | None
    because: str | None = None
    percent: float | None = None


@dataclass(frozen=True, slots=True)
class Environment:
    """`champion` None: nothing is deployed there. `predictions_per_day`: [{"day", "count"}], the newest last."""

    name: str
    champion: Standing | None
    challengers: tuple[Standing, ...] = ()
    predictions_per_day: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Version:
    """A version in the list of all."""

    version: str
    commit: str
    at: str
    by: str
    gate: Mapping[str, Any] | None
    metrics: Mapping[str, Any]
    approved_by: str | None = None


@dataclass(frozen=True, slots=True)
class Status:
    """All environments, all versions."""

    name: str
    environments: tuple[Environment, ...]
    versions: tuple[Version, ...]
    notes: tuple[str, ...] = ()


def status(name: str | None = None, folder: str | Path = ".", *, environment: str | None = None) -> Status:
    """Of one pipeline, from its tags alone: nothing is loaded or fetched. Raises UsageError for a name without
    history.
    """
    registry = open_registry(Path(folder), name)
    names = [environment] if environment else _environments(registry)
    return Status(
        registry.name,
        tuple(_environment(registry, one) for one in names),
        tuple(_version(one) for one in registry.ledger.releases),
        registry.notes,
    )


def _environments(registry: Registry) -> list[str]:
    """The contract's, then others that something was deployed to."""
    folder = pipeline_folders(registry.top).get(registry.name)
    contract = contract_file.read_contract(folder) if folder else None
    known = contract.environments if contract else ("production",)
    return list(dict.fromkeys([*known, *registry.ledger.environments]))


def _environment(registry: Registry, name: str) -> Environment:
    from nb2prod.operations.predictions import predictions_per_day

    ledger = registry.ledger
    champion = ledger.champion(name)
    return Environment(
        name,
        _standing(ledger, champion) if champion else None,
        tuple(_standing(ledger, one) for one in ledger.challengers(name)),
        predictions_per_day(registry.top, registry.name, name),
    )


def _standing(ledger: Ledger, event: Deployment) -> Standing:
    release = ledger.release(event.version) if event.version is not None else None
    binding = release.binding if release else None
    return Standing(
        told(event.version),
        event.role,
        event.at,
        event.by,
        (event.gate or (brief(binding.gate) if binding else None)),
        _days(release.at) if release else None,
        _days(str(binding.extra["data_at"])) if binding and binding.extra.get("data_at") else None,
        event.because,
        event.percent,
    )


def brief(gate: Mapping[str, Any]) -> dict[str, Any]:
    """The gate without its groups."""
    return {key: one for key, one in gate.items() if key != "slices"}


def _version(release: Release) -> Version:
    binding = release.binding
    return Version(
        told(release.number),
        release.tag.commit,
        release.at,
        release.tag.by,
        brief(binding.gate) if binding else None,
        binding.metrics if binding else {},
        binding.approval.by if binding and binding.approval else None,
    )


def _days(at: str) -> float:
    return round((now() - datetime.fromisoformat(at)).total_seconds() / 86400, 3)
