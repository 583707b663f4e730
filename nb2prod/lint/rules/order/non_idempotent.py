"""Running a cell a second time gives something else, or fails.

## What it does

With `--run`, runs cells twice and compares. Without, points at what is plain: a variable of another cell that is
scaled or shifted onto itself (`x = x / 255`, `total += 1`), and a column that is dropped from a frame which then
replaces it.

## Why is this bad?

People run a cell again after they changed a comment. Here that divides by 255 once more, or ends in a `KeyError`.

## Example

```python
images = images / 255
```

## Use instead

```python
scaled = images / 255
```

## Known limits

A cell that builds its value from the start (`images = load()` above the division, in the same cell) is fine. Without a
run, calls such as `frame = clean(frame)` are not judged.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from nb2prod.lint.context import CodeView, Context
from nb2prod.lint.rule import Finding

CODE = "NB107"
NAME = "non-idempotent-cell"
SEVERITY = "info"
FIXABLE = False

_ARITHMETIC = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Pow)
_HINT = "bind the result to a name of its own, or build the value from the start in this cell"


def check(context: Context) -> Iterator[Finding]:
    """One finding per name and cell."""
    return context.each(CODE, partial(_of_cell, context))


def _of_cell(context: Context, view: CodeView) -> Iterator[Finding]:
    if view.parsed.magic is not None:
        return
    changed = {node: name for node in view.body if (name := _applied_to_itself(node)) is not None}
    if not changed:
        return
    bound: set[str] = set()
    stores: dict[ast.stmt, set[str]] = {}
    for one, statement in view.names:
        if isinstance(one.ctx, ast.Store):
            stores.setdefault(statement, set()).add(one.id)
    for node in view.body:
        name = changed.get(node)
        if name is not None and name not in bound:
            yield context.at(view, node, f"running this cell again changes `{name}` once more", hint=_HINT)
        bound |= stores.get(node, set())


def _applied_to_itself(node: ast.stmt) -> str | None:
    """The name that a top-level statement changes relative to what it was."""
    match node:
        case ast.AugAssign(target=ast.Name(id=name), op=op) if isinstance(op, _ARITHMETIC):
            return name
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.BinOp(left=left, op=op, right=right)):
            operands = [one.id for one in (left, right) if isinstance(one, ast.Name)]
            changes = isinstance(op, _ARITHMETIC) and operands.count(name) == 1
            return name if changes else None
        case ast.Assign(
            targets=[ast.Name(id=name)],
            value=ast.Call(func=ast.Attribute(value=ast.Name(id=receiver), attr="drop")) as call,
        ) if name == receiver and _drops_columns(call):
            return name
    return None


def _drops_columns(call: ast.Call) -> bool:
    """`drop(columns=…)` or `drop(…, axis=1)`, which fails when the column is gone."""
    given = {one.arg: one.value for one in call.keywords}
    axis = given.get("axis", call.args[1] if len(call.args) > 1 else None)
    columns = "columns" in given or (isinstance(axis, ast.Constant) and axis.value in (1, "columns"))
    return columns and "errors" not in given
