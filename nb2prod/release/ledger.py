"""The tags of a repository → the history of one pipeline's model: versions, deployments, who is champion where.

1. Tags that hold nothing of ours (made by GTO or by hand) count too: what they bind is unknown, their order is their
   time. So do tags whose text is of another version or commit than the tag: copied, or changed.
2. An environment's champions form a stack: a deployment puts a version on top, a rollback takes down to the version
   that it names. So two rollbacks in a row go back twice, and never forth again.
3. A challenger (shadow, canary) is one until another takes its role, or its version becomes the champion.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from nb2prod.release.binding import Binding, binding_of, body
from nb2prod.release.names import CANARY, CHAMPION, SHADOW, deployed, released, short

DEPLOY, ROLLBACK = "deploy", "rollback"


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag as git has it. `commit`: what it points to; `at`: ISO 8601, UTC; `by`: the tagger's name."""

    name: str
    commit: str
    at: str
    by: str
    message: str
    signed: bool = False


@dataclass(frozen=True, slots=True)
class Release:
    """A version. `binding` None: the tag is not ours."""

    number: int
    tag: Tag
    binding: Binding | None

    @property
    def at(self) -> str:
        """When it was released."""
        return self.binding.at if self.binding else self.tag.at

    @property
    def passed(self) -> bool | None:
        """Whether it passed its gate; None where that is not known."""
        return self.binding.gate.get("passed") if self.binding else None


@dataclass(frozen=True, slots=True)
class Deployment:
    """An event in an environment. `order`: of all events of the pipeline. `kind`: deploy or rollback. `percent`: of the
    traffic that a canary is meant to get. `version` None: the tag's commit holds no version.
    """

    order: int
    environment: str
    role: str
    kind: str
    version: int | None
    at: str
    by: str
    because: str | None
    tag: Tag
    percent: float | None = None
    gate: Any = None


@dataclass(frozen=True, slots=True)
class Ledger:
    """All of one pipeline, in order."""

    name: str
    releases: tuple[Release, ...] = ()
    deployments: tuple[Deployment, ...] = ()

    def release(self, number: int) -> Release | None:
        """A version, if it is there."""
        return next((one for one in self.releases if one.number == number), None)

    @property
    def next_version(self) -> int:
        """The number that a release gets now."""
        return max((one.number for one in self.releases), default=0) + 1

    @property
    def next_order(self) -> int:
        """The number that a deployment gets now."""
        return max((one.order for one in self.deployments), default=0) + 1

    @property
    def tags(self) -> tuple[Tag, ...]:
        """All of its tags."""
        return (*(one.tag for one in self.releases), *(one.tag for one in self.deployments))

    @property
    def environments(self) -> tuple[str, ...]:
        """Those that something was ever deployed to, in the order of their first event."""
        return tuple(dict.fromkeys(one.environment for one in self.deployments))

    def champions(self, environment: str) -> tuple[Deployment, ...]:
        """The stack: the champion now is the last; the one before is what a rollback goes back to."""
        stack: list[Deployment] = []
        for event in self._of(environment, CHAMPION):
            if event.kind == ROLLBACK:
                below = [one.version for one in stack]
                at = len(below) - 1 - below[::-1].index(event.version) if event.version in below else len(stack)
                stack = stack[:at]
            stack.append(event)
        return tuple(stack)

    def champion(self, environment: str) -> Deployment | None:
        """Who is champion there, since its event."""
        return next(reversed(self.champions(environment)), None)

    def before(self, environment: str) -> Deployment | None:
        """The champion that a rollback goes back to."""
        stack = self.champions(environment)
        current = stack[-1].version if stack else None
        return next((one for one in reversed(stack) if one.version != current), None)

    def challengers(self, environment: str) -> tuple[Deployment, ...]:
        """Shadow and canary, as far as they are still on."""
        found = []
        for role in (SHADOW, CANARY):
            last = next(reversed(self._of(environment, role)), None)
            if last is not None and not any(
                one.version == last.version and one.order > last.order for one in self._of(environment, CHAMPION)
            ):
                found.append(last)
        return tuple(found)

    def champion_at(self, environment: str, at: str) -> Deployment | None:
        """Who was champion at a moment (ISO 8601, UTC)."""
        return next((one for one in reversed(self._of(environment, CHAMPION)) if one.at <= at), None)

    def _of(self, environment: str, role: str) -> tuple[Deployment, ...]:
        return tuple(one for one in self.deployments if (one.environment, one.role) == (environment, role))


def pipelines(tags: Iterable[Tag]) -> tuple[str, ...]:
    """The names that have a version or a deployment."""
    found = {(released(tag.name) or deployed(tag.name) or ("",))[0] for tag in tags}
    return tuple(sorted(found - {""}))


def ledger(name: str, tags: Iterable[Tag]) -> Ledger:
    """The history of one pipeline."""
    mine = [(tag, released(tag.name), deployed(tag.name)) for tag in tags]
    releases = tuple(
        sorted((_release(tag, it[1]) for tag, it, _ in mine if it and it[0] == name), key=lambda one: one.number)
    )
    by_commit = {one.tag.commit: one.number for one in releases}
    commits = {one.number: one.tag.commit for one in releases}
    events = [_honest(_deployment(tag, it, by_commit), commits) for tag, _, it in mine if it and it[0] == name]
    return Ledger(name, releases, tuple(sorted(events, key=lambda one: (one.order, one.at))))


def _release(tag: Tag, number: int) -> Release:
    data = body(tag.message)
    try:
        binding = binding_of(data) if data else None
    except (KeyError, TypeError):  # another tool's, or a newer nb2prod's
        return Release(number, tag, None)
    name = (released(tag.name) or ("",))[0]
    is_its_own = binding is not None and (binding.name, binding.number, binding.commit) == (name, number, tag.commit)
    return Release(number, tag, binding if is_its_own else None)


def _honest(event: Deployment, commits: Mapping[int, str]) -> Deployment:
    """Without its version where the tag is of another commit than that version is."""
    if event.version is None or commits.get(event.version, event.tag.commit) == event.tag.commit:
        return event
    return replace(event, version=None)


def _deployment(tag: Tag, parts: tuple[str, str, str, int], by_commit: dict[str, int]) -> Deployment:
    _, environment, role, order = parts
    data = body(tag.message) or {}
    return Deployment(
        order,
        environment,
        role,
        str(data.get("action", DEPLOY)),
        data.get("number", by_commit.get(tag.commit)),
        str(data.get("at", tag.at)),
        str(data.get("by", tag.by)),
        data.get("because"),
        tag,
        data.get("percent"),
        data.get("gate"),
    )


def told(version: int | None) -> str:
    """A version as people say it."""
    return "an unknown version" if version is None else short(version)
