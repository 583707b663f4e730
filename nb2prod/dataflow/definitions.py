"""What a definition's syntax tells: whether it keeps state, what it takes, what a decorator leaves."""

from __future__ import annotations

import ast

from nb2prod.dataflow.constants import is_constant
from nb2prod.dataflow.environment import Environment
from nb2prod.dataflow.facts import Callable
from nb2prod.dataflow.knowledge import tables
from nb2prod.dataflow.paths import dotted
from nb2prod.dataflow.scopes import FUNCTIONS


def caches(node: ast.expr, environment: Environment) -> bool:
    """`lru_cache`, `lru_cache(maxsize=8)`, `lru_cache(f)`, `lru_cache(maxsize=8)(f)`."""
    while isinstance(node, ast.Call):
        node = node.func
    return dotted(node, environment) in tables().caches


def remembers(args: ast.arguments, mutations: dict[tuple[str, bool], None], environment: Environment) -> bool:
    """Whether a default value may be changed by a call."""
    positional = [*args.posonlyargs, *args.args]
    given = dict(zip([arg.arg for arg in reversed(positional)], reversed(args.defaults), strict=False))
    given |= {arg.arg: value for arg, value in zip(args.kwonlyargs, args.kw_defaults, strict=True) if value is not None}
    changed = {name for name, _ in mutations}
    return any(name in changed and not is_constant(value, environment) for name, value in given.items())


def settled(mutations: dict[tuple[str, bool], None], rebound: set[str]) -> tuple[tuple[str, bool], ...]:
    """A parameter that is bound anew somewhere is changed only perhaps."""
    return tuple(dict.fromkeys((name, certain and name not in rebound) for name, certain in mutations))


def holds_mutable(body: list[ast.stmt], environment: Environment) -> bool:
    """Whether a class has attributes of its own that can change."""
    return any(
        isinstance(child, ast.Assign | ast.AnnAssign)
        and child.value is not None
        and not is_constant(child.value, environment)
        and not _describes_field(child.value, environment)
        for child in body
    )


def _describes_field(value: ast.expr, environment: Environment) -> bool:
    """`field(default_factory=list)`: each instance gets a list of its own."""
    return isinstance(value, ast.Call) and dotted(value.func, environment) in tables().field_makers


def sets_on_class(node: ast.ClassDef) -> bool:
    """Whether a method assigns to its class: `cls.made += 1`, `type(self).made = 0`."""
    for part in ast.walk(node):
        if isinstance(part, ast.Attribute) and not isinstance(part.ctx, ast.Load):
            match part.value:
                case ast.Name(id="cls") | ast.Attribute(attr="__class__") | ast.Call(func=ast.Name(id="type")):
                    return True
    return False


def keeps_members(node: ast.ClassDef, environment: Environment) -> bool:
    """Whether a method sets attributes of an enumeration's members: these are the class's own objects."""
    if not any((dotted(base, environment) or "").startswith("enum.") for base in node.bases):
        return False
    methods = [child for child in node.body if isinstance(child, FUNCTIONS)]
    parts = [part for one in methods if one.name not in ("__init__", "__new__") for part in ast.walk(one)]
    return any(isinstance(part, ast.Attribute) and not isinstance(part.ctx, ast.Load) for part in parts)


def constructor_arguments(node: ast.ClassDef) -> tuple[str, ...]:
    for child in node.body:
        if isinstance(child, ast.FunctionDef) and child.name == "__init__":
            return tuple(arg.arg for arg in [*child.args.posonlyargs, *child.args.args][1:])
    return ()


def not_of_self(node: ast.ClassDef, whole: Callable) -> tuple[tuple[str, bool], ...]:
    """Calling a class makes a new object: only what its constructor was given can change."""
    first = {child.args.args[0].arg for child in node.body if isinstance(child, ast.FunctionDef) and child.args.args}
    return tuple((name, False) for name, _ in whole.argument_mutations if name not in first)


def makes_code(body: list[ast.stmt]) -> bool:
    """Whether a result may hold a function of the body's own: a nested definition, a lambda that is kept."""
    passed = {
        id(argument)
        for child in body
        for part in ast.walk(child)
        if isinstance(part, ast.Call)
        for argument in [*part.args, *(keyword.value for keyword in part.keywords)]
        if _only_calls(part)
    }
    kinds = (*FUNCTIONS, ast.ClassDef)
    parts = [part for child in body for part in ast.walk(child)]
    if any(isinstance(part, kinds) for part in parts):
        return True
    return any(isinstance(part, ast.Lambda | ast.GeneratorExp) and id(part) not in passed for part in parts)


def _only_calls(node: ast.Call) -> bool:
    """Whether the function that is called uses a function it is given and does not keep it."""
    func = node.func
    if isinstance(func, ast.Attribute):
        return func.attr in tables().pure_methods | tables().mutating_methods
    return isinstance(func, ast.Name) and func.id in tables().consuming_builtins


def leaves_function(decorator: ast.expr, environment: Environment) -> bool:
    """Whether what a decorator gives keeps no state of its own."""
    return dotted(decorator, environment) in ("builtins.staticmethod", "builtins.classmethod", "builtins.property")


def parents(node: ast.ClassDef) -> list[ast.expr]:
    return [*node.bases, *(keyword.value for keyword in node.keywords)]
