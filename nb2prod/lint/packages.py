"""Which packages a notebook imports, and what they are called where they are installed from."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from nb2prod.lint.context import CodeView, Context
from nb2prod.lint.knowledge import table


@dataclass(frozen=True, slots=True)
class Imported:
    """The first import of a package. `full`: the dotted name; `optional`: inside a `try`, an `if` or a function."""

    view: CodeView
    node: ast.Import | ast.ImportFrom
    module: str
    full: str
    distribution: str
    optional: bool


def third_party(context: Context) -> list[Imported]:
    """Each package that is neither the standard library's nor the project's own, once, where it is first imported."""
    return context.keep(third_party, lambda: list(_third_party(context)))


def _third_party(context: Context) -> Iterator[Imported]:
    local = context.surroundings.local_modules
    found: dict[str, Imported] = {}
    for view in context.views:
        for node, full in _imports(view):
            module = full.partition(".")[0]
            if module in sys.stdlib_module_names or module in local or full == "google":
                continue
            optional = any(isinstance(one, ast.Try | ast.If | ast.FunctionDef) for one in view.ancestors(node))
            known = found.get(module)
            if known is None or (known.optional and not optional):
                found[module] = Imported(view, node, module, full, distribution_of(module), optional)
    yield from found.values()


def _imports(view: CodeView) -> Iterator[tuple[ast.Import | ast.ImportFrom, str]]:
    nodes: list[ast.Import | ast.ImportFrom] = [*view.nodes(ast.Import), *view.nodes(ast.ImportFrom)]
    for node in sorted(nodes, key=lambda one: (one.lineno, one.col_offset)):
        if isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names)
        elif not node.level and node.module:
            name = node.names[0].name
            yield node, f"{node.module}.{name}" if node.module == "google" else node.module


def distribution_of(module: str) -> str:
    """What to install for a module."""
    known: dict[str, str] = table("distributions")["distributions"]
    return normalised(known.get(module, module))


def normalised(name: str) -> str:
    """A distribution's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()
