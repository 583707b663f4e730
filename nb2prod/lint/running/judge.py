"""Facts of runs beside static diagnostics: confirmed, refuted, new."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from dataclasses import replace

from nb2prod.diagnostics import Diagnostic
from nb2prod.lint.context import CodeView, Context
from nb2prod.lint.registry import rules
from nb2prod.lint.running.evidence import Evidence, Fact
from nb2prod.lint.running.failures import failures
from nb2prod.lint.running.leftovers import leftovers
from nb2prod.lint.running.repeating import repeating
from nb2prod.lint.running.stale import is_stale, stale
from nb2prod.lint.running.varying import different_cells, varying
from nb2prod.lint.secrets.mask import masked_text

# What a cell that came to its end cannot have.
_ENDS = frozenset({"undefined-on-restart", "missing-input", "removed-api", "failing-cell"})
# What would have made a difference between the two runs.
_VARIES = frozenset({"unseeded-rng", "wall-clock", "unordered-iteration", "thread-nondeterminism"})


def judged(context: Context, diagnostics: Sequence[Diagnostic], evidence: Evidence) -> list[Diagnostic]:
    """The static diagnostics with `confirmed` set where the runs tell, and one for each fact that they do not cover."""
    facts = facts_of(context, evidence)
    old = [_confirmed(context, one, facts, evidence) for one in diagnostics]
    new = [_diagnostic(context, fact) for fact in facts if not _covered(context, fact, diagnostics)]
    by_place = {one.place: one for one in [*new, *old]}
    return [by_place[place] for place in sorted(by_place)]


def facts_of(context: Context, evidence: Evidence) -> list[Fact]:
    """All that the runs showed, one fact per rule, cell and subject."""
    differing = different_cells(context, evidence)
    found = [
        *failures(context, evidence),
        *leftovers(context, evidence),
        *varying(context, evidence),
        *stale(context, evidence, differing),
        *repeating(context, evidence, differing),
    ]
    return list({(one.rule, one.cell_index, one.subject): one for one in reversed(found)}.values())[::-1]


def _matches(context: Context, fact: Fact, one: Diagnostic) -> bool:
    """Whether the diagnostic speaks of this fact: same rule, same cell; or a function whose call showed it."""
    if fact.rule != one.name or (fact.subject and "`" in one.message and not _is_about(fact, one)):
        return False
    return fact.cell_index == one.cell_index or (one.cell_index < fact.cell_index and _in_function(context, one))


def _is_about(fact: Fact, one: Diagnostic) -> bool:
    """Whether it names the fact's subject; or, on the very line, what is below it: `sklearn`, `sklearn.externals`."""
    on_line = one.cell_index == fact.cell_index and one.span.line <= fact.span.line <= one.span.end_line
    return f"`{fact.subject}`" in one.message or (on_line and f"`{fact.subject}." in one.message)


def _covered(context: Context, fact: Fact, diagnostics: Iterable[Diagnostic]) -> bool:
    return any(_matches(context, fact, one) for one in diagnostics)


def _confirmed(context: Context, one: Diagnostic, facts: Iterable[Fact], evidence: Evidence) -> Diagnostic:
    if any(_matches(context, fact, one) for fact in facts) or _was_seen(one, evidence):
        return replace(one, confirmed=True)
    view = next((view for view in context.views if view.index == one.cell_index), None)
    if view is None or _in_function(context, one) or not _is_refuted(one, view, evidence):
        return one
    return replace(one, confirmed=False)


def _was_seen(one: Diagnostic, evidence: Evidence) -> bool:
    """What the observer saw in the cell, though it made no difference."""
    cell = evidence.first.cells.get(one.cell_index)
    if cell is None or cell.mark is None:
        return False
    return (one.name == "unseeded-rng" and bool(cell.mark.unseeded)) or (
        one.name == "network-access" and bool(cell.mark.network)
    )


def _is_refuted(one: Diagnostic, view: CodeView, evidence: Evidence) -> bool:
    if not evidence.first.ran(view.index):
        return False
    mark = evidence.first.cells[view.index].mark
    if one.name in _ENDS:
        return True
    if one.name in _VARIES:
        both = evidence.second is not None and evidence.second.ran(view.index)
        return both and mark is not None and not (mark.clock and one.name == "wall-clock")
    if one.name == "network-access":
        return mark is not None and not mark.network
    if one.name == "stale-output":
        return not is_stale(view, evidence.first)
    repeat = evidence.repeats.get(view.index)
    return one.name == "non-idempotent-cell" and repeat is not None


def _in_function(context: Context, one: Diagnostic) -> bool:
    """Whether it stands in a function's body, which runs where it is called."""
    view = next((view for view in context.views if view.index == one.cell_index), None)
    functions = [] if view is None else [*view.nodes(ast.FunctionDef), *view.nodes(ast.AsyncFunctionDef)]
    spans = [view.span(node) for node in functions] if view is not None else []
    return any(span.line <= one.span.line and one.span.end_line <= span.end_line for span in spans)


def _diagnostic(context: Context, fact: Fact) -> Diagnostic:
    rule = next(rule for rule in rules() if rule.name == fact.rule)
    cell = context.notebook.cells[fact.cell_index]
    return Diagnostic(
        code=rule.code,
        name=rule.name,
        severity=rule.severity,
        message=masked_text(fact.message),
        cell_id=cell.id,
        cell_index=fact.cell_index,
        span=fact.span,
        hint=fact.hint,
        confirmed=True,
    )
