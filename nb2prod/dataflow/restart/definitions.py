"""Functions and classes: their bodies are read where they stand, and replayed where they are called."""

from __future__ import annotations

import ast

from nb2prod.dataflow.restart.events import (
    All,
    Annotation,
    Call,
    Class,
    Function,
    Member,
    Result,
    Value,
)
from nb2prod.dataflow.restart.names import Scope
from nb2prod.dataflow.restart.values import Values
from nb2prod.dataflow.scopes import FUNCTIONS, all_arguments, declared, defaults


class Definitions(Values, ast.NodeVisitor):
    """The statements that define, with their decorators and annotations."""

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        value = self._definition(node, None)
        self.bind(node.name, value)

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815

    def _definition(self, node: ast.FunctionDef | ast.AsyncFunctionDef, owner: Class | None) -> Value:
        for part in defaults(node.args):
            self.visit(part)
        for annotation in [*(arg.annotation for arg in all_arguments(node.args)), node.returns]:
            if annotation is not None:
                self._annotation(annotation)
        function = Function(node.name, is_property=_is_property(node))
        scope = self.function_scope(node.args, node.body, owner, node)
        if self.binding_scope(node.name) is not None:
            self.bind(node.name, function)  # so that its own body finds it
        self.read_body(function, node.args, node.body, scope)
        if _is_context_manager(node):
            function.kind = "plain"
        elif isinstance(node, ast.AsyncFunctionDef):
            function.kind = "async"
        elif scope.is_generator:
            function.kind = "generator"
        return self._decorated(node, function)

    def _annotation(self, node: ast.expr) -> None:
        events = self.part([node])
        if events:
            self.out.append(Annotation(events))

    def _decorated(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, value: Value) -> Value:
        held: list[Value] = [value]
        for decorator in reversed(node.decorator_list):
            self.visit(decorator)
            called = self.value(decorator)
            if called is not None:
                self.out.append(Call(called, self.at(decorator), ((0, value),)))
                held.append(Result(called))
        return held[0] if len(held) == 1 else All(tuple(held))

    def visit_Lambda(self, node: ast.Lambda) -> None:
        for part in defaults(node.args):
            self.visit(part)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        for base in [*node.bases, *(keyword.value for keyword in node.keywords)]:
            self.visit(base)
        found = Class(node.name, bases=tuple(held for base in node.bases if (held := self.value(base)) is not None))
        scope = Scope("class", set(), declared(node.body, ast.Global))
        self.scopes.append(scope)
        for child in node.body:
            if isinstance(child, FUNCTIONS):
                value = self._definition(child, found)
                found.methods[child.name] = value
                scope.names.add(child.name)
            else:
                self.visit(child)
        self.scopes.pop()
        found.methods |= {name: value for name, value in scope.values.items() if name not in found.methods}
        for base in node.bases:
            held = self.value(base)
            if held is not None:
                self.out.append(Call(Member(held, "__init_subclass__"), self.at(node)))
        self.bind(node.name, self._decorated(node, found))


def _is_property(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(
        (isinstance(one, ast.Name) and one.id in ("property", "cached_property"))
        or (isinstance(one, ast.Attribute) and one.attr == "cached_property")
        for one in node.decorator_list
    )


def _is_context_manager(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(getattr(one, "id", getattr(one, "attr", "")) == "contextmanager" for one in node.decorator_list)
