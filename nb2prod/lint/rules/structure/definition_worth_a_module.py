"""A function or class has grown big enough to live in a module.

## What it does

Finds functions of more than 50 lines and classes of more than 100 that are defined in a cell.

## Why is this bad?

Code in a notebook has no tests, cannot be imported, and is copied to the next notebook. Training and prediction then
drift apart.

## Example

```python
class Trainer:
    …                      # 150 lines
```

## Use instead

```python
from churn.training import Trainer
```

`nb2prod convert` lifts such definitions into the pipeline's package by itself.

## Known limits

Only the length is looked at.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from nb2prod.diagnostics import Span
from nb2prod.lint.context import CodeView, Context
from nb2prod.lint.rule import Finding

CODE = "NB702"
NAME = "definition-worth-a-module"
SEVERITY = "info"
FIXABLE = False

_MOST_LINES = {ast.FunctionDef: 50, ast.AsyncFunctionDef: 50, ast.ClassDef: 100}


def check(context: Context) -> Iterator[Finding]:
    """One finding per definition at the top level."""
    for view in context.views:
        for node in view.body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > _MOST_LINES[type(node)]:
                    message = f"`{node.name}` has {lines} lines: it is worth a module of its own"
                    hint = "move it into a file beside the notebook, import it, and test it there"
                    yield Finding(view.index, _head(view, node), message, hint)


def _head(view: CodeView, node: ast.stmt) -> Span:
    return view.positions.line_span(view.span(node).line)
