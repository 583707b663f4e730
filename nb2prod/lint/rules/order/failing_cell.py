"""The cell does not come to its end.

## What it does

With `--run`, reports each cell that raises, kills its kernel or exceeds the time limit in a run from the top, where no
other rule says why (a missing name, file, package, API or the network have their own). Without, it tells as information
that the saved run of a cell ended with an error.

## Why is this bad?

A run from the top ends there, and so does a pipeline.

## Example

```python
assert len(frame) == 1000
```

## Use instead

Correct the cell. Where the error is what you want to show, give the cell the tag `raises-exception`.

## Known limits

Cells that need what a failed cell would have made are not run and not reported. A saved error may have been mended by
code that was changed since.
"""

from __future__ import annotations

from collections.abc import Iterator

from nb2prod.lint.context import CodeView, Context
from nb2prod.lint.rule import Finding

CODE = "NB109"
NAME = "failing-cell"
SEVERITY = "error"
FIXABLE = False

_LONGEST = 100


def check(context: Context) -> Iterator[Finding]:
    """One finding per cell whose saved outputs hold an error."""
    for view in context.views:
        error = _saved_error(view)
        if error and "raises-exception" not in view.cell.tags:
            message = f"the saved run of this cell ended with {error}"
            hint = "run it again; `nb2prod check --run` tells whether it still fails"
            yield Finding(view.index, view.positions.line_span(1), message, hint, severity="info")


def _saved_error(view: CodeView) -> str:
    for output in view.cell.outputs:
        if output.kind in ("error", "pyerr"):
            text = " ".join(dict(output.parts).get("error", "").split())
            return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
    return ""
