"""`nb2prod deploy`: a version that passed its gate becomes the champion of an environment, or a challenger there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from nb2prod.adapters.begun import Work, work
from nb2prod.errors import OutsideError, UsageError
from nb2prod.operations import deploying
from nb2prod.operations.bundle import Bundle, bundle_for
from nb2prod.operations.deploying import ChampionMoved, Deployed
from nb2prod.operations.publishing import Draft, Published, completed, publish, unchanged
from nb2prod.operations.registry import Registry, open_registry
from nb2prod.release.names import CANARY, CHAMPION, SHADOW, reference
from nb2prod.release.plans import Plan, deploy_plan

_TRIES = 20


def deploy(
    version: str,
    folder: str | Path = ".",
    *,
    environment: str | None = None,
    shadow: bool = False,
    canary: float | None = None,
    because: str | None = None,
) -> Deployed:
    """Put a version in place, at once or not at all. `canary`: percent of the traffic; nothing routes it yet.

    Where another champion has come since the version's gate, the gate is asked again, against that one. Raises Refused
    with the reason, UsageError for a version or an environment that is not there.
    """
    wanted, role = reference(version), _role(shadow, canary)
    registry = open_registry(Path(folder), wanted.name, fetch=True)
    bundle = bundle_for(registry.top, deploying.binding_of(registry.ledger, wanted.version or 0))
    place = deploying.environment_of(bundle.contract, environment)

    def planned(current: Registry) -> Plan | None:
        return deploy_plan(current.ledger, wanted.version or 0, place, role, canary, because)

    with work(registry.top, ("deploy", bundle.name, bundle.version, place, role, str(canary))) as begun:
        done = completed(registry, begun) or _deployed(registry, bundle, planned, begun)
        return deploying.deployed(done, bundle, place, role, registry.notes)


def _deployed(registry: Registry, bundle: Bundle, planned: Callable[[Registry], Plan | None], begun: Work) -> Published:
    """Ask the gate and write the tag; both again where another champion comes in between."""
    notes: tuple[str, ...] = ()
    for _ in range(_TRIES):
        plan = planned(registry)
        if plan is None:
            return unchanged(registry)
        gate = deploying.gate_for(registry, bundle, plan)

        def decide(current: Registry, gated: Plan = plan, gate: deploying.Plain = gate) -> Draft | None:
            now = planned(current)
            if now is not None and now.replaces != gated.replaces:
                raise ChampionMoved
            return None if now is None else deploying.draft(now, gate, current.top)

        try:
            done = publish(registry, decide, begun)
            return replace(done, notes=notes + done.notes)
        except ChampionMoved:
            registry = open_registry(registry.top, registry.name)
            notes = (f"another champion came to {plan.environment} meanwhile: the gate was asked again, against it",)
    raise OutsideError("others deployed all the time", hint="look at `nb2prod history`, and run the command again")


def _role(shadow: bool, canary: float | None) -> str:
    if shadow and canary is not None:
        raise UsageError("a challenger is a shadow or a canary", hint="give one of --shadow and --canary")
    if canary is not None and not 0 < canary < 100:
        raise UsageError(f"--canary {canary:g} is no share of the traffic", hint="give a percentage between 0 and 100")
    return SHADOW if shadow else CHAMPION if canary is None else CANARY
