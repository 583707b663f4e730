"""Code that puts names into the notebook's namespace otherwise than by assignment."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from nb2prod.notebook.parse import parse

_NAMESPACES = {"globals", "locals", "vars"}
_BY_TEXT = {"var", "symbols_into"}
_ANYTHING = {"init_session", "run_cell", "safe_execfile", "safe_run_module", "push", "execfile", "inject_variables"}

_UPDATING = {"update", "setdefault", "__setitem__"}
# All that a call is named by which binds names: most calls are named otherwise, and not looked at.
_TELLING = frozenset({"exec", "eval", "setattr", "var", "ex"} | _ANYTHING | _UPDATING)

# One name, "" for any, several names, or statements that run here.
Injected = str | tuple[str, ...] | list[ast.stmt]


def injected(node: ast.AST) -> Injected | None:
    """What an assignment's target or a call binds in the notebook's namespace; None for nothing."""
    if isinstance(node, ast.Name):
        return None
    match node:
        case ast.Subscript(value=ast.Call(func=ast.Name(id=name), args=[]), slice=key) if name in _NAMESPACES:
            return _key(key)
        case ast.Attribute(value=ast.Name(id="builtins" | "__builtins__" | "__main__"), attr=attribute):
            return attribute if isinstance(node.ctx, ast.Store) else None
        case ast.Call():
            return _by_call(node)
    return None


def _key(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _by_call(node: ast.Call) -> Injected | None:
    if getattr(node.func, "attr", getattr(node.func, "id", "")) not in _TELLING:
        return None
    match node.func:
        case ast.Name(id="exec"):
            return _executed(node.args)
        case ast.Name(id="eval"):
            return _evaluated(node.args)
        case ast.Name(id="setattr"):
            return _set_attribute(node.args)
        case ast.Name(id="var") | ast.Attribute(attr="var") if node.args:
            return _words(node.args[0])
        case ast.Attribute(value=ast.Call(func=ast.Name(id=name), args=[]), attr=method) if name in _NAMESPACES:
            return _updated(node, method)
        case ast.Attribute(attr=method) if method in _ANYTHING:
            return "" if method != "push" or _is_shell(node.func) else None
        case ast.Attribute(attr="ex") if _is_shell(node.func):
            return _executed(node.args)
        case ast.Name(id=name) if name in _ANYTHING - {"push"}:
            return ""
    return None


def _is_shell(func: ast.expr) -> bool:
    return "get_ipython" in ast.dump(func) or "'ip'" in ast.dump(func)


def _executed(args: Sequence[ast.expr]) -> Injected | None:
    if len(args) != 1:
        return None if args else ""  # a namespace of its own
    return _statements(args[0])


def _statements(node: ast.expr) -> Injected:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [statement.node for statement in parse(node.value).statements]
    return ""


def _evaluated(args: Sequence[ast.expr]) -> Injected | None:
    if len(args) != 1 or not isinstance(args[0], ast.Constant):
        return None
    return _statements(args[0])


def _set_attribute(args: Sequence[ast.expr]) -> str | None:
    target = ast.dump(args[0]) if args else ""
    if len(args) == 3 and ("'modules'" in target or "'builtins'" in target or "'__main__'" in target):
        return _key(args[1])
    return None


def _words(node: ast.expr) -> tuple[str, ...] | None:
    """`var("x y z")`, sympy's."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return tuple(word for word in node.value.replace(",", " ").split() if word.isidentifier())
    return None


def _updated(node: ast.Call, method: str) -> Injected | None:
    if method == "setdefault" and node.args:
        return _key(node.args[0])
    if method not in ("update", "__setitem__"):
        return None
    names: list[str] = []
    for argument in node.args:
        if not isinstance(argument, ast.Dict):
            return ""
        names += [_key(key) if key is not None else "" for key in argument.keys]
    names += [keyword.arg or "" for keyword in node.keywords]
    return tuple(names) if all(names) else ""
