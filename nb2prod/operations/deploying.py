"""The parts of a deployment and of a rollback: its gate, its tag, what is told of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nb2prod
from nb2prod.adapters import commits, contract_file, evidence, tags
from nb2prod.adapters.clock import timestamp
from nb2prod.contract.evidence import Evidence, Subject
from nb2prod.contract.model import FILE, Contract
from nb2prod.errors import Refused, UsageError
from nb2prod.operations.bundle import Bundle, bundle_of
from nb2prod.operations.publishing import Draft, Published
from nb2prod.operations.registry import Registry
from nb2prod.release.binding import Binding, body
from nb2prod.release.ledger import DEPLOY, ROLLBACK, Ledger
from nb2prod.release.names import CHAMPION, short
from nb2prod.release.plans import Plan

Plain = Mapping[str, Any] | None


class ChampionMoved(Exception):
    """Another champion came while the gate was asked: ask again."""


@dataclass(frozen=True, slots=True)
class Deployed:
    """What is where now. `tag` None: it was there already. `replaced`: the champion until now."""

    name: str
    version: str
    environment: str
    role: str
    action: str
    tag: str | None
    replaced: str | None = None
    because: str | None = None
    notes: tuple[str, ...] = ()


def binding_of(ledger: Ledger, number: int) -> Binding:
    """What a version binds. Raises UsageError for one that is not there, Refused for one that is not ours."""
    found = ledger.release(number)
    if found is None:
        there = ", ".join(short(one.number) for one in ledger.releases) or "none yet"
        raise UsageError(f"{ledger.name} has no version {short(number)}", hint=f"there are: {there}")
    if found.binding is None:
        raise Refused(
            f"{ledger.name} {short(number)} was not released by nb2prod: no gate has passed it",
            hint="release its commit with `nb2prod release`",
        )
    return found.binding


def environment_of(contract: Contract, wanted: str | None) -> str:
    """The environment's name; the contract's first where none is named. Raises UsageError for one that it has not."""
    if wanted is None:
        return contract.environments[0]
    if wanted not in contract.environments:
        raise UsageError(
            f"the contract of that version has no environment `{wanted}`",
            hint=f"it has {', '.join(contract.environments)}",
        )
    return wanted


def main_environment(registry: Registry) -> str:
    """The first environment of the contract of the newest version: what is meant where none is named."""
    last = next(reversed(registry.ledger.releases), None)
    if last is None or last.binding is None:
        return "production"
    text = commits.text_at(registry.top, last.tag.commit, f"{last.binding.pipeline}/{FILE}")
    return contract_file.parse_contract(text).environments[0] if text else "production"


def gate_for(registry: Registry, bundle: Bundle, plan: Plan) -> Plain:
    """The gate that lets the plan through: the version's own, or asked again where its rival is no longer the champion.

    Raises Refused where it fails now.
    """
    from nb2prod.operations.gating import gate

    binding = plan.release.binding
    assert binding is not None  # deploy_plan refuses others
    own = {"asked": "at release", **_brief(binding.gate)}
    if plan.role != CHAMPION or plan.replaces in (None, binding.gate.get("against_version")):
        return own
    champion = bundle_of(registry.top, registry.name, plan.replaces or 0)
    verdict = gate(bundle, (plan.replaces or 0, champion), registry.top).verdict
    if not verdict.passed:
        failed = "\n".join(f"  {one.name}: {one.sentence}" for one in verdict.conditions if not one.passed)
        raise Refused(
            f"{registry.name} {short(plan.release.number)} passed its gate against {binding.gate.get('against')}, but "
            f"the champion is {verdict.against} now, against which it fails\n{failed}",
            hint=f"to go back to an earlier champion: `nb2prod rollback --to {short(plan.release.number)}`",
        )
    return {"asked": "at deployment", **_brief(verdict.plain())}


def _brief(gate: Mapping[str, Any]) -> dict[str, Any]:
    return {key: gate.get(key) for key in ("passed", "sentence", "against", "against_version", "metric", "difference")}


def draft(plan: Plan, gate: Plain, top: Path) -> Draft:
    """The tag to write."""
    text = plan.message(timestamp(timespec="microseconds"), tags.who(top), nb2prod.__version__, gate)
    return Draft(plan.tag, plan.release.tag.commit, text)


def deployed(done: Published, bundle: Bundle, environment: str, role: str, notes: tuple[str, ...]) -> Deployed:
    """What is told, and what is recorded as evidence where the pipeline's folder is of this version."""
    written = body(done.text) or {}
    replaces = written.get("replaces")
    told = Deployed(
        bundle.name,
        bundle.version.split(".")[0],
        environment,
        role,
        str(written.get("action", DEPLOY)),
        done.tag,
        short(replaces) if replaces else None,
        written.get("because"),
        notes + done.notes,
    )
    if done.tag is not None:
        _record(told, bundle, done)
    return told


def _record(told: Deployed, bundle: Bundle, done: Published) -> None:
    """That it was deployed, or rolled back, is evidence of the pipeline, whatever its code is by now."""
    folder = done.registry.top / bundle.package_dir.relative_to(bundle.tree)
    if not folder.is_dir():
        return
    facts = {
        "environment": told.environment,
        "version": told.version,
        "role": told.role,
        "replaced": told.replaced,
        "tag": told.tag,
        "because": told.because,
    }
    kind = "rollback" if told.action == ROLLBACK else "deploy"
    evidence.record(
        folder, Evidence(kind, True, timestamp(timespec="microseconds"), Subject(), facts, tags.who(done.registry.top))
    )
