"""The replay of a notebook from the top, kept for the rules that ask about it."""

from __future__ import annotations

from dataclasses import dataclass

from nb2prod.dataflow.restart.replay import Missing, Replay
from nb2prod.lint.context import Context

_OWN_NAMESPACE = ("sage",)
# So many cells lie between two states that an editor's session keeps.
_DISTANCE = 10


@dataclass(frozen=True, slots=True)
class _State:
    """The fresh kernel after some cells. `raising`: which of them may raise; `lazy`: about annotations."""

    raising: tuple[bool, ...]
    lazy: bool
    replay: Replay


def missing_names(context: Context) -> tuple[Missing, ...]:
    """What a fresh kernel misses, in the order in which it does."""
    return context.keep(missing_names, lambda: _replayed(context))


def _replayed(context: Context) -> tuple[Missing, ...]:
    if context.notebook.kernel.startswith(_OWN_NAMESPACE):
        return ()
    views = context.views
    ever = frozenset(name for view in views for name in view.binds)
    lazy = _is_lazy_about_annotations(context.notebook.language_version)
    raising = tuple("raises-exception" in view.cell.tags for view in views)
    states = _usable(context, ever, raising, lazy)
    replay = states[-1].replay.resumed(ever) if states else Replay(ever, postponed=lazy)
    start = len(states[-1].raising) if states else 0
    for place, view in enumerate(views[start:], start):
        if context.lasting and place % _DISTANCE == 0 and place > start:
            states.append(_State(raising[:place], lazy, replay.resumed(ever)))
        replay.cell(view.index, view.events, may_raise=raising[place])
    context.leave(missing_names, tuple(states))
    return tuple(replay.missing)


def _usable(context: Context, ever: frozenset[str], raising: tuple[bool, ...], lazy: bool) -> list[_State]:
    """The states of before that a replay of the cells as they are now would reach too."""
    known: tuple[_State, ...] = context.from_before(missing_names, tuple) or ()
    return [
        one
        for one in known
        if len(one.raising) <= (context.first_changed or 0)
        and one.raising == raising[: len(one.raising)]
        and one.lazy == lazy
        and one.replay.is_same_with(ever)
    ]


def _is_lazy_about_annotations(version: str) -> bool:
    """From Python 3.14 on, annotations are evaluated when somebody asks for them."""
    parts = version.split(".")
    return len(parts) > 1 and parts[0] == "3" and parts[1].isdigit() and int(parts[1]) >= 14


def binding_cells(context: Context) -> dict[str, tuple[int, ...]]:
    """Name → the cells that bind it at the top level, in document order."""
    return context.keep(binding_cells, lambda: _binding_cells(context))


def _binding_cells(context: Context) -> dict[str, tuple[int, ...]]:
    found: dict[str, list[int]] = {}
    for view in context.views:
        for name in view.binds:
            found.setdefault(name, []).append(view.index)
    return {name: tuple(cells) for name, cells in found.items()}
