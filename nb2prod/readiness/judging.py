"""From what is known to an answer for each criterion, and their sum."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from nb2prod.readiness.criterion import Criterion
from nb2prod.readiness.ground import Seen
from nb2prod.readiness.grounds.registry import grounds
from nb2prod.readiness.known import Known
from nb2prod.readiness.registry import criteria

Status = Literal["met", "not_met", "unknown"]


@dataclass(frozen=True, slots=True)
class Judged:
    """A criterion's answer. `seen`: of each ground that something is known of. `steps`: towards the grounds that do not
    hold.
    """

    criterion: Criterion
    status: Status
    seen: tuple[Seen, ...] = ()
    steps: tuple[str, ...] = ()

    @property
    def evidence(self) -> str:
        """What was seen, where and when; what is missing first."""
        ordered = sorted(self.seen, key=lambda one: one.holds is True)
        return "; ".join(one.sentence() for one in ordered) or "nothing is known yet"

    @property
    def how_to_meet(self) -> str:
        """The next steps; in general where nothing is left to do."""
        return "; ".join(self.steps) or self.criterion.how


@dataclass(frozen=True, slots=True)
class Readiness:
    """The criteria that a level asks, in their order, at one moment (ISO 8601, UTC)."""

    name: str
    level: int
    at: str
    criteria: tuple[Judged, ...]

    @property
    def met(self) -> int:
        """How many are."""
        return sum(one.status == "met" for one in self.criteria)

    @property
    def score(self) -> int:
        """Percent that are met, rounded down: 100 means all."""
        return 100 * self.met // len(self.criteria)

    @property
    def is_reached(self) -> bool:
        """Whether the level is."""
        return self.met == len(self.criteria)


def judge(known: Known, level: int) -> Readiness:
    """The answers to what `level` and the levels below it ask."""
    asked = [one for one in criteria() if one.level <= level]
    return Readiness(known.name, level, known.now, tuple(judged(one, known) for one in asked))


def judged(criterion: Criterion, known: Known) -> Judged:
    """One criterion's answer."""
    looked = [(ground, ground.seen(known)) for ground in (grounds()[key] for key in criterion.rests_on)]
    steps = dict.fromkeys(ground.next_step(known) for ground, seen in looked if not seen.holds)
    seen = tuple(one for _, one in looked if one.text)
    return Judged(criterion, _status(one.holds for _, one in looked), seen, tuple(steps))


def _status(holds: Iterable[bool | None]) -> Status:
    found = set(holds)
    return "not_met" if False in found else "unknown" if None in found else "met"
