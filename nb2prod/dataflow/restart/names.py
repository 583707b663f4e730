"""Whose a name is where the code stands: the scopes, and the events as they come."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from nb2prod.dataflow.restart.events import (
    Bind,
    Event,
    Events,
    Function,
    Read,
    Value,
)
from nb2prod.dataflow.scopes import bound_names, declared
from nb2prod.notebook.trees import children

Body = Iterable[ast.AST]
_LEAVES = (ast.Return, ast.Raise, ast.Break, ast.Continue)
_METHODS: dict[type[ast.AST], Callable[[Any, Any], None]] = {}


@dataclass(slots=True)
class Scope:
    """A scope around the code that is read. `kind`: function, class or comprehension."""

    kind: str
    names: set[str]
    free: set[str] = field(default_factory=set)
    values: dict[str, Value] = field(default_factory=dict)
    returns: list[Value] = field(default_factory=list)
    called: set[str] = field(default_factory=set)
    is_generator: bool = False


class Names(ast.NodeVisitor):
    """Reads one scope after the other. `host`: the node that stands for code inside a magic's line."""

    def __init__(self) -> None:
        self.out: list[Event] = []
        self.binds: set[str] = set()
        self.scopes: list[Scope] = []
        self.host: ast.AST | None = None
        self._made: dict[ast.AST, Function] = {}
        self._chains: dict[ast.AST, Value | None] = {}

    def visit(self, node: ast.AST) -> None:
        """Read one node."""
        kind = type(node)
        method = _METHODS.get(kind)
        if method is None:
            method = _METHODS[kind] = getattr(type(self), f"visit_{kind.__name__}", Names.generic_visit)
        method(self, node)

    def visit_Constant(self, node: ast.Constant) -> None:
        """A constant names nothing."""

    def generic_visit(self, node: ast.AST) -> None:
        """Read what is below."""
        for child in children(node):
            self.visit(child)

    def emit(self, events: Iterable[Event]) -> None:
        """Add events that were made elsewhere."""
        for event in events:
            self.out.append(event)
            if isinstance(event, Bind):
                self.binds.add(event.name)

    # ── blocks ───────────────────────────────────────────────────────────────

    def block(self, body: Body) -> None:
        """Statements up to the first that leaves."""
        for node in body:
            self.visit(node)
            if isinstance(node, _LEAVES):
                return

    def private(self, body: list[ast.stmt]) -> None:
        """Code that runs in a function of its own, as `%timeit` does."""
        free = declared(body, ast.Global)
        self.scopes.append(Scope("function", bound_names(body) - free, free))
        self.block(body)
        self.scopes.pop()

    def part(self, body: Body) -> Events:
        """The events of a block, apart."""
        outer, self.out = self.out, []
        self.block(body)
        part, self.out = tuple(self.out), outer
        return part

    def at(self, node: ast.AST) -> ast.AST:
        """The node that stands for this one in the cell's text."""
        return self.host or node

    # ── names ────────────────────────────────────────────────────────────────

    def scope_of(self, name: str) -> Scope | None:
        """The scope that owns the name here; None for a global one."""
        if not self.scopes:
            return None
        for position, scope in enumerate(reversed(self.scopes)):
            if name in scope.free and scope.kind == "function":
                return None
            if name in scope.names and (scope.kind != "class" or position == 0):
                return scope
        return None

    def read(self, name: str, node: ast.AST) -> None:
        """A name is looked up here."""
        if not self.scopes or self.scope_of(name) is None:
            self.out.append(Read(name, self.host or node))

    def binding_scope(self, name: str) -> Scope | None:
        """Where a binding here goes: a comprehension's targets are its own, a walrus in it is the scope's around it."""
        for scope in reversed(self.scopes):
            if scope.kind == "comprehension":
                if name in scope.names:
                    return scope
                continue
            return None if name in scope.free else scope
        return None
