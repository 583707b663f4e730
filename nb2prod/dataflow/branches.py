"""Names whose objects may go on under another name only sometimes: on one path and not on another.

`z = x if n == 2 else y` binds z to x's object in one run and to y's in the next. What a run showed about shared
objects holds for the path that it took; these are the names for which another path may show something else.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from nb2prod.dataflow.knowledge import tables

_BRANCHES = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.Try, ast.TryStar, ast.Match, ast.match_case)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
_DISPLAYS = (ast.List, ast.Tuple, ast.Set, ast.Dict)
# They hand out one of their arguments, or something that one of them holds.
_CHOOSE = {"max", "min", "next", "getattr"}
_NEW = (ast.BinOp, ast.Compare, ast.UnaryOp, ast.JoinedStr, ast.Constant)


def sometimes_shared(nodes: Iterable[ast.stmt], functions: frozenset[str]) -> tuple[frozenset[str], frozenset[str]]:
    """(names that go on themselves, names of which a part does). `functions`: the notebook's own."""
    found = list(_statements(nodes, functions, sometimes=False))
    whole = frozenset(name for name, is_part in found if not is_part)
    return whole, frozenset(name for name, is_part in found if is_part) - whole


def _statements(nodes: Iterable[ast.AST], functions: frozenset[str], sometimes: bool) -> Iterator[tuple[str, bool]]:
    for node in nodes:
        inside = sometimes or isinstance(node, (*_BRANCHES, *_FUNCTIONS))
        asked = [getattr(node, "test", None), node.type if isinstance(node, ast.ExceptHandler) else None]
        for child in ast.iter_child_nodes(node):
            if child in asked:
                continue
            if isinstance(child, ast.expr):
                yield from _flows(child, functions, inside, part=False)
            else:
                yield from _statements([child], functions, inside)


def _flows(node: ast.expr, functions: frozenset[str], sometimes: bool, part: bool) -> Iterator[tuple[str, bool]]:
    """Names that the value may be, or hold; only those on a path that may not be taken."""
    if isinstance(node, ast.Name):
        if sometimes and isinstance(node.ctx, ast.Load):
            yield node.id, part
        return
    if isinstance(node, _NEW) and not _holds_display(node):
        return
    if isinstance(node, (ast.Attribute, ast.Subscript)):
        chosen = isinstance(node, ast.Subscript) and isinstance(node.value, _DISPLAYS)
        yield from _flows(node.value, functions, sometimes or chosen, part=part or not chosen)
        return
    yield from _children(node, functions, sometimes or _chooses(node, functions), part)


def _children(node: ast.expr, functions: frozenset[str], sometimes: bool, part: bool) -> Iterator[tuple[str, bool]]:
    match node:
        case ast.Call(func=ast.Name(id=name)) if name in tables().scalar_builtins and name not in _CHOOSE:
            return
        case ast.IfExp(body=body, orelse=orelse):
            children: list[ast.AST] = [body, orelse]
        case ast.Call(func=ast.Name(), args=args, keywords=keywords):
            children = [*args, *keywords]
        case _:
            children = list(ast.iter_child_nodes(node))
    for child in children:
        if isinstance(child, ast.expr):
            yield from _flows(child, functions, sometimes, part)
        elif isinstance(child, ast.keyword):
            yield from _flows(child.value, functions, sometimes, part)


def _chooses(node: ast.expr, functions: frozenset[str]) -> bool:
    match node:
        case ast.IfExp() | ast.BoolOp() | ast.Lambda():
            return True
        case ast.Call(func=ast.Name(id=name)):
            return name in functions or name in _CHOOSE
    return False


def _holds_display(node: ast.expr) -> bool:
    match node:
        case ast.BinOp(left=left, right=right):
            return _holds_display(left) or _holds_display(right)
    return isinstance(node, _DISPLAYS)
