"""Expressions whose value is the same in every process: constants, and inert ones that may be mutable."""

from __future__ import annotations

import ast

from nb2prod.dataflow.environment import Environment
from nb2prod.dataflow.knowledge import tables
from nb2prod.dataflow.paths import dotted
from nb2prod.notebook.trees import children


def is_constant(node: ast.expr, environment: Environment) -> bool:
    """A value that nobody can change in place: a literal scalar, a tuple of such, a path, arithmetic on them."""
    match node:
        case ast.Constant():
            return True
        case ast.Name(id=name):
            return name in environment.frozen and name not in environment.callables
        case ast.Attribute():
            return dotted(node, environment) in tables().constants
        case ast.Tuple(elts=elements):
            return all(is_constant(element, environment) for element in elements)
        case ast.UnaryOp(operand=operand):
            return is_constant(operand, environment)
        case ast.BinOp(left=left, right=right):
            return is_constant(left, environment) and is_constant(right, environment)
        case ast.JoinedStr(values=values):
            return all(_is_constant_piece(value, environment) for value in values)
        case ast.Call(func=func, args=args, keywords=keywords):
            given = [*args, *(keyword.value for keyword in keywords)]
            plain = dotted(func, environment) in tables().immutable_constructors
            return plain and all(_is_constant_argument(argument, environment) for argument in given)
    return False


def _is_constant_argument(node: ast.expr, environment: Environment) -> bool:
    """What makes immutable values copies the list that it is given."""
    elements = node.elts if isinstance(node, ast.List) else [node]
    return all(is_constant(element, environment) for element in elements)


def _is_constant_piece(node: ast.expr, environment: Environment) -> bool:
    if isinstance(node, ast.FormattedValue):
        parts = [node.value, *([node.format_spec] if node.format_spec else [])]
        return all(is_constant(part, environment) for part in parts)
    return is_constant(node, environment)


def is_inert(node: ast.expr, environment: Environment) -> bool:
    """Evaluating it does nothing else and gives an equal value each time, as far as its names mean the same."""
    match node:
        case ast.Constant() | ast.Name():
            return True
        case ast.Call(func=func, args=args, keywords=keywords):
            given = [*args, *(keyword.value for keyword in keywords)]
            name = dotted(func, environment)
            known = tables()
            plain = name in known.immutable_constructors | known.constructors | known.type_makers | known.finders
            return plain and all(is_inert(argument, environment) for argument in given)
        case ast.Lambda(args=args):
            return all(is_inert(one, environment) for one in [*args.defaults, *filter(None, args.kw_defaults)])
        case ast.Await() | ast.NamedExpr() | ast.Yield() | ast.YieldFrom():
            return False
        case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            return False
    return all(is_inert(child, environment) for child in children(node) if isinstance(child, ast.expr))


def makes_type(value: ast.expr, environment: Environment) -> bool:
    """`namedtuple("P", "x y")`, `Enum("C", "RED GREEN")`, `type("P", (), {…})`: a definition made by a call."""
    if not isinstance(value, ast.Call):
        return False
    name = dotted(value.func, environment)
    return name in tables().type_makers and (name != "builtins.type" or len(value.args) == 3)
