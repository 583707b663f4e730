"""Readiness as text: what is met in a line each, what is not with its evidence and the next step."""

from __future__ import annotations

from collections.abc import Iterator

from nb2prod.readiness.criterion import LEVELS
from nb2prod.readiness.judging import Judged, Readiness

_MARKS = {True: "+", False: "-", None: "?"}
_WORDS = {"met": "met", "not_met": "NOT MET", "unknown": "unknown"}


def render(readiness: Readiness) -> str:
    """The report; its last line says whether the level is reached."""
    lines = [line for one in readiness.criteria for line in _lines(one)]
    return "\n".join([*lines, "", summary(readiness)])


def summary(readiness: Readiness) -> str:
    """`churn: 9 of 16 criteria of level 0 (…) are met, 56 %`"""
    level = f"level {readiness.level} ({LEVELS[readiness.level]})"
    asked = len(readiness.criteria)
    return f"{readiness.name}: {readiness.met} of {asked} criteria of {level} are met, {readiness.score} %"


def _lines(judged: Judged) -> Iterator[str]:
    yield f"{_WORDS[judged.status]:8} {judged.criterion.id}: {judged.criterion.title}"
    for one in judged.seen:
        yield f"           {_MARKS[one.holds]} {one.sentence()}"
    for step in judged.steps:
        yield f"           → {step}"
