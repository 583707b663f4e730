"""Which names' objects an expression's value may share state with."""

from __future__ import annotations

import ast

from nb2prod.dataflow.environment import Environment
from nb2prod.dataflow.knowledge import tables
from nb2prod.dataflow.paths import dotted
from nb2prod.dataflow.scopes import COMPREHENSIONS
from nb2prod.notebook.trees import children, walk

_DISPLAYS = (ast.List, ast.Tuple, ast.Set, ast.Dict, *COMPREHENSIONS)
_PLAIN = (ast.Constant, ast.JoinedStr, ast.Compare, ast.UnaryOp, ast.Lambda)


def root_of(node: ast.expr, *, through_calls: bool = False) -> str | None:
    """The name at the bottom of `x.a[i].b`, or None where it is something else."""
    while True:
        match node:
            case ast.Name(id=name):
                return name
            case ast.Attribute(value=value) | ast.Subscript(value=value) | ast.Starred(value=value):
                node = value
            case ast.Call(func=ast.Attribute(value=value)) if through_calls:
                node = value
            case _:
                return None


def shared_names(node: ast.AST, environment: Environment) -> set[str]:
    """What the expression mentions outside of arithmetic, and what the functions that it calls may hand out."""
    match node:
        case ast.Name(id=name):
            return _of_name(name, environment)
        case ast.BinOp(left=left, right=right):
            return _of_all([left, right], environment) if _holds_display(node) else set()
        case ast.Attribute(value=value) | ast.Subscript(value=value) | ast.Starred(value=value):
            return shared_names(value, environment)
        case ast.Call():
            return _of_call(node, environment)
        case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
            parts = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
            targets = {part.id for one in node.generators for part in walk(one.target) if isinstance(part, ast.Name)}
            inside = _of_all(parts, environment) - targets
            return inside | _of_all([one.iter for one in node.generators], environment)
        case _ if isinstance(node, _PLAIN):
            return set()
    return _of_all([child for child in children(node) if isinstance(child, ast.expr)], environment)


def _of_name(name: str, environment: Environment) -> set[str]:
    if environment.full_name(name) is not None:
        return set()
    known = environment.callables.get(name)
    return {name} | (set(known.returns) if known else set())


def _of_call(node: ast.Call, environment: Environment) -> set[str]:
    name = dotted(node.func, environment)
    if name is not None and name.removeprefix("builtins.") in tables().scalar_builtins:
        return set()
    given = _of_all([*node.args, *(keyword.value for keyword in node.keywords)], environment)
    if isinstance(node.func, ast.Name) and node.func.id in environment.callables:
        known = environment.callables[node.func.id]
        own = {node.func.id} if known.cached or environment.keeps_state(node.func.id) else set()
        return given | own | set(known.returns)
    return given | shared_names(node.func, environment)


def _of_all(nodes: list[ast.expr], environment: Environment) -> set[str]:
    return {name for node in nodes for name in shared_names(node, environment)}


def _holds_display(node: ast.expr) -> bool:
    """`[a] + b` holds a and b; `a + b` of two arrays is a new one."""
    if isinstance(node, ast.BinOp):
        return _holds_display(node.left) or _holds_display(node.right)
    return isinstance(node, _DISPLAYS)
