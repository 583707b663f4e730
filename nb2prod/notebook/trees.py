"""Walking syntax trees fast: only the fields that hold nodes, without contexts and operators."""

from __future__ import annotations

import ast
from collections.abc import Iterable

# Fields that hold texts, flags, or nodes that say nothing by themselves (`ctx`, operators).
_PLAIN = {
    "id", "attr", "name", "ctx", "op", "ops", "kind", "arg", "module", "level", "asname", "lineno", "type_comment",
    "conversion", "simple", "is_async", "tag", "rest", "kwd_attrs", "type_ignores",
}  # fmt: skip
_WITHOUT_NODES = (ast.Constant, ast.Global, ast.Nonlocal, ast.MatchSingleton)


def _fields(kind: type[ast.AST]) -> tuple[str, ...]:
    if issubclass(kind, _WITHOUT_NODES):
        return ()
    names_are_nodes = kind.__name__ == "TypeAlias"
    return tuple(name for name in kind._fields if name not in _PLAIN or (names_are_nodes and name == "name"))


_FIELDS: dict[type[ast.AST], tuple[str, ...]] = {
    kind: _fields(kind) for kind in vars(ast).values() if isinstance(kind, type) and issubclass(kind, ast.AST)
}


# Kinds that nothing stands below: half of all nodes.
LEAVES = frozenset(kind for kind, fields in _FIELDS.items() if not fields)


# Kinds below which exactly one node stands, by the field that holds it.
_ONE: dict[type[ast.AST], str] = {
    **dict.fromkeys((ast.Attribute, ast.keyword, ast.Expr, ast.Starred, ast.Await, ast.YieldFrom), "value"),
    ast.UnaryOp: "operand",
}


def children(node: ast.AST) -> list[ast.AST]:
    """The nodes right below, in document order."""
    if type(node) in _ONE:
        return [getattr(node, _ONE[type(node)])]
    found: list[ast.AST] = []
    for name in _FIELDS.get(type(node), ()):
        value = getattr(node, name, None)
        if value.__class__ is list:
            found += value if None not in value else [one for one in value if one is not None]
        elif value is not None:
            found.append(value)
    return found


def walk(*nodes: ast.AST) -> Iterable[ast.AST]:
    """All nodes below and themselves, in no order to rely on."""
    pending = list(nodes)
    while pending:
        node = pending.pop()
        yield node
        pending += children(node)
