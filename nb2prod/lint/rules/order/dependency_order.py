"""Cells were run in another order than they stand in, and a value came from another cell than it will.

## What it does

Compares, by the execution counts that are saved in the notebook, which cell last wrote a name before a cell used it:
in the order of the last run, and in the order of the document. Where these are two different cells, the saved result
is not what a run from the top gives. An inversion that changes no such pair is reported once, as information.

## Why is this bad?

The results that are shown were computed from other values than the ones that the document shows above them.

## Example

```python
rate = 0.1            # In [1]
print(rate * 100)     # In [3]
rate = 0.2            # In [2]
```

## Use instead

Move the cell that was meant above the one that uses it, give the second value a name of its own, and run the notebook
from the top before it is saved.

## Known limits

Only the last run of each cell leaves a count. A cell that was merely run again after those below it is reported as
information: most often it gave what it gave before. Notebooks with repeated or no counts are left to
`missing-or-repeated-counts`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from itertools import pairwise

from nb2prod.dataflow.facts import CellFacts, Names
from nb2prod.diagnostics import Span
from nb2prod.lint.context import CodeView, Context
from nb2prod.lint.rule import Finding

CODE = "NB101"
NAME = "dependency-violating-order"
SEVERITY = "warning"
FIXABLE = False

_HINT = "run the notebook from the top, and move cells if it then differs"
_Writers = dict[int, dict[str, int]]


def check(context: Context) -> Iterator[Finding]:
    """One finding per cell that used another cell's value; else one for the notebook."""
    views = [view for view in context.views if view.cell.count is not None]
    counts = [view.cell.count or 0 for view in views]
    if len(set(counts)) != len(counts) or counts == sorted(counts):
        return
    found = list(_violations(context, views))
    yield from found or [_outdated(context, views) or _harmless(views)]


def _violations(context: Context, views: Sequence[CodeView]) -> Iterator[Finding]:
    executed = sorted(views, key=lambda view: view.cell.count or 0)
    then, now = _writers(context, executed), _writers(context, views)
    by_index = {view.index: view for view in views}
    for view in views:
        for name in sorted(then[view.index]):
            before, after = then[view.index][name], now[view.index].get(name)
            if after is not None and before != after and before != view.index != after:
                yield _finding(context, view, name, by_index[before], by_index[after])
                break


def _writers(context: Context, views: Sequence[CodeView]) -> _Writers:
    """Cell → name that it uses → the cell that last wrote it before, in this order."""
    last: dict[str, int] = {}
    found: _Writers = {}
    for view in views:
        facts = context.facts(view)
        found[view.index] = {name: last[name] for name in facts.facts.uses if name in last}
        last.update(dict.fromkeys(_values_written(facts), view.index))
    return found


def _values_written(facts: CellFacts) -> Names:
    """Names that the cell gives a value of its own: no imports, no definitions."""
    same = {
        name
        for statement in facts.statements
        if statement.kind in ("import", "definition")
        for name in statement.facts.defines
    }
    return frozenset(
        name for name in (facts.facts.defines | facts.facts.mutates) - same if not name.startswith(("$", "_"))
    )


def _finding(context: Context, view: CodeView, name: str, before: CodeView, after: CodeView) -> Finding:
    message = (
        f"in the run that is saved here `{name}` came from cell {before.index + 1}; "
        f"from the top it comes from cell {after.index + 1}"
    )
    return Finding(view.index, _use(view, name), message, _HINT)


def _use(view: CodeView, name: str) -> Span:
    nodes = (node for node in view.nodes(ast.Name) if node.id == name)
    first = next(nodes, None)
    return view.span(first) if first is not None else view.positions.line_span(1)


def _outdated(context: Context, views: Sequence[CodeView]) -> Finding | None:
    """A cell that others depend on was run again after them."""
    counts = {view.index: view.cell.count or 0 for view in views}
    now = _writers(context, views)
    for view in views:
        for name, writer in sorted(now[view.index].items()):
            if counts[writer] > counts[view.index]:
                message = f"cell {writer + 1}, which binds `{name}`, was run again after this cell"
                return Finding(view.index, _use(view, name), message, _HINT, severity="info")
    return None


def _harmless(views: Sequence[CodeView]) -> Finding:
    view = next(after for before, after in pairwise(views) if (before.cell.count or 0) > (after.cell.count or 0))
    message = "cells were run in another order than they stand in; no value depends on it"
    return Finding(view.index, view.positions.line_span(1), message, "run the notebook from the top", severity="info")
