"""Control flow: paths that may not be taken, rounds that may not come, operators."""

from __future__ import annotations

import ast
from itertools import pairwise

from nb2prod.dataflow.bindings import Bindings
from nb2prod.dataflow.knowledge import tables
from nb2prod.dataflow.paths import dotted
from nb2prod.dataflow.scopes import bound_names


class Flow(Bindings, ast.NodeVisitor):
    """Branches, loops, handlers, patterns, context managers."""

    def visit_If(self, node: ast.If) -> None:
        self.visit(node.test)
        if ast.unparse(node.test) in ("__name__ == '__main__'", "True"):
            self._visit_all(node.body)
        else:
            self._paths(node.body, node.orelse)

    def visit_IfExp(self, node: ast.IfExp) -> None:
        self.visit(node.test)
        self._paths([node.body], [node.orelse])

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        self.visit(node.values[0])
        self._paths(node.values[1:], [])

    def visit_BinOp(self, node: ast.BinOp) -> None:
        self._visit_all([node.left, node.right])
        self._operate(node.left, node.right)

    def _operate(self, left: ast.expr, right: ast.expr) -> None:
        """An operator of a class of the notebook may do anything to the other side."""
        for side, other in ((left, right), (right, left)):
            made = side.func if isinstance(side, ast.Call) and isinstance(side.func, ast.Name) else side
            if self._is_own(made):
                self._mutate_expression([other], certain=False)

    def visit_Compare(self, node: ast.Compare) -> None:
        self._visit_all([node.left, node.comparators[0]])
        for left, right in pairwise([node.left, *node.comparators]):
            self._operate(left, right)
        self._paths(node.comparators[1:], [])

    def visit_Assert(self, node: ast.Assert) -> None:
        self._paths([node.test], [])
        if node.msg is not None:
            self._paths([node.msg], [])

    def visit_While(self, node: ast.While) -> None:
        self.visit(node.test)
        self._repeated([*node.body, node.test])
        self._perhaps(node.orelse)

    def visit_For(self, node: ast.For | ast.AsyncFor) -> None:
        self.visit(node.iter)
        bind = ast.Assign([node.target], node.iter)
        self._repeated([ast.copy_location(bind, node), *node.body])
        self._perhaps(node.orelse)

    visit_AsyncFor = visit_For  # noqa: N815 - the name is ast's

    def visit_Try(self, node: ast.Try | ast.TryStar) -> None:
        start = set(self.bound)
        with self._branch():
            self._visit_all([*node.body, *node.orelse])
            ends = [self.bound]
            safe = start - self.unbound
            for handler in node.handlers:
                self.bound = set(safe)
                self.visit(handler)
                ends.append(self.bound)
            # `finally` runs after an error too.
            after, self.bound = set.intersection(*ends), safe - self.unbound
        self._visit_all(node.finalbody)
        self.bound |= after - self.deleted

    visit_TryStar = visit_Try  # noqa: N815

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        if node.type is not None:
            self.visit(node.type)
        if node.name:
            self._bind_plain(node.name)
        self._visit_all(node.body)
        if node.name:
            self._unbind(node.name)

    def visit_Match(self, node: ast.Match) -> None:
        self.visit(node.subject)
        for name in bound_names(case.pattern for case in node.cases):
            self.env.link(name, self._shared(node.subject))
        wildcard = any(
            isinstance(c.pattern, ast.MatchAs) and c.pattern.name is None and not c.guard for c in node.cases
        )
        self._paths(*([case] for case in node.cases), *([] if wildcard else [[]]))

    def visit_MatchAs(self, node: ast.MatchAs) -> None:
        if node.pattern is not None:
            self.visit(node.pattern)
        if node.name:
            self._bind_plain(node.name)

    def visit_MatchStar(self, node: ast.MatchStar) -> None:
        if node.name:
            self._bind_plain(node.name)

    def visit_MatchMapping(self, node: ast.MatchMapping) -> None:
        self.generic_visit(node)
        if node.rest:
            self._bind_plain(node.rest)

    def visit_With(self, node: ast.With | ast.AsyncWith) -> None:
        for item in node.items:
            self.visit(item.context_expr)
            self._enter(item.context_expr)
            if item.optional_vars is not None:
                self._assign(item.optional_vars, item.context_expr)
        if all(self._lets_errors_out(item.context_expr) for item in node.items):
            self._visit_all(node.body)
        else:
            self._perhaps(node.body)

    visit_AsyncWith = visit_With  # noqa: N815

    def _enter(self, manager: ast.expr) -> None:
        """Entering an object changes it; entering what a library's call just made changes nothing else."""
        if not (isinstance(manager, ast.Call) and dotted(manager.func, self.env)):
            self._mutate_expression([manager], certain=False)

    def _lets_errors_out(self, manager: ast.expr) -> bool:
        """Whether an error in the body ends the statement. Managers that swallow it let the cell go on half-way."""
        func = manager.func if isinstance(manager, ast.Call) else manager
        name = dotted(func, self.env)
        if name is None:
            return isinstance(func, ast.Attribute) and func.attr == "open"
        return name not in tables().swallowing and (tables().is_known(name) or name == "builtins.open")

    def visit_Delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            if isinstance(target, ast.Name):
                self._delete(target.id)
            else:
                self._assign_below(target)

    def visit_Return(self, node: ast.Return | ast.Yield | ast.YieldFrom) -> None:
        if node.value is not None:
            self.visit(node.value)
            for name in self._shared(node.value):
                self.returned |= self.env.sharing(name)

    visit_Yield = visit_Return  # noqa: N815
    visit_YieldFrom = visit_Return  # noqa: N815
