"""Two names for one object, and one of them is changed.

## What it does

Finds `b = a` at the top level, a change in place of `b` below (`b["x"] = …`, `b.append(…)`, `inplace=True`), and a
later use of `a`, which then has changed too.

## Why is this bad?

The assignment makes no copy. A cell that looks as if it kept the original works on the changed one, and running the
cells in another order gives other numbers.

## Example

```python
scaled = frame
scaled["price"] = scaled["price"] / 100
frame["price"].mean()                      # of the scaled prices
```

## Use instead

```python
scaled = frame.copy()
```

## Known limits

Only plain assignments at the top level are followed, and only changes that are certain. Where the two names are meant
to be one object, silence it with a reason.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from nb2prod.dataflow.knowledge import tables
from nb2prod.diagnostics import Fix, Replace, Span
from nb2prod.lint.context import CodeView, Context, Occurrence
from nb2prod.lint.rule import Finding

CODE = "NB106"
NAME = "alias-mutation"
SEVERITY = "warning"
FIXABLE = True

_COPYABLE = ("pandas.", "numpy.", "polars.")


@dataclass(frozen=True, slots=True)
class _Alias:
    """`new = old`."""

    at: Occurrence
    value: ast.expr
    new: str
    old: str


def check(context: Context) -> Iterator[Finding]:
    """One finding per assignment, on the change."""
    for view in context.views:
        for node in view.body:
            alias = _alias(view, node)
            change = _change(context, alias) if alias and _can_change(context, alias.old) else None
            if alias and change and _is_read_after(context, alias.old, change):
                yield _finding(context, alias, change)


def _alias(view: CodeView, node: ast.stmt) -> _Alias | None:
    match node:
        case ast.Assign(targets=[ast.Name(id=new) as target], value=ast.Name(id=old)) if new != old:
            return _Alias(Occurrence(view, target, node), node.value, new, old)
    return None


def _change(context: Context, alias: _Alias) -> Occurrence | None:
    """The first statement that changes the object through its new name, while both names still mean it."""
    for one in _after(context, alias.new, alias.at):
        if _changes(one.statement, alias.new):
            old = _after(context, alias.old, alias.at)
            return None if any(_is_bound(other) and other.place < one.place for other in old) else one
        if _is_bound(one):
            return None
    return None


def _after(context: Context, name: str, at: Occurrence) -> Iterator[Occurrence]:
    return (one for one in context.occurrences.get(name, ()) if one.place > at.place)


def _is_bound(one: Occurrence) -> bool:
    return not isinstance(one.node.ctx, ast.Load)


def _can_change(context: Context, name: str) -> bool:
    """Whether the name is first bound to a frame, an array or a container."""
    first = next((one.statement for one in context.occurrences.get(name, ()) if _is_bound(one)), None)
    match first:
        case ast.Assign(value=ast.List() | ast.Dict() | ast.Set() | ast.ListComp() | ast.DictComp() | ast.SetComp()):
            return True
        case ast.Assign(value=ast.Call(func=func)):
            return (context.resolve(func) or "").startswith(_COPYABLE)
    return False


def _changes(node: ast.stmt, name: str) -> bool:
    """Whether a top-level statement certainly changes the object that the name holds."""
    match node:
        case ast.Assign(targets=[ast.Subscript() | ast.Attribute() as target, *_]):
            return _root(target) == name
        case ast.AugAssign(target=ast.Subscript() | ast.Attribute() as target):
            return _root(target) == name
        case ast.Delete(targets=[ast.Subscript() as target, *_]):
            return _root(target) == name
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=receiver), attr=method)) as call):
            inplace = any(one.arg == "inplace" and _is_true(one.value) for one in call.keywords)
            return receiver == name and (inplace or method in tables().list_methods)
    return False


def _root(node: ast.expr) -> str | None:
    while isinstance(node, ast.Subscript | ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


def _is_true(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is True


def _is_read_after(context: Context, name: str, change: Occurrence) -> bool:
    """Whether the old name is read below the change, before it is bound anew."""
    below = next(_after(context, name, change), None)
    return below is not None and not any(
        _is_bound(one) for one in _after(context, name, change) if one.place == below.place
    )


def _finding(context: Context, alias: _Alias, change: Occurrence) -> Finding:
    view = alias.at.view
    end = view.span(alias.value)
    place = f"line {end.line}" if change.view is view else f"cell {view.index + 1}"
    message = f"this changes `{alias.old}` too: `{alias.new}` is the same object since {place}"
    hint = f"write `{alias.new} = {alias.old}.copy()` there if `{alias.old}` is to stay as it is"
    at = Span(end.end_line, end.end_column, end.end_line, end.end_column)
    fix = Fix(f"copy `{alias.old}` where `{alias.new}` is bound", False, (Replace(view.index, at, ".copy()"),))
    return context.at(change.view, change.statement, message, hint=hint, fix=fix)
