"""A batch's plan: which temporary file becomes which, and what is undone where it never came to that."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Plan:
    """`moves`: (temporary, final), full paths, in the order in which they appear: the log before the output.
    `lock`: held as long as somebody works on it.
    """

    batch: str
    lock: str
    moves: tuple[tuple[str, str], ...]

    @property
    def temporary(self) -> tuple[str, ...]:
        """What a batch that was killed before it was decided leaves behind."""
        return tuple(source for source, _ in self.moves)


def text_of(plan: Plan) -> str:
    """As it is written."""
    data = {"version": 1, "batch": plan.batch, "lock": plan.lock, "moves": [list(move) for move in plan.moves]}
    return json.dumps(data, ensure_ascii=False)


def plan_of(text: str) -> Plan | None:
    """The plan again; None for a text that is none: it was cut short, so nothing was decided by it."""
    try:
        data: dict[str, Any] = json.loads(text)
        return Plan(str(data["batch"]), str(data["lock"]), tuple((str(one), str(two)) for one, two in data["moves"]))
    except (ValueError, KeyError, TypeError):
        return None
