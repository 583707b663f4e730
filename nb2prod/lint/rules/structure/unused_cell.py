"""A cell contributes to nothing.

## What it does

Finds cells that only bind names, where no other cell uses any of them, nothing is shown, printed, drawn, written or
changed, and no cell that follows them down to a result needs them.

## Why is this bad?

It takes time in every run and attention from every reader, and it is the first thing that a colleague asks about.

## Example

```python
old_prices = prices * 1.1      # nothing below uses old_prices
```

## Use instead

Delete the cell, or show what it is for.

## Known limits

A cell that calls something unknown, or stands behind code that may use any name (`exec`, `globals()`, a magic with a
text), is taken to be needed. Imports are left to ruff (F401).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from nb2prod.dataflow.facts import CellFacts
from nb2prod.dataflow.knowledge import tables
from nb2prod.lint.context import CodeView, Context
from nb2prod.lint.rule import Finding

CODE = "NB703"
NAME = "unused-cell"
SEVERITY = "info"
FIXABLE = False

_ROLES = {"parameters", "setup", "metrics", "predict", "injected-parameters", "skip", "report"}
_PURE = {"len", "range", "list", "dict", "set", "tuple", "sorted", "sum", "min", "max", "abs", "round", "zip"}
_PURE |= {"enumerate", "int", "float", "str", "bool", "map", "filter", "reversed", "any", "all"}
_SHOWING = {"info", "plot", "hist", "boxplot", "show"}
_WORD = re.compile(r"[A-Za-z_]\w*")


def check(context: Context) -> Iterator[Finding]:
    """One finding per cell."""
    for view in context.views:
        if not _only_binds(view):
            continue
        names = view.binds
        used = any(name.startswith("_") or _is_elsewhere(context, view, name) for name in names)
        used = used or any(name in _texts(context) for name in names)
        if names and not used and _only_computes(context, view) and not _has_effects(context.facts(view)):
            shown = ", ".join(f"`{name}`" for name in sorted(names)[:3]) + (", …" if len(names) > 3 else "")
            message = f"no other cell uses {shown}, and this one shows and changes nothing"
            yield Finding(view.index, view.positions.line_span(1), message, "delete it, or show what it is for")


def _only_binds(view: CodeView) -> bool:
    """Whether the cell is nothing but assignments and definitions, and left no output."""
    plain = (ast.Assign, ast.AnnAssign, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    body = view.body
    if view.cell.outputs or view.parsed.magic is not None or _ROLES & set(view.cell.tags) or not body:
        return False
    if any(tag.startswith(("stage:", "output:")) for tag in view.cell.tags):
        return False
    return all(isinstance(node, plain) for node in body) and all(_binds_a_name(node) for node in body)


def _binds_a_name(node: ast.stmt) -> bool:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return all(isinstance(target, ast.Name | ast.Tuple) for target in targets)


def _only_computes(context: Context, view: CodeView) -> bool:
    """Whether all that is called now is known to do nothing but give a value."""
    for node in view.nodes(ast.Call):
        if isinstance(view.scope(node), ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        func = node.func
        name = context.resolve(func)
        builtin = isinstance(func, ast.Name) and func.id in _PURE and func.id not in context.imports
        method = isinstance(func, ast.Attribute) and name is None and func.attr in tables().pure_methods - _SHOWING
        if not (builtin or method or (name is not None and tables().is_pure(name))):
            return False
    return True


def _is_elsewhere(context: Context, view: CodeView, name: str) -> bool:
    return any(one.view is not view for one in context.occurrences.get(name, ()))


def _texts(context: Context) -> frozenset[str]:
    return context.keep(CODE, lambda: frozenset(context.each(CODE, _words_in_texts)))


def _words_in_texts(view: CodeView) -> set[str]:
    """Words in texts: magics, queries, commands and formulas may name a variable."""
    found: set[str] = set()
    for node in view.nodes(ast.Constant):
        if isinstance(node.value, str):
            found.update(_WORD.findall(node.value))
    if view.parsed.magic is not None:
        found.update(_WORD.findall(view.cell.source))
    return found


def _has_effects(cell: CellFacts) -> bool:
    facts = cell.facts
    own = facts.defines | facts.may_define
    changed = (facts.mutates | facts.may_mutate) - own
    ambient = any(name.startswith("$") for name in facts.uses | own)
    return bool(changed or facts.files or facts.ambient or facts.dynamic or facts.deletes or ambient)
