"""`nb2prod rollback`: the champion before is the champion again. No gate is asked: it was champion, and time counts."""

from __future__ import annotations

from pathlib import Path

from nb2prod.adapters.begun import work
from nb2prod.errors import Refused
from nb2prod.operations import deploying
from nb2prod.operations.bundle import Bundle, bundle_for
from nb2prod.operations.deploying import Deployed
from nb2prod.operations.publishing import Draft, completed, publish
from nb2prod.operations.registry import Registry, open_registry
from nb2prod.operations.trying import try_recent
from nb2prod.release.binding import body
from nb2prod.release.ledger import Deployment, told
from nb2prod.release.names import CHAMPION, reference
from nb2prod.release.plans import rollback_plan


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
    seen = registry.ledger.champion(place)
    tried: dict[int, tuple[Bundle, str]] = {}

    def decide(current: Registry) -> Draft:
        if target is None:
            _check_still(current, place, seen)
        plan = rollback_plan(current.ledger, place, target, because)
        number = plan.release.number
        tried[number] = tried.get(number) or _sound(current, number, place, force)
        return deploying.draft(plan, None, current.top)

    with work(registry.top, ("rollback", registry.name, place, str(target))) as begun:
        done = completed(registry, begun)
        if done is None:
            decide(registry)
            done = publish(registry, decide, begun)
        number = int((body(done.text) or {})["number"])
        bundle, note = tried.get(number) or (_bundle(registry, number), "")
        return deploying.deployed(done, bundle, place, CHAMPION, registry.notes + ((note,) if note else ()))


def _check_still(registry: Registry, environment: str, seen: Deployment | None) -> None:
    """Raises Refused where another champion came: two who roll back the same version must not go back twice."""
    now_there = registry.ledger.champion(environment)
    if now_there is None or seen is None or now_there.tag == seen.tag:
        return
    raise Refused(
        f"{now_there.by} was faster: {told(now_there.version)} is the champion in {environment} now, no longer "
        f"{told(seen.version)} ({now_there.tag.name}); nothing was rolled back",
        hint="look at `nb2prod status`; to go back from there, run the command again, or name the version with --to",
    )


def _bundle(registry: Registry, number: int) -> Bundle:
    return bundle_for(registry.top, deploying.binding_of(registry.ledger, number))


def _sound(registry: Registry, number: int, environment: str, force: bool) -> tuple[Bundle, str]:
    """The version's bundle, its bytes verified and the recent inputs tried, with a note on that. Raises Refused."""
    bundle = _bundle(registry, number)
    tried = try_recent(registry.top, bundle, environment)
    if tried.failed and not force:
        raise Refused(
            f"{bundle.name} {bundle.version} fails on recent inputs: {tried.failed}",
            hint="go back all the same with --force",
        )
    return bundle, tried.note
