"""What is known of an expression that may be callable."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any, TypeVar

from nb2prod.dataflow.restart.events import (
    All,
    Bind,
    Call,
    Class,
    Function,
    Instance,
    Member,
    Named,
    Result,
    Value,
)
from nb2prod.dataflow.restart.names import Body, Names, Scope
from nb2prod.dataflow.scopes import all_arguments, scope_names

_UNREAD: Any = object()
_Made = TypeVar("_Made", ast.Lambda, ast.GeneratorExp)


class Values(Names, ast.NodeVisitor):
    """One method for each kind of expression that tells."""

    # ── expressions ──────────────────────────────────────────────────────────

    def value(self, node: ast.expr) -> Value | None:
        """What is known of an expression that may be callable.

        At the top level a name is whatever it will hold by then, so that each expression of a chain is read once.
        """
        reads = _VALUES.get(type(node))
        if reads is None:
            return None
        if self.scopes or self.host is not None:
            return reads(self, node)
        known: Value | None = self._chains.get(node, _UNREAD)
        if known is _UNREAD:
            known = self._chains[node] = reads(self, node)
        return known

    def _value_of_name(self, node: ast.Name) -> Value | None:
        scope = self.scope_of(node.id) if self.scopes else None
        return Named(node.id) if scope is None else scope.values.get(node.id)

    def _value_of_lambda(self, node: ast.Lambda) -> Value:
        return self._once_made(node, self._lambda)

    def _value_of_generator(self, node: ast.GeneratorExp) -> Value:
        return Result(self._once_made(node, self._generator))

    def _value_of_attribute(self, node: ast.Attribute) -> Value | None:
        holder = self.value(node.value)
        return Member(holder, node.attr) if holder is not None else None

    def _value_of_call(self, node: ast.Call) -> Value | None:
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if node.args and name == "partial":
            return self.value(node.args[0])
        if node.args and name in ("map", "filter") and isinstance(node.func, ast.Name):
            return Result(self._mapped(node.args[0]))
        called = self.value(node.func)
        return Result(called) if called is not None else None

    def _value_inside(self, node: ast.Await | ast.NamedExpr) -> Value | None:
        return self.value(node.value)

    def _value_of_choice(self, node: ast.IfExp) -> Value | None:
        found = tuple(one for one in (self.value(node.body), self.value(node.orelse)) if one is not None)
        return All(found) if found else None

    def _once_made(self, node: _Made, make: Callable[[_Made], Function]) -> Function:
        """A body is read once, however often its value is asked for: bodies nest."""
        if node not in self._made:
            self._made[node] = make(node)
        return self._made[node]

    def _mapped(self, node: ast.expr) -> Function:
        """`map(f, xs)`: nothing runs until it is gone through."""
        held = self.value(node)
        return Function("map", events=(Call(held, self.at(node)),) if held is not None else (), kind="generator")

    # ── bodies ───────────────────────────────────────────────────────────────

    def function_scope(
        self, args: ast.arguments, body: Body, owner: Class | None = None, node: ast.AST | None = None
    ) -> Scope:
        """The scope of a function's body. `owner`: the class that it is a method of."""
        own = scope_names(body)
        names = {arg.arg for arg in all_arguments(args)} | own.bound
        scope = Scope("function", names - own.free - own.outer, set(own.free), is_generator=own.is_generator)
        if owner is not None:
            first = [*args.posonlyargs, *args.args][:1]
            if first and not _is_static(node):
                scope.values[first[0].arg] = owner if _is_classmethod(node) else Instance(owner)
        return scope

    def read_body(self, function: Function, args: ast.arguments, body: Body, scope: Scope) -> None:
        """Fill in what the function does."""
        self.scopes.append(scope)
        function.events = self.part(body)
        self.scopes.pop()
        function.parameters = tuple(arg.arg for arg in [*args.posonlyargs, *args.args])
        function.returns = tuple(scope.returns)
        function.calls = frozenset(scope.called) & {arg.arg for arg in all_arguments(args)}

    def _lambda(self, node: ast.Lambda) -> Function:
        function = Function("lambda")
        body = ast.copy_location(ast.Return(node.body), node.body)
        self.read_body(function, node.args, [body], self.function_scope(node.args, [body]))
        return function

    def _generator(self, node: ast.GeneratorExp) -> Function:
        return Function("generator", events=self.part([Inner(node)]), kind="generator")

    # ── bindings ─────────────────────────────────────────────────────────────

    def bind(self, name: str, value: ast.expr | Value | None = None) -> None:
        """A name is bound here, to an expression's value or to one that is known."""
        constant = value if isinstance(value, ast.Constant) else None
        held = self.value(value) if isinstance(value, ast.expr) else value
        scope = self.binding_scope(name)
        if scope is None:
            self.emit([Bind(name, held, constant)])
            return
        scope.names.add(name)
        if held is not None:
            known = scope.values.get(name)
            # By identity: values share parts, and comparing them would visit each as often as it is shared.
            scope.values[name] = held if known is None or known is held else All((known, held))


_VALUES: dict[type[ast.AST], Callable[[Values, Any], Value | None]] = {
    ast.Name: Values._value_of_name,
    ast.Lambda: Values._value_of_lambda,
    ast.GeneratorExp: Values._value_of_generator,
    ast.Attribute: Values._value_of_attribute,
    ast.Call: Values._value_of_call,
    ast.Await: Values._value_inside,
    ast.NamedExpr: Values._value_inside,
    ast.IfExp: Values._value_of_choice,
}


class Inner(ast.AST):
    """The part of a comprehension that runs for each element."""

    def __init__(self, comprehension: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp) -> None:
        super().__init__()
        self.comprehension = comprehension


def _decorators(node: ast.AST | None) -> set[str]:
    return {one.id for one in getattr(node, "decorator_list", []) if isinstance(one, ast.Name)}


def _is_static(node: ast.AST | None) -> bool:
    return "staticmethod" in _decorators(node)


def _is_classmethod(node: ast.AST | None) -> bool:
    return "classmethod" in _decorators(node)
