"""What was seen to hold, of what, and when. It goes stale when what it was seen on has changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

KINDS = (
    "verdict",
    "reproduction",
    "tests",
    "check",
    "schema",
    "validation",
    "probes",
    "skew",
    "gate",
    "holdout",
    "slices",
    "cases",
    "latency",
    "rollback",
    "deploy",
    "fetch",
    "approval",
    "predictions",
    "retention",
    "monitoring",
)


@dataclass(frozen=True, slots=True)
class Subject:
    """What evidence was seen on: SHA-256 digests (hex). None: it does not depend on that part."""

    code: str | None = None
    data: str | None = None
    model: str | None = None
    params: str | None = None
    contract: str | None = None

    def changed(self, now: Subject) -> tuple[str, ...]:
        """The parts that this depends on and that are others now."""
        names = [one.name for one in fields(self)]
        return tuple(name for name in names if getattr(self, name) not in (None, getattr(now, name)))


@dataclass(frozen=True, slots=True)
class Evidence:
    """`kind`: one of KINDS. `passed`: None where nothing was judged. `at`: ISO 8601, UTC. `facts`: what was measured,
    as plain data. `by`: who did it, as git names them.
    """

    kind: str
    passed: bool | None
    at: str
    subject: Subject = field(default_factory=Subject)
    facts: Mapping[str, Any] = field(default_factory=dict)
    by: str | None = None

    def stale(self, now: Subject) -> tuple[str, ...]:
        """What changed since: empty while the evidence holds."""
        return self.subject.changed(now)


def plain_evidence(evidence: Evidence) -> dict[str, Any]:
    """What is written to `evidence/<kind>.json`."""
    subject = {one.name: getattr(evidence.subject, one.name) for one in fields(Subject)}
    return {
        "version": 1,
        "kind": evidence.kind,
        "passed": evidence.passed,
        "at": evidence.at,
        "subject": subject,
        "facts": dict(evidence.facts),
        "by": evidence.by,
    }


def evidence_of(data: Mapping[str, Any]) -> Evidence:
    """The record again. Raises KeyError or TypeError for what `plain_evidence` did not make."""
    if data["version"] != 1:
        raise TypeError(f"evidence of version {data['version']}")
    return Evidence(data["kind"], data["passed"], data["at"], Subject(**data["subject"]), data["facts"], data.get("by"))
