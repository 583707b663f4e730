"""Run rules over a notebook: findings → diagnostics, in the order of the cells."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator

from nb2prod.diagnostics import Diagnostic
from nb2prod.lint.context import Context
from nb2prod.lint.rule import Finding, Rule
from nb2prod.lint.secrets.mask import masked_text

_FRAMES = 8000


def diagnose(context: Context, rules: Iterable[Rule]) -> list[Diagnostic]:
    """What the rules find, one per root cause, sorted by place."""
    # Visitors recurse several frames for each of the 200 levels that `parse` lets through.
    sys.setrecursionlimit(max(sys.getrecursionlimit(), _FRAMES))
    found = {one.place: one for rule in rules for one in _of_rule(context, rule)}
    return [found[place] for place in sorted(found)]


def _of_rule(context: Context, rule: Rule) -> Iterator[Diagnostic]:
    for finding in rule.check(context):
        yield _stamped(context, rule, finding)


def _stamped(context: Context, rule: Rule, finding: Finding) -> Diagnostic:
    cells = context.notebook.cells
    return Diagnostic(
        code=rule.code,
        name=rule.name,
        severity=finding.severity or rule.severity,
        message=masked_text(finding.message),
        cell_id=cells[finding.cell_index].id if finding.cell_index < len(cells) else "",
        cell_index=finding.cell_index,
        span=finding.span,
        hint=finding.hint,
        fix=finding.fix,
        shared=finding.shared,
    )
