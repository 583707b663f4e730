"""A name means two things, and which one depends on the order.

## What it does

Finds a function or class that two cells define differently, with a use between them, and a variable that takes the
name of a module or function of the notebook that is used as such in another cell.

## Why is this bad?

Cells between the two give something else when they are run again later. After a restart it works; half an hour of
work further on it does not, or gives other numbers.

## Example

```python
def clean(frame):                  # cell 1
    return frame.dropna()
raw = clean(raw)                   # cell 2
def clean(frame):                  # cell 3
    return frame.fillna(0)
test = clean(test)                 # cell 4
```

## Use instead

A name for each: `drop_missing`, `fill_missing`. The fix renames the second one and its uses below.

## Known limits

Variables that are bound anew (`frame`, `model`) are not reported: that is how notebooks are written, and
`dependency-violating-order` tells where it went wrong. A second definition with the same text is a copy, not a
collision, and one that is used in its own cell only is harmless.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import pairwise

from nb2prod.dataflow.scopes import bound_names
from nb2prod.diagnostics import Fix, Replace, Span
from nb2prod.lint.context import CodeView, Context
from nb2prod.lint.restart import binding_cells
from nb2prod.lint.rule import Finding

CODE = "NB105"
NAME = "order-sensitive-redefinition"
SEVERITY = "warning"
FIXABLE = True

_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
_Place = tuple[CodeView, _Definition]


def check(context: Context) -> Iterator[Finding]:
    """One finding per name that is defined again, or shadowed."""
    for name, places in _definitions(context).items():
        for (first, one), (second, other) in pairwise(places):
            between = first is not second and _is_used_between(context, name, first, second)
            if between and first.shape(one) != second.shape(other):
                yield _redefined(context, name, first, (second, other))
                break
    yield from _shadowed(context)


def _definitions(context: Context) -> dict[str, list[_Place]]:
    """The top-level definitions by name."""
    found: dict[str, list[_Place]] = {}
    for view in context.views:
        for node in view.body:
            if isinstance(node, _Definition):
                found.setdefault(node.name, []).append((view, node))
    return found


def _uses(view: CodeView, name: str) -> list[ast.Name]:
    return [node for node in view.nodes(ast.Name) if node.id == name and isinstance(node.ctx, ast.Load)]


def _is_used_between(context: Context, name: str, first: CodeView, second: CodeView) -> bool:
    return any(first.index < one.view.index < second.index for one in context.uses(name))


def _redefined(context: Context, name: str, first: CodeView, place: _Place) -> Finding:
    view, node = place
    message = f"`{name}` is defined differently in cell {first.index + 1}, and cells between the two use that one"
    header = view.span(node)
    span = Span(header.line, header.column, header.line, len(view.positions.lines[header.line - 1].rstrip()))
    return Finding(view.index, span, message, "give the second one a name of its own", _rename(context, name, place))


def _rename(context: Context, name: str, place: _Place) -> Fix | None:
    """Rename the second definition and what stands below it, where that is all plain names."""
    view, node = place
    new = _free_name(context, name)
    below = [other for other in context.views if other.index >= view.index]
    bound = [index for index in binding_cells(context).get(name, ()) if index >= view.index]
    if bound != [view.index] or sum(one.name == name for one in view.body if isinstance(one, _Definition)) != 1:
        return None
    if any(_mentions_otherwise(other, name) for other in below):
        return None
    uses = [Replace(other.index, other.span(one), new) for other in below for one in _uses(other, name)]
    if any(other.span(one).line < view.span(node).line for other in below[:1] for one in _uses(other, name)):
        return None
    definition = Replace(view.index, _name_span(view, node), new)
    return Fix(f"rename the second `{name}` to `{new}`", False, (definition, *uses))


def _free_name(context: Context, name: str) -> str:
    number = 2
    while f"{name}_{number}" in binding_cells(context):
        number += 1
    return f"{name}_{number}"


def _mentions_otherwise(view: CodeView, name: str) -> bool:
    """In a text, a magic's line, a `global`, or as a local name."""
    texts = any(isinstance(one.value, str) and name in one.value for one in view.nodes(ast.Constant))
    functions: list[ast.AST] = [*view.nodes(ast.FunctionDef), *view.nodes(ast.Lambda)]
    local = any(name in bound_names(getattr(one, "body", [])) for one in view.nodes(ast.FunctionDef))
    arguments = any(one.arg == name for one in view.nodes(ast.arg))
    declared = any(name in one.names for one in view.nodes(ast.Global))
    return texts or declared or (bool(functions) and (local or arguments))


def _name_span(view: CodeView, node: _Definition) -> Span:
    """Where the name stands behind `def` or `class`."""
    line = view.span(node).line
    text = view.positions.lines[line - 1]
    start = text.index(node.name, text.index("class" if isinstance(node, ast.ClassDef) else "def") + 3)
    return Span(line, start, line, start + len(node.name))


def _shadowed(context: Context) -> Iterator[Finding]:
    """`time = 5` in one cell, `time.sleep()` in another that stands above it and runs again later."""
    modules = _module_aliases(context)
    seen: set[str] = set()
    for view in context.views:
        for node in view.body:
            for target in _plain_targets(node):
                name = target.id
                if name in modules and name not in seen and modules[name] < view.index:
                    user = _user_above(context, view, name)
                    if user is not None:
                        seen.add(name)
                        yield _shadowing(context, view, target, user)


def _module_aliases(context: Context) -> dict[str, int]:
    """Names that `import` binds at the top level → the first cell that does."""
    found: dict[str, int] = {}
    for view in context.views:
        for node in view.body:
            if isinstance(node, ast.Import):
                for alias in node.names:
                    found.setdefault(alias.asname or alias.name.partition(".")[0], view.index)
    return found


def _plain_targets(node: ast.stmt) -> list[ast.Name]:
    targets = node.targets if isinstance(node, ast.Assign) else []
    return [target for target in targets if isinstance(target, ast.Name)]


def _user_above(context: Context, view: CodeView, name: str) -> CodeView | None:
    """The first cell above that uses an attribute of the name."""
    above = (one for one in context.uses(name) if one.view.index < view.index)
    return next((one.view for one in above if isinstance(one.view.parent(one.node), ast.Attribute)), None)


def _shadowing(context: Context, view: CodeView, target: ast.Name, user: CodeView) -> Finding:
    message = f"`{target.id}` is a module until here: cell {user.index + 1} fails when it is run again"
    return context.at(view, target, message, hint="give the variable another name")
