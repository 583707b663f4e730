"""The story of a notebook, for the rules, and the words that they share."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from nb2prod.lint.context import CodeView, Context
from nb2prod.lint.provenance.events import Fit, Place, Story
from nb2prod.lint.provenance.machine import tell
from nb2prod.lint.provenance.pairs import Leak, leaks
from nb2prod.lint.provenance.resuming import told


def story_of(context: Context) -> Story:
    """What the notebook does with its data; made once."""
    return context.keep("provenance", lambda: _told(context))


def _told(context: Context) -> Story:
    """From the top, or, in an editor, from the cell that is being edited."""
    if not context.lasting:
        return tell((view.index, view.body) for view in context.views)
    known = context.from_before("so far", tuple) or ()
    story, kept = told(context.views, known, context.first_changed)
    context.leave("so far", kept)
    return story


def leaks_of(context: Context) -> list[Leak]:
    """Estimates over rows that a model was judged on; made once."""
    return context.keep("leaks", lambda: leaks(story_of(context)))


def view_at(context: Context, place: Place) -> CodeView:
    """The cell of a place."""
    return context.keep("views by index", lambda: {view.index: view for view in context.views})[place.cell]


def where(context: Context, place: Place, seen_from: Place) -> str:
    """`line 4`, or `cell 3` where it is another one. Cells are counted from 1, as people do."""
    if place.cell == seen_from.cell:
        return f"line {view_at(context, place).span(place.node).line}"
    return f"cell {place.cell + 1}"


def executed_otherwise(context: Context, first: Place, second: Place) -> str:
    """A word where the last run had the two cells the other way round."""
    cells = context.notebook.cells
    one, other = cells[first.cell].count, cells[second.cell].count
    if one is None or other is None or first.cell == second.cell or (one < other) == (first.cell < second.cell):
        return ""
    return f"; the last run had cell {second.cell + 1} before cell {first.cell + 1}"


def statement_at(context: Context, place: Place) -> ast.AST:
    """The innermost statement around a place."""
    return view_at(context, place).statement(place.node) or place.node


def by_cause(context: Context, fits: Iterable[Fit]) -> list[list[Fit]]:
    """Fits that are one root cause: those of one statement, and the statistics of one cell."""
    groups: dict[object, list[Fit]] = {}
    for fit in fits:
        key: object = fit.place.cell if fit.kind == "statistic" else statement_at(context, fit.place)
        groups.setdefault(key, []).append(fit)
    return list(groups.values())


def first_of(context: Context, fits: list[Fit]) -> Fit:
    """The one that stands first in the cell."""
    return min(fits, key=lambda fit: view_at(context, fit.place).span(fit.place.node))


def subject(fits: list[Fit], first: Fit) -> str:
    """`StandardScaler is fitted`, `mean() is taken`, `3 statistics are taken`."""
    places = {
        (fit.place.node.lineno, fit.place.node.col_offset) for fit in fits if isinstance(fit.place.node, ast.expr)
    }
    if first.kind == "statistic":
        return f"{len(places)} statistics ({first.what}, …) are taken" if len(places) > 1 else f"{first.what} is taken"
    return f"{first.what.removesuffix('.fit')} is fitted"
