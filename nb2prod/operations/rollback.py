"""`nb2prod rollback`: the champion before is the champion again. No gate is asked: it was champion, and time counts."""

from __future__ import annotations

from pathlib import Path

from nb2prod.errors import Refused
from nb2prod.operations import deploying
from nb2prod.operations.bundle import Bundle, bundle_for
from nb2prod.operations.deploying import Deployed
from nb2prod.operations.publishing import Draft, publish
from nb2prod.operations.registry import Registry, open_registry
from nb2prod.operations.trying import try_recent
from nb2prod.release.names import CHAMPION, reference
from nb2prod.release.plans import Plan, rollback_plan


def rollback(
    name: str | None = None,
    folder: str | Path = ".",
    *,
    environment: str | None = None,
    to: str | None = None,
    because: str | None = None,
    force: bool = False,
) -> Deployed:
    """Go back to the champion before the present one, or to `to`; its model, code, lockfile, contract and schema.

    The recent logged inputs are tried first, where the log keeps them; `force` goes back even where they fail. The
    remote is asked where it answers; where the model is in the cache, nothing else needs a network. Raises Refused.
    """
    registry = open_registry(Path(folder), name, fetch=True)
    place = environment or deploying.main_environment(registry)
    target = reference(to).version if to else None
    tried: dict[int, Bundle] = {}
    plans: list[Plan] = []

    def decide(current: Registry) -> Draft:
        plan = rollback_plan(current.ledger, place, target, because)
        plans.append(plan)
        if plan.release.number not in tried:
            tried[plan.release.number] = _sound(current, plan, place, force)
        return deploying.draft(plan, None, current.top)

    decide(registry)
    done = publish(registry, decide)
    plan = plans[-1]
    return deploying.deployed(done, plan, tried[plan.release.number], place, CHAMPION, registry.notes)


def _sound(registry: Registry, plan: Plan, environment: str, force: bool) -> Bundle:
    """The version's bundle, its bytes verified and the recent inputs tried. Raises Refused."""
    bundle = bundle_for(registry.top, deploying.binding_of(registry.ledger, plan.release.number))
    said = try_recent(registry.top, bundle, environment)
    if said and not force:
        raise Refused(
            f"{bundle.name} {bundle.version} fails on recent inputs: {said}", hint="go back all the same with --force"
        )
    return bundle
