"""The notebook's own functions and classes: a call is followed into the body, with the values that it is given."""

from __future__ import annotations

import ast

from nb2prod.lint.provenance.chance import Chance
from nb2prod.lint.provenance.core import Keywords
from nb2prod.lint.provenance.memory import Scope
from nb2prod.lint.provenance.values import (
    OPAQUE,
    UNSURE,
    Class,
    Estimator,
    Function,
    Instance,
    Literal,
    Mapping,
    Module,
    Opaque,
    Sequence,
    Value,
)

_DEEPEST = 6
_MOST_CALLS = 40


class Functions(Chance):
    """Calls of what the notebook defines."""

    def run(self, body: list[ast.stmt]) -> None:
        """Execute statements."""
        raise NotImplementedError

    def call_function(self, value: Function, args: list[Value], keywords: Keywords) -> Value:
        """What a call gives: the first value with something in it that the body returns."""
        node = value.node
        if not self._may_follow(node):
            return self.combine([*args, *keywords.values()], columns=UNSURE)
        self.inlined[node] = self.inlined.get(node, 0) + 1
        given = [value.owner, *args] if value.owner is not None else args
        scope = Scope(value.scope)
        self._bind(node.args, scope, given, keywords)
        return self._inside(value, scope)

    def _may_follow(self, node: ast.AST) -> bool:
        shallow = len(self.calls) < _DEEPEST and node not in self.calls
        return shallow and self.budget > 0 and self.inlined.get(node, 0) < _MOST_CALLS

    def _inside(self, value: Function, scope: Scope) -> Value:
        before = self.scope, self.cell, self.returned
        self.scope, self.cell, self.returned = scope, value.cell, []
        self.calls.append(value.node)
        try:
            if isinstance(value.node, ast.Lambda):
                return self.evaluate(value.node.body)
            self.run(value.node.body)
            return _best(self.returned)
        finally:
            self.calls.pop()
            self.scope, self.cell, self.returned = before

    def _bind(self, arguments: ast.arguments, scope: Scope, args: list[Value], keywords: Keywords) -> None:
        names = [one.arg for one in (*arguments.posonlyargs, *arguments.args)]
        for name, default in zip(reversed(names), reversed(arguments.defaults), strict=False):
            scope.names[name] = self.evaluate(default)
        for one, kept in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
            scope.names[one.arg] = self.evaluate(kept) if kept is not None else OPAQUE
        scope.names.update(zip(names, args, strict=False))
        if arguments.vararg is not None:
            scope.names[arguments.vararg.arg] = Sequence(args[len(names) :])
        known = {*names, *(one.arg for one in arguments.kwonlyargs)}
        scope.names.update({name: value for name, value in keywords.items() if name in known})
        if arguments.kwarg is not None:
            others: dict[object, Value] = {
                name: value for name, value in keywords.items() if name not in known and name != "**"
            }
            scope.names[arguments.kwarg.arg] = Mapping(others, whole="**" not in keywords)
        for name in known - scope.names.keys():
            scope.names[name] = self.fresh(vague=True)

    # ── classes ──────────────────────────────────────────────────────────────

    def instantiate(self, cls: Class, args: list[Value], keywords: Keywords) -> Instance:
        """A new object; its `__init__` runs."""
        made = Instance(cls)
        self.method(made, "__init__", args, keywords)
        return made

    def member(self, cls: Class, name: str) -> Value | None:
        """What a class or a class of the notebook above it defines."""
        if name in cls.members:
            return cls.members[name]
        found = (self.member(base, name) for base in cls.bases if isinstance(base, Class))
        return next((one for one in found if one is not None), None)

    def method(self, made: Instance, name: str, args: list[Value], keywords: Keywords) -> Value | None:
        """A call of a method; None where the notebook does not define it."""
        found = self.member(made.cls, name)
        if not isinstance(found, Function):
            return None
        return self.call_function(Function(found.node, found.scope, found.cell, made), args, keywords)

    def instance_method(
        self, made: Instance, name: str, node: ast.Call, args: list[Value], keywords: Keywords
    ) -> Value:
        """A method of the notebook's class, or one that it has from a library's."""
        known = self.method(made, name, args, keywords)
        if known is not None:
            return known
        kept = made.attributes.get(name)
        if kept is not None:
            return self.call_value(kept, node, args, keywords)
        if name == "fit_transform" and self.member(made.cls, "fit") is not None:
            self.method(made, "fit", args, keywords)
            return self.method(made, "transform", args[:1], {}) or OPAQUE
        if not any(isinstance(base, Module) for base in made.cls.bases):
            return self.combine([*args, *keywords.values()], columns=UNSURE)
        return self.estimator_method(self.inherited(made, node), name, node, args, keywords)

    def inherited(self, made: Instance, node: ast.AST) -> Estimator:
        """What a library's base class makes of the object."""
        known = made.attributes.get("$estimator")
        if isinstance(known, Estimator):
            return known
        model = Estimator(made.cls.node.name, "object", self.place(node), loops=self.loops)
        made.attributes["$estimator"] = model
        return model

    # ── calling anything ─────────────────────────────────────────────────────

    def call_value(self, value: Value, node: ast.Call, args: list[Value], keywords: Keywords) -> Value:
        """A call of what an expression gave."""
        match value:
            case Module(name=name):
                return self.library_call(name, node, args, keywords)
            case Function():
                return self.call_function(value, args, keywords)
            case Class():
                return self.instantiate(value, args, keywords)
            case Instance():
                for name in ("__call__", "forward", "call"):
                    known = self.method(value, name, args, keywords)
                    if known is not None:
                        return known
        return self.combine([*args, *keywords.values()], columns=UNSURE, vague=True)


def _best(returned: list[Value]) -> Value:
    """Of several values that a function may give: the first that is something."""
    telling = [one for one in returned if not isinstance(one, Opaque | Literal)]
    return telling[0] if telling else (returned[0] if returned else OPAQUE)
