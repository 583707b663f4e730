"""A criterion, made from its module."""

from __future__ import annotations

from dataclasses import dataclass
from types import ModuleType

LEVELS = {
    0: "one or two models, rarely updated",
    1: "several models, trained regularly",
    2: "many models, updated often",
}


@dataclass(frozen=True, slots=True)
class Criterion:
    """`level`: the maturity from which it is asked. `rests_on`: keys of grounds, all of which must hold. `page`:
    Markdown, why it is asked. `how`: how to meet it, whatever is known.
    """

    id: str
    title: str
    question: str
    source: str
    level: int
    rests_on: tuple[str, ...]
    how: str
    page: str


def criterion_of(module: ModuleType) -> Criterion:
    """The criterion that a module defines by its constants and its docstring."""
    return Criterion(
        module.ID,
        module.TITLE,
        module.QUESTION,
        module.SOURCE,
        module.LEVEL,
        module.RESTS_ON,
        module.HOW,
        (module.__doc__ or "").strip() + "\n",
    )
