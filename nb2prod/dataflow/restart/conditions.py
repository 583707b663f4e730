"""Fold a condition as far as constants, tests for names and versions go."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Any

_NAMESPACES = {"globals", "locals", "vars", "dir"}
_OPERATORS: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
}
_VERSION = (3, 11)
_Constants = Mapping[str, ast.Constant]
_IsBound = Callable[[str], bool | None]


def folded(test: ast.expr, constants: _Constants, is_bound: _IsBound) -> bool | None:
    """True or False where the condition is known, None elsewhere."""
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            known = folded(operand, constants, is_bound)
            return None if known is None else not known
        case ast.BoolOp(op=op, values=values):
            return _combined(op, [folded(value, constants, is_bound) for value in values])
        case ast.Compare(left=ast.Constant(value=str(name)), ops=[ast.In() | ast.NotIn() as op], comparators=[where]):
            known = is_bound(name) if _is_namespace(where) else None
            return known if known is None or isinstance(op, ast.In) else not known
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _OPERATORS:
            return _compared(left, op, right, constants)
        case ast.Name(id="TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING"):
            return False
        case ast.List(elts=[]) | ast.Tuple(elts=[]) | ast.Dict(keys=[]):
            return False
    value = _value(test, constants)
    return None if value is None else bool(value[0])


def _combined(op: ast.boolop, parts: list[bool | None]) -> bool | None:
    decisive = isinstance(op, ast.Or)
    if decisive in parts:
        return decisive
    return None if None in parts else not decisive


def _is_namespace(node: ast.expr) -> bool:
    """`globals()`, `globals().keys()`."""
    match node:
        case ast.Call(func=ast.Name(id=name), args=[]):
            return name in _NAMESPACES
        case ast.Call(func=ast.Attribute(value=inner, attr="keys")):
            return _is_namespace(inner)
    return False


def _compared(left: ast.expr, op: ast.cmpop, right: ast.expr, constants: _Constants) -> bool | None:
    one, other = _value(left, constants), _value(right, constants)
    if one is None or other is None:
        return None
    try:
        return bool(_OPERATORS[type(op)](one[0], other[0]))
    except TypeError:
        return None


def _value(node: ast.expr, constants: _Constants) -> tuple[Any] | None:
    """The value in a tuple of one, or None where it is not known."""
    match node:
        case ast.Constant(value=value):
            return (value,)
        case ast.Name(id="__name__"):
            return ("__main__",)
        case ast.Name(id=name) if name in constants:
            return (constants[name].value,)
        case ast.Tuple(elts=elements):
            parts = [_value(element, constants) for element in elements]
            return (tuple(part[0] for part in parts if part),) if all(parts) else None
        case ast.Attribute(value=ast.Name(id="sys"), attr="version_info"):
            return (_VERSION,)
        case ast.Attribute(value=inner, attr="major") if _value(inner, constants) == (_VERSION,):
            return (_VERSION[0],)
        case ast.Subscript(value=inner, slice=ast.Constant(value=0)) if _value(inner, constants) == (_VERSION,):
            return (_VERSION[0],)
    return None
