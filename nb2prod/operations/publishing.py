"""Writing a tag so that only one can win: decided and created under this clone's lock, then offered to the remote."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from nb2prod.adapters import remotes, tags
from nb2prod.adapters.clock import now
from nb2prod.errors import OutsideError
from nb2prod.operations.registry import Registry, open_registry

_TRIES = 50


@dataclass(frozen=True, slots=True)
class Draft:
    """A tag to write: its name, the commit that it is of, its text."""

    tag: str
    commit: str
    text: str
    sign: bool = False


@dataclass(frozen=True, slots=True)
class Published:
    """`tag`: the one that was written, None where there was nothing to do. `pushed`: None where there is no remote."""

    tag: str | None
    registry: Registry
    pushed: bool | None = None
    notes: tuple[str, ...] = ()


def publish(registry: Registry, decide: Callable[[Registry], Draft | None]) -> Published:
    """Write what `decide` makes of the newest state; when another was first, decide again.

    `decide` may raise: then nothing was written. Raises OutsideError where git fails.
    """
    for _ in range(_TRIES):
        with tags.one_at_a_time(registry.top):
            current = open_registry(registry.top, registry.name)
            draft = decide(current)
            if draft is None:
                return Published(None, current)
            if tags.create_tag(current.top, draft.tag, draft.commit, draft.text, at=_time(current), sign=draft.sign):
                done = _share(current, draft.tag)
                if done is not None:
                    return done
    raise OutsideError("others wrote tags all the time", hint="run the command again")


def _share(registry: Registry, tag: str) -> Published | None:
    """Send the tag, and those that could not be sent before; None where another clone was first."""
    if registry.remote is None:
        return Published(tag, registry)
    there = remotes.tags_at(registry.top, registry.remote)
    if there is None:
        return Published(tag, registry, False, (_unsent(registry, tag, "it does not answer"),))
    mine = [one.name for one in registry.ledger.tags]
    said = remotes.push_tags(registry.top, registry.remote, (*(one for one in mine if one not in there), tag))
    if said == "pushed":
        return Published(tag, registry, True)
    if said == "taken":
        tags.withdraw(registry.top, tag)
        remotes.fetch_tags(registry.top, registry.remote)
        return None
    return Published(tag, registry, False, (_unsent(registry, tag, said),))


def _unsent(registry: Registry, tag: str, why: str) -> str:
    return (
        f"{tag} is in this clone only, {registry.remote} did not take it ({why}); the next release, deployment or "
        f"rollback sends it, or: git push {registry.remote} '{tag}'"
    )


def _time(registry: Registry) -> float:
    """Now, but after every earlier event: GTO orders tags by their time, to the second."""
    last = max((datetime.fromisoformat(one.at).timestamp() for one in registry.ledger.tags), default=0.0)
    return max(now().timestamp(), last + 1)
