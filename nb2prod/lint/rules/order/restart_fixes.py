"""Fixes for a missing name: add its import, or move the cell that binds it up."""

from __future__ import annotations

import ast

from nb2prod.dataflow.facts import CellFacts
from nb2prod.dataflow.restart.replay import Missing
from nb2prod.diagnostics import Fix, MoveCell, Replace, Span
from nb2prod.lint.context import CodeView, Context
from nb2prod.lint.knowledge import table
from nb2prod.lint.restart import binding_cells


def import_for(context: Context, view: CodeView, one: Missing) -> str:
    """The import statement that the name needs: the notebook's own further below, or a known one; else empty."""
    if one.deleted is not None:
        return ""
    own = context.keep(_own_imports, lambda: _own_imports(context)).get(one.name, "")
    if own or binding_cells(context).get(one.name):
        return own
    known = table("imports")
    statement: str = known["things"].get(one.name, "")
    if not statement and _is_used_as_module(context, one.name):
        statement = known["modules"].get(one.name, "")
    if not statement and one.name == "datetime":
        statement = _datetime(context)
    return statement


def _own_imports(context: Context) -> dict[str, str]:
    """Name → how a cell imports it at its top level, as a statement of its own; the first one counts."""
    found: dict[str, str] = {}
    for view in context.views:
        for node in view.body:
            if isinstance(node, ast.Import | ast.ImportFrom):
                for alias in node.names:
                    found.setdefault(alias.asname or alias.name.partition(".")[0], ast.unparse(_single(node, alias)))
    return found


def _single(node: ast.Import | ast.ImportFrom, alias: ast.alias) -> ast.stmt:
    return ast.Import([alias]) if isinstance(node, ast.Import) else ast.ImportFrom(node.module, [alias], node.level)


def _attributes(context: Context, name: str) -> set[str | None]:
    """Which attributes of the name are used; None stands for other uses."""
    parents = [one.view.parent(one.node) for one in context.uses(name)]
    return {parent.attr if isinstance(parent, ast.Attribute) else None for parent in parents}


def _is_used_as_module(context: Context, name: str) -> bool:
    attributes = _attributes(context, name)
    return bool(attributes) and None not in attributes


def _datetime(context: Context) -> str:
    attributes = _attributes(context, "datetime")
    as_module = attributes & {"datetime", "timedelta", "date", "timezone"}
    return "import datetime" if as_module else "from datetime import datetime" if attributes - {None} else ""


def import_fix(context: Context, view: CodeView, name: str, statement: str) -> Fix:
    """Add the import behind the first cell's imports that stand above, else on top of the cell."""
    edit = _behind_imports(context, view, statement) or _on_top(view, statement)
    return Fix(f"add `{statement}`", True, (edit,))


def _behind_imports(context: Context, view: CodeView, statement: str) -> Replace | None:
    for other in context.views:
        if other.index >= view.index:
            return None
        leading = _leading_imports(other.body)
        if leading and other.parsed.magic is None:
            end = other.span(leading[-1])
            rest = other.positions.lines[end.end_line - 1][end.end_column :].strip()
            if not rest or rest.startswith("#"):
                line = len(other.positions.lines[end.end_line - 1])
                return Replace(other.index, Span(end.end_line, line, end.end_line, line), f"\n{statement}")
    return None


def _leading_imports(body: list[ast.stmt]) -> list[ast.stmt]:
    found: list[ast.stmt] = []
    for node in body:
        if not isinstance(node, ast.Import | ast.ImportFrom):
            break
        found.append(node)
    return found


def _on_top(view: CodeView, statement: str) -> Replace:
    """In front of the cell's first statement that is not `from __future__`."""
    first = next(
        (node for node in view.body if not (isinstance(node, ast.ImportFrom) and node.module == "__future__")),
        view.body[0],
    )
    decorators = getattr(first, "decorator_list", [])
    line = min([view.span(first).line, *(view.span(one).line for one in decorators)])
    return Replace(view.index, Span(line, 0, line, 0), f"{statement}\n")


def move_fix(context: Context, view: CodeView, one: Missing) -> Fix | None:
    """Move the cell that binds the name in front of the one that uses it, where that changes nothing else."""
    binding = [index for index in binding_cells(context).get(one.name, ()) if index > view.index]
    if len(binding) != 1 or one.deleted is not None or not one.certain:
        return None
    views = {other.index: other for other in context.views}
    moved = context.facts(views[binding[0]])
    passed = [context.facts(other) for other in context.views if view.index <= other.index < binding[0]]
    if one.name not in moved.facts.defines or any(_depends(moved, cell) for cell in passed):
        return None
    return Fix(
        f"move cell {binding[0] + 1} in front of cell {view.index + 1}", True, (MoveCell(binding[0], view.index),)
    )


def _depends(moved: CellFacts, passed: CellFacts) -> bool:
    """Whether it matters which of the two runs first, but for names that the moved one binds and the other needs."""
    one, other = moved.facts, passed.facts
    if one.dynamic or moved.error or moved.magic or (one.ambient & other.ambient):
        return True
    writes, written = other.writes | other.may_mutate, one.writes | one.may_mutate
    own = one.defines
    random = any(name.startswith("$") for name in (one.uses | written) & (other.uses | writes))
    return bool((one.uses & writes) | (written & writes) | ((written - own) & other.uses)) or random or bool(one.files)
