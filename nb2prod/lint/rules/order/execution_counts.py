"""The saved execution counts are not those of one run.

## What it does

Looks at the execution counts of the code cells: two cells with the same count, and cells that were never run beside
cells that were.

## Why is this bad?

One run of one kernel counts 1, 2, 3, …. A repeated count means that cells come from different sessions, or were copied
with their outputs: the results were not computed together. A cell without a count has no result in this file, and
nobody knows whether it runs.

## Example

```python
frame = load()        # In [4]
frame.describe()      # In [4]
```

## Use instead

*Restart Kernel and Run All Cells*, then save; or clear all outputs before committing.

## Known limits

A notebook without any count was cleared, and is fine. Gaps (`In [3]`, `In [9]`) only say that cells were run more than
once, and are not reported.
"""

from __future__ import annotations

from collections.abc import Iterator

from nb2prod.lint.context import CodeView, Context
from nb2prod.lint.rule import Finding

CODE = "NB102"
NAME = "missing-or-repeated-counts"
SEVERITY = "info"
FIXABLE = False

_HINT = "restart the kernel, run all cells, and save"


def check(context: Context) -> Iterator[Finding]:
    """At most one finding of each kind."""
    counted = [view for view in context.views if view.cell.count is not None]
    if not counted:
        return
    yield from _repeated(counted)
    missing = [view for view in context.views if view.cell.count is None and view.body]
    if missing:
        number = f"{len(missing)} cells were" if len(missing) > 1 else "this cell was"
        yield _finding(missing[0], f"{number} not run when the notebook was saved")


def _repeated(counted: list[CodeView]) -> Iterator[Finding]:
    first: dict[int | None, CodeView] = {}
    for view in counted:
        other = first.setdefault(view.cell.count, view)
        if other is not view:
            message = f"cells {other.index + 1} and {view.index + 1} both have the execution count {view.cell.count}"
            yield _finding(view, f"{message}: they were not run together", "warning")
            return


def _finding(view: CodeView, message: str, severity: str = "") -> Finding:
    return Finding(view.index, view.positions.line_span(1), message, _HINT, severity=severity)
