"""A set's or a folder's order goes into the result.

## What it does

Reports a set that is made into a list, numbered or gone through to build something, and listings of folders
(`os.listdir`, `glob`) that are used as they come.

## Why is this bad?

Python gives texts another hash in each process, so a set of texts has another order in each run: columns, classes and
indices change places. A folder's order is the file system's.

## Example

```python
vocabulary = {word: at for at, word in enumerate(set(words))}
files = glob.glob("data/*.csv")
```

## Use instead

```python
vocabulary = {word: at for at, word in enumerate(sorted(set(words)))}
files = sorted(glob.glob("data/*.csv"))
```

## Known limits

Sets of integers are ordered alike in each run, mostly; sets of literal numbers are not reported, and the finding is a
warning only where the order becomes numbers (`enumerate`, `zip`). Loops over a set that
only add up, print or delete are not told from others.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from nb2prod.diagnostics import Fix, Replace, Span
from nb2prod.lint.context import CodeView, Context
from nb2prod.lint.rule import Finding
from nb2prod.lint.rules.determinism.tables import NameSet, surroundings

CODE = "NB205"
NAME = "unordered-iteration"
SEVERITY = "info"
FIXABLE = True

_HINT = "sort it"


def check(context: Context) -> Iterator[Finding]:
    """One finding per set or listing."""
    table = surroundings()["order"]
    methods = (("set", "frozenset"), table["listing_methods"])
    for view, node, name in context.calls_of(table["listings"], methods=methods):
        if (
            isinstance(node.func, ast.Name)
            and node.func.id in ("set", "frozenset")
            and node.func.id not in context.imports
        ):
            if _is_ordered_use(view, node) and not _is_numbers(node):
                severity = "warning" if _is_numbered(view, node) else ""
                yield _finding(context, view, node, "the order of a set of texts is another one in each run", severity)
        elif (
            _is_listing(node, name, table)
            and not _is_indifferent(view, node, table)
            and not _is_sorted_later(view, node)
        ):
            yield _finding(context, view, node, "the order of a folder's files depends on the file system", "")


def _finding(context: Context, view: CodeView, node: ast.Call, message: str, severity: str) -> Finding:
    span = view.span(node)
    text = view.positions.text(span)
    edits = (
        Replace(view.index, Span(span.line, span.column, span.line, span.column), "sorted("),
        Replace(view.index, Span(span.end_line, span.end_column, span.end_line, span.end_column), ")"),
    )
    walk = text.startswith("os.walk") or (
        isinstance(node.func, ast.Attribute) and node.func.attr in ("walk", "scandir")
    )
    fix = None if walk else Fix("sort it", True, edits)
    return context.at(view, node, message, hint=_HINT, severity=severity, fix=fix)


def _is_ordered_use(view: CodeView, node: ast.Call) -> bool:
    """`list(set(x))`, `enumerate(set(x))`, `[… for y in set(x)]`; not inside `sorted` or `len`."""
    parent = view.parent(node)
    if (
        isinstance(parent, ast.Call)
        and isinstance(parent.func, ast.Name)
        and parent.func.id in ("list", "tuple", "enumerate")
    ):
        table = surroundings()["order"]
        return bool(node.args) and not _is_indifferent(view, parent, table) and not _is_sorted_later(view, parent)
    return isinstance(parent, ast.comprehension) and _keeps_order(view, parent)


def _is_numbered(view: CodeView, node: ast.Call) -> bool:
    """Whether the elements get numbers by their order: `enumerate(set(x))`, `zip(…, set(x))`."""
    calls = (one for one in view.ancestors(node) if isinstance(one, ast.Call) and isinstance(one.func, ast.Name))
    return any(isinstance(one.func, ast.Name) and one.func.id in ("enumerate", "zip") for one in calls)


def _keeps_order(view: CodeView, part: ast.comprehension) -> bool:
    whole = view.parent(part)
    if not isinstance(whole, ast.ListComp):
        return False
    return not _is_indifferent(view, whole, surroundings()["order"]) and not _is_sorted_later(view, whole)


def _is_numbers(node: ast.Call) -> bool:
    match node.args:
        case [ast.List(elts=items) | ast.Tuple(elts=items)]:
            return all(isinstance(one, ast.Constant) and isinstance(one.value, int) for one in items)
        case [ast.Call(func=ast.Name(id="range"))]:
            return True
    return False


def _is_listing(node: ast.Call, name: str | None, table: dict[str, NameSet]) -> bool:
    if name in table["listings"]:
        return True
    return isinstance(node.func, ast.Attribute) and node.func.attr in table["listing_methods"]


def _is_indifferent(view: CodeView, node: ast.AST, table: dict[str, NameSet]) -> bool:
    """Whether something around it, in the same expression, does not care for the order."""
    inner = node
    for one in view.ancestors(node):
        if isinstance(one, ast.Attribute) and one.attr == "__len__":
            return True
        if isinstance(one, ast.For) and inner is one.iter and _only_prints(one.body):
            return True
        if isinstance(one, ast.Call) and inner is not one.func:
            name = one.func.id if isinstance(one.func, ast.Name) else getattr(one.func, "attr", "")
            if name in table["indifferent"]:
                return True
        if isinstance(one, ast.Compare | ast.SetComp) or (isinstance(one, ast.Expr) and inner is node):
            return True
        if isinstance(one, ast.stmt):
            return False
        inner = one
    return False


def _only_prints(body: list[ast.stmt]) -> bool:
    """Whether a loop only shows what it goes through."""
    for statement in body:
        match statement:
            case ast.For(body=inner):
                if not _only_prints(inner):
                    return False
            case ast.Expr(value=ast.Call(func=ast.Name(id="print"))):
                continue
            case _:
                return False
    return True


def _is_sorted_later(view: CodeView, node: ast.AST) -> bool:
    """`names = os.listdir(…)` and `names.sort()`, `sorted(names)` or `len(names)` as its only uses in the cell."""
    statement = view.statement(node)
    if not isinstance(statement, ast.Assign) or not isinstance(statement.targets[0], ast.Name):
        return False
    name = statement.targets[0].id
    for call in view.nodes(ast.Call):
        match call:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=found), attr="sort")) if found == name:
                return True
            case ast.Call(func=ast.Name(id="sorted"), args=[ast.Name(id=found), *_]) if found == name:
                return True
    return False
