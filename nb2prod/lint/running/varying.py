"""Cells that give something else in a second run, and why."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from nb2prod.lint.context import CodeView, Context
from nb2prod.lint.running.chain import Chain, written_by
from nb2prod.lint.running.evidence import CellEvidence, Evidence, Fact
from nb2prod.lint.running.places import first_line
from nb2prod.pipeline.compare import comparable
from nb2prod.pipeline.observation import Mark

_CLOCKS = frozenset(
    {
        *("datetime.datetime.now", "datetime.datetime.utcnow", "datetime.datetime.today", "datetime.date.today"),
        *("pandas.Timestamp.now", "pandas.Timestamp.today", "pandas.Timestamp.utcnow", "time.time", "time.ctime"),
        *("time.strftime", "time.localtime", "time.gmtime", "time.perf_counter", "time.time_ns", "timeit.timeit"),
    }
)
_CAUSES = {
    "unseeded-rng": ("draws random numbers that nobody seeded", "seed it once: `random_state=`, `default_rng(0)`"),
    "wall-clock": ("depends on the time", "make the moment a parameter"),
    "network-access": ("depends on what the network answers", "keep a copy of the data in the project"),
    "unordered-iteration": ("depends on the order of a set or of hashes", "sort before the order matters"),
    "thread-nondeterminism": ("varies for no reason that was seen", "look for threads, processes, ids and files"),
}


def varying(context: Context, evidence: Evidence) -> Iterator[Fact]:
    """The first cell of each chain that differs between the two runs."""
    if evidence.second is None:
        return
    chain = Chain(context)
    for view in context.views:
        one, other = (run.cells.get(view.index) for run in (evidence.first, evidence.second))
        cause = chain.cause(view)
        if one is None or other is None or not (one.ran and other.ran):
            chain.follow(view, view.index)
            continue
        names = different_names(context, view, one.mark, other.mark)
        what = _what(view, one, other, names)
        if cause is not None:
            chain.spoil(names, cause[1])
        elif what:
            chain.spoil(names, view.index)
            yield _fact(context, view, one, other, what)


def different_cells(context: Context, evidence: Evidence) -> set[int]:
    """All cells that differ between the two runs, followers included."""
    found = set()
    for view in context.views if evidence.second else ():
        one, other = (run.cells.get(view.index) for run in (evidence.first, evidence.second) if run)
        if one is not None and other is not None and one.ran and other.ran:
            if _what(view, one, other, different_names(context, view, one.mark, other.mark)):
                found.add(view.index)
        else:
            found.add(view.index)
    return found


def different_names(context: Context, view: CodeView, one: Mark | None, other: Mark | None) -> list[str]:
    """Names that the cell wrote and whose values differ between the runs."""
    if one is None or other is None:
        return []
    names = sorted(one.variables.keys() & other.variables.keys() & written_by(context, view))
    return [
        name
        for name in names
        if one.variables[name].comparable and one.variables[name].fingerprint != other.variables[name].fingerprint
    ]


def _what(view: CodeView, one: CellEvidence, other: CellEvidence, names: list[str]) -> str:
    if comparable(one.outputs, view.cell.source) != comparable(other.outputs, view.cell.source):
        return "its output"
    return ", ".join(f"`{name}`" for name in names)


def _fact(context: Context, view: CodeView, one: CellEvidence, other: CellEvidence, what: str) -> Fact:
    rule = _cause(context, view, one, other)
    why, hint = _CAUSES[rule]
    return Fact(rule, view.index, first_line(view), f"{what} differs between two runs: the cell {why}", hint)


def _cause(context: Context, view: CodeView, one: CellEvidence, other: CellEvidence) -> str:
    """By what the observer saw, then by what stands in the cell."""
    marks = [cell.mark for cell in (one, other) if cell.mark is not None]
    called = {name for at, _, name in context.calls if at is view} | _called_functions(context, view)
    if any(mark.unseeded for mark in marks):
        return "unseeded-rng"
    if any(mark.clock for mark in marks) or called & _CLOCKS:
        return "wall-clock"
    if any(mark.network for mark in marks):
        return "network-access"
    if _has_sets(context, view, marks):
        return "unordered-iteration"
    return "thread-nondeterminism"


def _called_functions(context: Context, view: CodeView) -> set[str | None]:
    """What the notebook's own functions call that the cell mentions, one level down."""
    mentioned = {node.id for node in view.nodes(ast.Name)}
    found: set[str | None] = set()
    for at, call, name in context.calls:
        scope = at.scope(call)
        if isinstance(scope, ast.FunctionDef) and scope.name in mentioned:
            found.add(name)
    return found


def _has_sets(context: Context, view: CodeView, marks: list[Mark]) -> bool:
    displays: list[ast.expr] = [*view.nodes(ast.Set), *view.nodes(ast.SetComp)]
    if displays:
        return True
    names = {node.id for node in view.nodes(ast.Name)}
    kinds = {mark.variables[name].type for mark in marks for name in names & mark.variables.keys()}
    return bool(names & {"set", "frozenset", "hash"} or kinds & {"set", "frozenset"})
