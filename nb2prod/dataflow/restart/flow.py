"""Bindings, and the ways that the code may take."""

from __future__ import annotations

import ast

from nb2prod.dataflow.restart.definitions import Definitions
from nb2prod.dataflow.restart.events import (
    Anything,
    Attempt,
    Bind,
    Call,
    Either,
    Member,
    Postpone,
    Run,
    Unbind,
)
from nb2prod.dataflow.restart.injections import injected
from nb2prod.dataflow.restart.names import Body, Scope
from nb2prod.dataflow.restart.values import Inner
from nb2prod.notebook.trees import walk

_NAME_ERRORS = {"NameError", "Exception", "BaseException"}


class Flow(Definitions, ast.NodeVisitor):
    """The statements and expressions that bind, branch, loop and leave."""

    # ── bindings ─────────────────────────────────────────────────────────────

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load):
            self.read(node.id, node)
        elif isinstance(node.ctx, ast.Store):
            self.bind(node.id)
        else:
            self._delete(node)

    def _delete(self, node: ast.Name) -> None:
        self.read(node.id, node)
        scope = self.binding_scope(node.id)
        if scope is None:
            self.out.append(Unbind(node.id))
        elif scope.kind == "class":
            scope.names.discard(node.id)

    def visit_Assign(self, node: ast.Assign) -> None:
        self.visit(node.value)
        for target in node.targets:
            self._assign(target, node.value)

    def _assign(self, target: ast.expr, value: ast.expr) -> None:
        name = injected(target)
        if isinstance(name, str):
            self.emit([Bind(name) if name else Anything()])
        if isinstance(target, ast.Name):
            self.bind(target.id, value)
        elif isinstance(target, ast.Tuple | ast.List) and isinstance(value, ast.Tuple | ast.List):
            self._unpack(target.elts, value.elts)
        else:
            self.consume(value) if isinstance(target, ast.Tuple | ast.List) else None
            self.visit(target)

    def _unpack(self, targets: list[ast.expr], values: list[ast.expr]) -> None:
        plain = len(targets) == len(values) and not any(isinstance(one, ast.Starred) for one in [*targets, *values])
        for position, target in enumerate(targets):
            if plain:
                self._assign(target, values[position])
            else:
                self.visit(target)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        if isinstance(node.target, ast.Name):
            self.read(node.target.id, node.target)
        else:
            self.visit(node.target)
        self.visit(node.value)
        if isinstance(node.target, ast.Name):
            self.bind(node.target.id)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if not self.scopes or self.scopes[-1].kind == "class":
            self._annotation(node.annotation)
        if node.value is not None:
            self.visit(node.value)
            self._assign(node.target, node.value)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self.visit(node.value)
        self.bind(node.target.id, node.value)

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            self.bind(alias.asname or alias.name.partition(".")[0])

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        for alias in node.names:
            if alias.name == "*":
                self.out.append(Anything())
            else:
                self.bind(alias.asname or alias.name)
            if node.module == "__future__" and alias.name == "annotations":
                self.out.append(Postpone())

    # ── control flow ─────────────────────────────────────────────────────────

    def _either(self, test: ast.expr | None, *ways: Body) -> None:
        parts = tuple(self.part(way) for way in ways)
        if any(parts):
            self.out.append(Either(parts, test))

    def visit_If(self, node: ast.If) -> None:
        self.visit(node.test)
        self._either(node.test, node.body, node.orelse)

    def visit_IfExp(self, node: ast.IfExp) -> None:
        self.visit(node.test)
        self._either(node.test, [node.body], [node.orelse])

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        first, *rest = node.values
        self.visit(first)
        if rest:
            others = [rest[0]] if len(rest) == 1 else [ast.copy_location(ast.BoolOp(node.op, rest), node)]
            self._either(first, *((others, []) if isinstance(node.op, ast.And) else ([], others)))

    def visit_Assert(self, node: ast.Assert) -> None:
        self.visit(node.test)
        if node.msg is not None:
            self._either(node.test, [], [node.msg])

    def visit_While(self, node: ast.While) -> None:
        self.visit(node.test)
        self.loop(node.test, node.body)
        self.block(node.orelse)

    def visit_For(self, node: ast.For | ast.AsyncFor) -> None:
        self.visit(node.iter)
        self.consume(node.iter)
        self.loop(node.iter, [node.target, *node.body])
        self.block(node.orelse)

    visit_AsyncFor = visit_For  # noqa: N815 - the name is ast's

    def loop(self, test: ast.expr, body: Body) -> None:
        """A body that is taken to run, unless it is plain that it does not."""
        inner = self.part(body)
        empty = isinstance(test, ast.List | ast.Tuple | ast.Dict | ast.Constant) or _is_named_test(test)
        if empty:
            self.out.append(Either((inner, ()), _once(test)))
        else:
            self.out += inner

    def visit_Match(self, node: ast.Match) -> None:
        self.visit(node.subject)
        self._either(None, *([case] for case in node.cases), [])

    def visit_match_case(self, node: ast.match_case) -> None:
        self.visit(node.pattern)
        if node.guard is not None:
            self.visit(node.guard)
        self.block(node.body)

    def visit_MatchAs(self, node: ast.MatchAs) -> None:
        self.generic_visit(node)
        if node.name:
            self.bind(node.name)

    def visit_MatchStar(self, node: ast.MatchStar) -> None:
        if node.name:
            self.bind(node.name)

    def visit_MatchMapping(self, node: ast.MatchMapping) -> None:
        self.generic_visit(node)
        if node.rest:
            self.bind(node.rest)

    def visit_Try(self, node: ast.Try | ast.TryStar) -> None:
        body = self.part(node.body)
        handlers = tuple(self.part([handler]) for handler in node.handlers)
        catches = any(_takes_name_errors(handler.type) for handler in node.handlers)
        self.out.append(Attempt(body, handlers, self.part(node.orelse), catches))
        self.block(node.finalbody)

    visit_TryStar = visit_Try  # noqa: N815

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        if node.type is not None:
            self._annotation_free(node.type)
        if node.name:
            self.bind(node.name)
        self.block(node.body)
        if node.name and self.binding_scope(node.name) is None:
            self.out.append(Unbind(node.name))

    def _annotation_free(self, node: ast.expr) -> None:
        """A handler's type is looked up only when something was raised."""
        self.visit(node)

    def visit_With(self, node: ast.With | ast.AsyncWith) -> None:
        guards = any(_guards(item.context_expr) for item in node.items)
        for item in node.items:
            self.visit(item.context_expr)
            held = self.value(item.context_expr)
            if held is not None:
                self.out.append(Call(Member(held, "__enter__"), self.at(item.context_expr)))
                self.out.append(Run(held, self.at(item.context_expr)))
            if item.optional_vars is not None:
                self.visit(item.optional_vars)
        if guards:
            self.out.append(Attempt(self.part(node.body), ((),), (), True))
        else:
            self.block(node.body)

    visit_AsyncWith = visit_With  # noqa: N815

    def visit_Return(self, node: ast.Return) -> None:
        if node.value is not None:
            self.visit(node.value)
            held = self.value(node.value)
            if held is not None and self.scopes:
                self.scopes[-1].returns.append(held)

    def visit_Await(self, node: ast.Await) -> None:
        self.visit(node.value)
        self.consume(node.value)

    def visit_YieldFrom(self, node: ast.YieldFrom) -> None:
        self.visit(node.value)
        self.consume(node.value)

    def visit_Starred(self, node: ast.Starred) -> None:
        self.visit(node.value)
        if isinstance(node.ctx, ast.Load):
            self.consume(node.value)

    def consume(self, node: ast.expr) -> None:
        held = self.value(node)
        if held is not None:
            self.out.append(Run(held, self.at(node)))

    # ── comprehensions ───────────────────────────────────────────────────────

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.DictComp) -> None:
        first = node.generators[0]
        self.visit(first.iter)
        self.consume(first.iter)
        self.loop(first.iter, [Inner(node)])

    visit_ListComp = _comprehension  # noqa: N815

    visit_SetComp = _comprehension  # noqa: N815

    visit_DictComp = _comprehension  # noqa: N815

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> None:
        """Its first iterable is looked at now, the rest when it is consumed."""
        self.visit(node.generators[0].iter)

    def visit_Inner(self, inner: Inner) -> None:
        """What runs for each element."""
        node = inner.comprehension
        targets = {part.id for one in node.generators for part in walk(one.target) if isinstance(part, ast.Name)}
        self.scopes.append(Scope("comprehension", targets))
        for position, one in enumerate(node.generators):
            if position:
                self.visit(one.iter)
                self.consume(one.iter)
            for test in one.ifs:
                self.visit(test)
        for part in [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]:
            self.visit(part)
        self.scopes.pop()


def _takes_name_errors(node: ast.expr | None) -> bool:
    if node is None:
        return True
    names = {part.id for part in walk(node) if isinstance(part, ast.Name)}
    names |= {part.attr for part in walk(node) if isinstance(part, ast.Attribute)}
    return bool(names & _NAME_ERRORS)


def _guards(node: ast.expr) -> bool:
    """`suppress(NameError)`, `pytest.raises(Exception)`."""
    return isinstance(node, ast.Call) and any(
        _takes_name_errors(argument) for argument in node.args if isinstance(argument, ast.Name | ast.Tuple)
    )


def _is_named_test(node: ast.expr) -> bool:
    return isinstance(node, ast.Name | ast.Compare | ast.UnaryOp)


def _once(test: ast.expr) -> ast.expr:
    """A loop over what is not known to be empty is taken to run."""
    if isinstance(test, ast.Constant | ast.List | ast.Tuple | ast.Dict):
        return test
    return ast.copy_location(ast.UnaryOp(ast.Not(), ast.UnaryOp(ast.Not(), test)), test)
