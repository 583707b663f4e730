"""A cell's syntax trees → its events."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable

from nb2prod.dataflow.restart import magics
from nb2prod.dataflow.restart.events import (
    Anything,
    Bind,
    Call,
    Events,
    Get,
    Pass,
    Value,
)
from nb2prod.dataflow.restart.flow import Flow
from nb2prod.dataflow.restart.injections import injected
from nb2prod.notebook.parse import Parsed

_IMMEDIATE_METHODS = {"apply", "map", "applymap", "transform", "agg", "aggregate", "pipe", "assign", "sort", "reduce"}
_IMMEDIATE_FUNCTIONS = {"sorted", "min", "max", "reduce", "apply"}
# Only keep the function that they are given, to call it when something else happens.
_KEEPING = {"map", "filter", "partial", "defaultdict", "field", "property", "Thread", "Process", "Timer", "on_click"}
_KEEPING |= {"observe", "register", "signal", "atexit", "callable", "wraps", "isinstance", "hasattr", "id", "print"}
_NAMESPACES = frozenset({"f_globals", "f_locals", "user_ns", "user_global_ns"})
# What a cell that does not parse would have bound is not known: its own error is the one to report.
_IDENTIFIER = re.compile(r"(?<![\w.])[A-Za-z_]\w*")


def events_of(parsed: Parsed) -> tuple[Events, frozenset[str]]:
    """The events of one cell, and every global name that they may bind, in functions too."""
    reader = Reader()
    body = [statement.node for statement in parsed.statements]
    magic = parsed.magic
    if parsed.error is not None:
        reader.emit(Bind(name) for name in dict.fromkeys(_IDENTIFIER.findall(parsed.body)))
    if magics.is_automagic(body):
        return (), frozenset()
    if magic is not None and magic.name in magics.PRIVATE:
        reader.private([*magics.statements_in(magic.line), *body])
    else:
        reader.block(body)
    if magic is not None:
        reader.emit(magics.cell_events(magic, parsed.body))
    return tuple(reader.out), frozenset(reader.binds)


class Reader(Flow, ast.NodeVisitor):
    """Calls, and what they reach into the namespace with."""

    def visit_Attribute(self, node: ast.Attribute) -> None:
        self.visit(node.value)
        if node.attr in _NAMESPACES:
            self.out.append(Anything())
        held = self.value(node.value) if isinstance(node.value, ast.Name | ast.Call) else None
        if held is not None and isinstance(node.ctx, ast.Load):
            self.out.append(Get(held, node.attr, self.at(node)))

    def visit_Call(self, node: ast.Call) -> None:
        self.visit(node.func)
        for argument in node.args:
            self.visit(argument)
        for keyword in node.keywords:
            self.visit(keyword.value)
        given = self._given(node)
        if given:
            self._pass_arguments(node, given)
        if self.scopes:
            self._note_called(node.func)
        called = self.value(node.func)
        if called is not None:
            named = tuple((place, held) for place, held in given if place is not None) if given else ()
            self.out.append(Call(called, self.at(node), named))
        self._effects(node)

    def _given(self, node: ast.Call) -> list[tuple[int | str | None, Value]]:
        """(position or keyword, value) of the arguments that may be callable; None where `**` hides the keyword."""
        value = self.value
        given: list[tuple[int | str | None, Value]] = []
        for place, argument in enumerate(node.args):
            if (held := value(argument)) is not None:
                given.append((place, held))
        for keyword in node.keywords:
            if (held := value(keyword.value)) is not None:
                given.append((keyword.arg, held))
        return given

    def _note_called(self, func: ast.expr) -> None:
        scope = self.scope_of(func.id) if isinstance(func, ast.Name) else None
        if scope is not None and isinstance(func, ast.Name):
            scope.called.add(func.id)

    def _pass_arguments(self, node: ast.Call, given: Iterable[tuple[int | str | None, Value]]) -> None:
        func = node.func
        if getattr(func, "id", getattr(func, "attr", "")) in _KEEPING:
            return
        immediate = isinstance(func, ast.Attribute) and func.attr in _IMMEDIATE_METHODS
        immediate |= isinstance(func, ast.Name) and func.id in _IMMEDIATE_FUNCTIONS
        self.out += [Pass(held, self.at(node), immediate) for _, held in given]

    def _effects(self, node: ast.Call) -> None:
        """Calls that reach into the namespace by themselves."""
        found = magics.call_of(node)
        if found is not None:
            self._magic(node, *found)
            return
        effect = injected(node)
        if effect is None:
            return
        if isinstance(effect, str):
            self.emit([Bind(effect) if effect else Anything()])
        elif isinstance(effect, list):
            self._at_top(node, effect)
        else:
            self.emit(Bind(name) for name in effect)

    def _magic(self, node: ast.Call, name: str, line: str, body: str | None) -> None:
        self.emit(magics.line_events(name, line, body))
        if name in magics.PRIVATE:
            host, self.host = self.host, self.at(node)
            self.private(magics.statements_in(line))
            self.host = host
        elif name in magics.RUNNERS:
            self._at_top(node, magics.statements_in(line))

    def _at_top(self, node: ast.AST, body: list[ast.stmt]) -> None:
        """Code that runs in the notebook's namespace, whatever scope it is started from."""
        host, self.host = self.host, self.at(node)
        scopes, self.scopes = self.scopes, [] if magics.call_of(node) else self.scopes
        self.block(body)
        self.host, self.scopes = host, scopes
