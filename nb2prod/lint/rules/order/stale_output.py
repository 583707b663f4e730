"""The saved output is not what the cell gives.

## What it does

With `--run`, compares each cell's saved output with what a fresh run gives. Without, finds what is plain from the
file: a cell of constant `print`s, or a constant on its last line, beside another text; a traceback that quotes a line
that the cell does not have any more.

## Why is this bad?

Readers believe the numbers that they see. These belong to code that was changed since.

## Example

```python
print("accuracy: 0.91")     # shows: accuracy: 0.87
```

## Use instead

Run the notebook from the top and save it, or clear its outputs.

## Known limits

Without a run only constants and tracebacks can be told. A run reports outputs that differ for another reason (time,
randomness) under that reason's rule.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from nb2prod.lint.context import CodeView, Context
from nb2prod.lint.rule import Finding
from nb2prod.notebook.model import Output

CODE = "NB103"
NAME = "stale-output"
SEVERITY = "warning"
FIXABLE = False

_HINT = "run the notebook from the top and save it, or clear the outputs"
_ARROW = re.compile(r"^-+> (\d+) (.*)$", re.MULTILINE)
_CELL_FRAME = re.compile(r"^(Cell In ?\[|<ipython-input|File <ipython|Input In )", re.MULTILINE)
_ESCAPES = re.compile(r"\x1b\[[0-9;]*m")


def check(context: Context) -> Iterator[Finding]:
    """At most one finding per cell."""
    for view in context.views:
        if view.cell.outputs and view.parsed.magic is None:
            message = _constant_mismatch(view) or _traceback_mismatch(view)
            if message:
                yield Finding(view.index, view.positions.line_span(1), message, _HINT)


def _constant_mismatch(view: CodeView) -> str:
    """The cell does nothing but print or show constants, and something else is saved."""
    printed: list[str] = []
    for node in view.body:
        match node:
            case ast.Expr(value=ast.Call(func=ast.Name(id="print"), args=[ast.Constant(value=str(text))], keywords=[])):
                printed.append(text + "\n")
            case ast.Expr(value=ast.Constant()):
                pass
            case _:
                return ""
    saved = _stdout(view.cell.outputs)
    if not printed or saved is None or saved == "".join(printed):
        return ""
    return "the saved output is not what these `print`s give: the cell was changed after it ran"


def _stdout(outputs: tuple[Output, ...]) -> str | None:
    """The printed text; None where there is anything else."""
    if any(one.kind != "stream" or one.parts[0][0] != "stdout" for one in outputs):
        return None
    return "".join(text for one in outputs for _, text in one.parts)


def _traceback_mismatch(view: CodeView) -> str:
    """The traceback quotes, as this cell's own, a line that the cell does not have."""
    for output in view.cell.outputs:
        text = _ESCAPES.sub("", dict(output.parts).get("traceback", ""))
        frame = _CELL_FRAME.search(text)
        arrow = _ARROW.search(text, frame.end()) if frame else None
        if arrow is not None and arrow[2].strip() and arrow[2].strip() not in view.cell.source:
            return "the saved traceback quotes a line that the cell does not have: it was changed after it ran"
    return ""
