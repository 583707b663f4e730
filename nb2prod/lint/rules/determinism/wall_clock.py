"""The notebook looks at the clock.

## What it does

Reports `datetime.now()`, `date.today()`, `pd.Timestamp.now()`, `time.time()` and their like, unless their value only
measures how long something takes.

## Why is this bad?

Ages, file names and filters that are computed from today are others tomorrow: a second run differs, and so does a
run for an earlier day.

## Example

```python
df["age"] = datetime.now().year - df["born"]
```

## Use instead

```python
AS_OF = "2026-11-01"  # a parameter
df["age"] = pd.Timestamp(AS_OF).year - df["born"]
```

## Known limits

A value counts as a stopwatch if the code does nothing with it but subtract and print. Seconds (`time.time()`) are
reported only where they become text or a whole number. `%time` is no look at the clock.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from nb2prod.lint.context import CodeView, Context
from nb2prod.lint.rule import Finding
from nb2prod.lint.rules.determinism.tables import surroundings

CODE = "NB202"
NAME = "wall-clock"
SEVERITY = "info"
FIXABLE = False

_HINT = "make the moment a parameter"


def check(context: Context) -> Iterator[Finding]:
    """One finding per cell and kind of look."""
    table = surroundings()["clock"]
    seen: set[tuple[int, str]] = set()
    for view, node, name in context.calls_of(table["dates"], table["ticks"]):
        if name is None or not (name in table["dates"] or (name in table["ticks"] and _is_text(view, node))):
            continue
        if name.endswith("strftime") and len(node.args) > 1:
            continue
        if (view.index, name) not in seen and not _is_stopwatch(context, view, node):
            seen.add((view.index, name))
            yield context.at(view, node, f"{name}() is another moment in every run", hint=_HINT)


def _is_stopwatch(context: Context, view: CodeView, node: ast.Call) -> bool:
    """Whether it is a side of a subtraction, or its name is only ever that."""
    parent = view.parent(node)
    if isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.Sub):
        return True
    if isinstance(parent, ast.Expr) or _is_printed(view, node):
        return True
    if not isinstance(parent, ast.Assign) or not all(isinstance(one, ast.Name) for one in parent.targets):
        return False
    names = {one.id for one in parent.targets if isinstance(one, ast.Name)}
    return all(_only_measures(context, name) for name in names)


def _is_text(view: CodeView, node: ast.AST) -> bool:
    """Whether a number of seconds becomes text or a whole number: a name or a seed, and no duration."""
    for one in view.ancestors(node):
        if isinstance(one, ast.JoinedStr):
            return True
        if isinstance(one, ast.Call) and isinstance(one.func, ast.Name) and one.func.id in ("str", "int"):
            return True
        if isinstance(one, ast.stmt | ast.BinOp):
            return False
    return False


def _is_printed(view: CodeView, node: ast.AST) -> bool:
    calls = (one for one in view.ancestors(node) if isinstance(one, ast.Call))
    return any(isinstance(one.func, ast.Name) and one.func.id in ("print", "display") for one in calls)


def _only_measures(context: Context, name: str) -> bool:
    """Whether every use of the name is a subtraction or a print."""
    uses = context.keep(("clock uses",), lambda: _uses(context)).get(name, [])
    return bool(uses) and all(_measures(view, node) for view, node in uses)


def _uses(context: Context) -> dict[str, list[tuple[CodeView, ast.Name]]]:
    found: dict[str, list[tuple[CodeView, ast.Name]]] = {}
    for view in context.views:
        for node in view.nodes(ast.Name):
            if isinstance(node.ctx, ast.Load):
                found.setdefault(node.id, []).append((view, node))
    return found


def _measures(view: CodeView, node: ast.Name) -> bool:
    parent = view.parent(node)
    return (isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.Sub)) or _is_printed(view, node)
