"""Everything that made a version, or a prediction: one answer to the auditor, from the version's tag."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nb2prod.errors import Refused, UsageError
from nb2prod.release.binding import Binding
from nb2prod.release.ledger import Deployment, Ledger, Release
from nb2prod.release.names import CHAMPION, release_tag, short


@dataclass(frozen=True, slots=True)
class Trace:
    """`prediction`: id, batch, row, time, … as the log has them; None where a version or an artifact was asked for.
    `deployed_at`: when the version last became champion in `environment` before the prediction; None where never.
    """

    prediction: Mapping[str, Any] | None
    name: str
    binding: Binding
    environment: str | None
    deployed_at: str | None
    deployed_by: str | None
    signed: bool

    def plain(self) -> dict[str, Any]:
        """The answer as data: DESIGN's keys, then what else is known."""
        binding = self.binding
        lockfile = binding.lockfile
        return {
            "version": 1,
            "prediction": dict(self.prediction) if self.prediction is not None else None,
            "model": {
                "version": release_tag(self.name, binding.number),
                "artifact": f"{binding.pipeline}/{binding.artifact.path}",
                "hash": f"sha256:{binding.artifact.sha256}",
            },
            "code": {"commit": binding.commit, "notebook": binding.notebook},
            "data": [{"path": one.path, "hash": f"md5:{one.md5}"} for one in binding.data],
            "params": dict(binding.params),
            "environment": self.environment,
            "approved_by": binding.approval.by if binding.approval else None,
            "deployed_at": self.deployed_at,
            "deployed_by": self.deployed_by,
            "approval_signed": bool(binding.approval and self.signed),
            "lockfile": {"path": lockfile.path, "hash": f"sha256:{lockfile.sha256}"} if lockfile else None,
            "dvc_lock": f"sha256:{binding.dvc_lock}",
            "contract": f"sha256:{binding.contract}",
            "schema": f"sha256:{binding.schema}" if binding.schema else None,
            "metrics": dict(binding.metrics),
            "gate": dict(binding.gate),
            "released_at": binding.at,
            "released_by": binding.by,
            "python": binding.python,
            "nb2prod": binding.nb2prod,
        }


def trace_of_version(ledger: Ledger, number: int) -> Trace:
    """A version, where it is or was champion last."""
    release = _release(ledger, number)
    events = [one for one in ledger.deployments if one.version == number and one.role == CHAMPION]
    return _trace(ledger, release, None, events[-1] if events else None)


def trace_of_artifact(ledger: Ledger, text: str) -> Trace | None:
    """The first version that holds an artifact or data of that hash, or at that path; None where none does."""
    for release in ledger.releases:
        binding = release.binding
        if binding is None:
            continue
        files = (binding.artifact, *binding.data)
        hashes = [one for file in files for one in (file.md5, file.sha256) if one]
        if len(text) >= 8 and any(one.startswith(text.lower()) for one in hashes):
            return trace_of_version(ledger, release.number)
    for release in reversed(ledger.releases):
        binding = release.binding
        if binding and text in (binding.artifact.path, f"{binding.pipeline}/{binding.artifact.path}"):
            return trace_of_version(ledger, release.number)
    return None


def trace_of_prediction(ledger: Ledger, number: int, environment: str, at: str, told: Mapping[str, Any]) -> Trace:
    """A prediction: its version, and the deployment that was on when it was made."""
    events = [
        one for one in ledger.deployments if (one.version, one.environment) == (number, environment) and one.at <= at
    ]
    return _trace(ledger, _release(ledger, number), told, events[-1] if events else None, environment)


def _trace(
    ledger: Ledger,
    release: Release,
    prediction: Mapping[str, Any] | None,
    event: Deployment | None,
    environment: str | None = None,
) -> Trace:
    if release.binding is None:
        raise Refused(
            f"{ledger.name} {short(release.number)} was not released by nb2prod: what it binds is not known",
            hint=f"git show '{release.tag.name}'",
        )
    return Trace(
        prediction,
        ledger.name,
        release.binding,
        environment or (event.environment if event else None),
        event.at if event else None,
        event.by if event else None,
        release.tag.signed,
    )


def _release(ledger: Ledger, number: int) -> Release:
    found = ledger.release(number)
    if found is None:
        there = ", ".join(short(one.number) for one in ledger.releases) or "none"
        raise UsageError(f"{ledger.name} has no version {short(number)}", hint=f"there are: {there}")
    return found
