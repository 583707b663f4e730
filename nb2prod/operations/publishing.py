"""Writing a tag so that only one can win: decided and created under this clone's lock, then offered to the remote.

A call that was killed after its tag was created is completed by the same call again (`completed`): otherwise a rollback
that was called twice, since the first was killed, would go back twice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from nb2prod.adapters import begun, remotes, tags
from nb2prod.adapters.begun import Work
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
    """`tag`: the one that was written, with its `text`; None where there was nothing to do. `pushed`: None where there
    is no remote.
    """

    tag: str | None
    registry: Registry
    pushed: bool | None = None
    notes: tuple[str, ...] = ()
    text: str = ""


def completed(registry: Registry, work: Work) -> Published | None:
    """What an earlier call of the same request had written when it was killed, sent now; None where there is nothing.

    Only where nothing has happened since: what came later was decided on it.
    """
    with tags.one_at_a_time(registry.top):
        current = open_registry(registry.top, registry.name)
        newest = max(current.ledger.tags, key=lambda one: one.at, default=None)
        done = None
        for one in begun.left(registry.top):
            written = newest is not None and newest.name == one.tag and newest.message.startswith(one.text.strip())
            if written and one.request == work.request:
                work.will_write(one.tag, one.text)  # so that it is completed later where this one is killed too
                note = f"{one.tag} was written by an earlier call that was interrupted; what was left to do is done now"
                done = _share(current, one.tag, one.text, (note,))
            if done is not None or not written:
                begun.forget(one.file)
        return done


def publish(registry: Registry, decide: Callable[[Registry], Draft | None], work: Work) -> Published:
    """Write what `decide` makes of the newest state; when another was first, decide again.

    `decide` may raise: then nothing was written. Raises OutsideError where git fails.
    """
    for _ in range(_TRIES):
        with tags.one_at_a_time(registry.top):
            current = open_registry(registry.top, registry.name)
            draft = decide(current)
            if draft is None:
                return unchanged(current)
            work.will_write(draft.tag, draft.text)
            if tags.create_tag(current.top, draft.tag, draft.commit, draft.text, at=_time(current), sign=draft.sign):
                done = _share(current, draft.tag, draft.text)
                if done is not None:
                    return done
            elif draft.tag not in {one.name for one in tags.read_tags(current.top)}:
                raise OutsideError(
                    f"the tag {draft.tag} is in the way of the next one: it says neither who made it nor when",
                    hint=f"look at it, and remove it: git tag -d '{draft.tag}'",
                )
    raise OutsideError("others wrote tags all the time", hint="run the command again")


def unchanged(registry: Registry) -> Published:
    """Nothing is to be written; what could not be sent before is sent now."""
    there = remotes.tags_at(registry.top, registry.remote) if registry.remote else None
    unsent = [one.name for one in registry.ledger.tags if there is not None and one.name not in there]
    if registry.remote is None or not unsent:
        return Published(None, registry)
    said = remotes.push_tags(registry.top, registry.remote, tuple(unsent))
    sent = said == "pushed"
    return Published(None, registry, sent, () if sent else tuple(_unsent(registry, one, said) for one in unsent))


def _share(registry: Registry, tag: str, text: str, notes: tuple[str, ...] = ()) -> Published | None:
    """Send the tag, and those that could not be sent before; None where another clone was first."""
    if registry.remote is None:
        return Published(tag, registry, None, notes, text)
    there = remotes.tags_at(registry.top, registry.remote)
    if there is None:
        return Published(tag, registry, False, (*notes, _unsent(registry, tag, "it does not answer")), text)
    mine = dict.fromkeys([*(one.name for one in registry.ledger.tags), tag])
    said = remotes.push_tags(registry.top, registry.remote, tuple(one for one in mine if one not in there))
    if said == "pushed":
        return Published(tag, registry, True, notes, text)
    if said == "taken":
        tags.withdraw(registry.top, tag)
        remotes.fetch_tags(registry.top, registry.remote)
        return None
    return Published(tag, registry, False, (*notes, _unsent(registry, tag, said)), text)


def _unsent(registry: Registry, tag: str, why: str) -> str:
    return (
        f"{tag} is in this clone only, {registry.remote} did not take it ({why}); the next release, deployment or "
        f"rollback sends it, or: git push {registry.remote} '{tag}'"
    )


def _time(registry: Registry) -> float:
    """Now, but after every earlier event: GTO orders tags by their time, to the second."""
    last = max((datetime.fromisoformat(one.at).timestamp() for one in registry.ledger.tags), default=0.0)
    return max(now().timestamp(), last + 1)
