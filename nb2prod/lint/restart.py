"""The replay of a notebook from the top, kept for the rules that ask about it."""

from __future__ import annotations

from nb2prod.dataflow.restart.replay import Missing, Replay
from nb2prod.lint.context import Context

_OWN_NAMESPACE = ("sage",)


def missing_names(context: Context) -> tuple[Missing, ...]:
    """What a fresh kernel misses, in the order in which it does."""
    return context.keep(missing_names, lambda: _replayed(context))


def _replayed(context: Context) -> tuple[Missing, ...]:
    if context.notebook.kernel.startswith(_OWN_NAMESPACE):
        return ()
    ever = frozenset(name for view in context.views for name in view.binds)
    replay = Replay(ever, postponed=_is_lazy_about_annotations(context.notebook.language_version))
    for view in context.views:
        replay.cell(view.index, view.events, may_raise="raises-exception" in view.cell.tags)
    return tuple(replay.missing)


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
