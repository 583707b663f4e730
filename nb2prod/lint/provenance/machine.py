"""Statements: the walk through a notebook from top to bottom."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from typing import Any

from nb2prod.lint.provenance.core import DEEPEST, inside
from nb2prod.lint.provenance.events import Story
from nb2prod.lint.provenance.expressions import Expressions
from nb2prod.lint.provenance.library import role_of
from nb2prod.lint.provenance.memory import Scope
from nb2prod.lint.provenance.values import (
    OPAQUE,
    UNSURE,
    Class,
    Data,
    Estimator,
    Folds,
    Function,
    Instance,
    Literal,
    Mapping,
    Module,
    Opaque,
    Sequence,
    Value,
)
from nb2prod.notebook.trees import children, walk

Cells = Iterable[tuple[int, list[ast.stmt]]]
_UNROLLED = 12


class Machine(Expressions):
    """One method for each kind of statement."""

    def __init__(self) -> None:
        super().__init__()
        self.defined: list[Function] = []

    def run(self, body: list[ast.stmt]) -> None:
        """Execute statements."""
        if self.depth > DEEPEST:
            return
        self.depth += 1
        for statement in body:
            handler = _BY_KIND.get(type(statement))
            if handler is not None:
                handler(self, statement)
            else:
                self._others_in(statement)
        self.depth -= 1

    def _others_in(self, statement: ast.stmt) -> None:
        for child in children(statement):
            if isinstance(child, ast.expr):
                self.evaluate(child)

    def finish(self) -> None:
        """Functions that nobody called may be called elsewhere: they are read once, with unknown arguments."""
        self.outer = None
        for function in self.defined:
            if function.node not in self.inlined:
                self.budget = max(self.budget, 2_000)
                self.call_function(function, [], {"**": OPAQUE})

    # ── binding ──────────────────────────────────────────────────────────────

    def store(self, target: ast.expr, value: Value) -> None:
        """Assign to a name, an item, an attribute, or several of them."""
        match target:
            case ast.Name(id=name):
                self._bind_name(name, value)
            case ast.Tuple(elts=elements) | ast.List(elts=elements):
                self._unpack(elements, value)
            case ast.Starred(value=inner):
                self.store(inner, value)
            case ast.Subscript():
                self._store_item(target, value)
            case ast.Attribute():
                self._store_attribute(target, value)

    def _bind_name(self, name: str, value: Value) -> None:
        if isinstance(value, Data):
            value.name = value.name or name
            rows = value.rows
            rows.label = rows.label or name
            if rows.parent is None and not rows.role and not rows.components and not rows.aggregate:
                rows.role = role_of(name)
        elif isinstance(value, Estimator):
            value.name = value.name or name
        self.scope.set(name, value)

    def _unpack(self, elements: list[ast.expr], value: Value) -> None:
        if isinstance(value, Mapping):
            value = Sequence([Literal(key) for key in value.items])
        if isinstance(value, Sequence):
            self._unpack_items(elements, value.items)
        elif isinstance(value, Folds):
            self._unpack_items(elements, self.indices(value.split).items)
        else:
            self._unpack_one(elements, value)

    def _unpack_items(self, elements: list[ast.expr], items: list[Value]) -> None:
        star = next((at for at, one in enumerate(elements) if isinstance(one, ast.Starred)), None)
        if star is not None:
            after = len(elements) - star - 1
            middle = Sequence(items[star : len(items) - after])
            items = [*items[:star], middle, *items[len(items) - after :]]
        for at, element in enumerate(elements):
            self.store(element, items[at] if at < len(items) else self.fresh(vague=True))

    def _unpack_one(self, elements: list[ast.expr], value: Value) -> None:
        """A value that is not known in parts. Names that say train and test tell that it is a split."""
        names = [one.id for part in elements for one in walk(part) if isinstance(one, ast.Name)]
        roles = [role_of(name) for name in names]
        if "train" in roles and "test" in roles:
            data = self.as_data(value)
            split = self.named_split(elements[0], data)
            for part in elements:
                self._store_roles(part, data, split)
            return
        for part in elements:
            if isinstance(value, Data):
                dims = 0 if value.dims == 0 else None
                self.store(part, value.derive(columns=UNSURE, column=None, table=None, dims=dims))
            else:
                self.store(part, OPAQUE if isinstance(value, Literal) else self.fresh(vague=True))

    def _store_roles(self, part: ast.expr, data: Data, split: object) -> None:
        if isinstance(part, ast.Tuple | ast.List):
            for one in part.elts:
                self._store_roles(one, data, split)
            return
        role = role_of(part.id) if isinstance(part, ast.Name) else ""
        rows = data.rows.part((split, role or "other"), split=split, role=role, loops=self.loops)
        self.store(part, data.derive(rows=rows, columns=UNSURE, column=None, table=None))

    def _store_item(self, target: ast.Subscript, value: Value) -> None:
        indexer, inner = self._indexed_value(target)
        base = self.evaluate(inner)
        if isinstance(base, Data):
            self._store_in_data(base, target.slice, indexer, value)
        elif isinstance(base, Mapping):
            index = self.evaluate(target.slice)
            key = index.value if isinstance(index, Literal) else None
            base.items[key if isinstance(key, str | int | float) else f"?{len(base.items)}"] = value
        elif isinstance(base, Sequence):
            base.items.append(value)

    def _store_in_data(self, base: Data, index: ast.expr, indexer: str, value: Value) -> None:
        partly = False
        if isinstance(index, ast.Tuple) and len(index.elts) >= 2:
            rows, index = index.elts[0], index.elts[1]
            partly = not (isinstance(rows, ast.Slice) and rows.lower is None and rows.upper is None)
            self.evaluate(rows) if not isinstance(rows, ast.Slice) else None
        elif indexer:
            partly = True
        given = self.evaluate(index) if not isinstance(index, ast.Slice) else OPAQUE
        if isinstance(given, Data) and given.mask:
            partly = True
        names = self.texts_of(given)
        if names is not None and not partly and base.table is None and base.vague:
            base.table, base.dims = self.frame(base.rows).table, 2
        self.store_columns(base, names, value, partly=partly)

    def _store_attribute(self, target: ast.Attribute, value: Value) -> None:
        base = self.evaluate(target.value)
        if isinstance(base, Instance):
            base.attributes[target.attr] = value
        elif isinstance(base, Data) and target.attr in ("columns", "index"):
            base.columns = UNSURE if target.attr == "columns" else base.columns
        elif isinstance(base, Data) and base.table is not None:
            self.store_columns(base, frozenset({target.attr}), value)

    # ── simple statements ────────────────────────────────────────────────────

    def _assign(self, node: ast.Assign) -> None:
        value = self.evaluate(node.value)
        for target in node.targets:
            self.store(target, value)

    def _annotated(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.store(node.target, self.evaluate(node.value))

    def _augmented(self, node: ast.AugAssign) -> None:
        old, given = self.evaluate(node.target), self.evaluate(node.value)
        if isinstance(old, Sequence) and isinstance(given, Sequence) and isinstance(node.op, ast.Add):
            old.items.extend(given.items)
            old.data = None
            return
        made = self.binary(node, node.op, old, given)
        if isinstance(node.target, ast.Name) and isinstance(old, Data) and isinstance(made, Data):
            made.column = old.column
            old.become(made)
        else:
            self.store(node.target, made)

    def _expression(self, node: ast.Expr) -> None:
        self.evaluate(node.value)

    def _return(self, node: ast.Return) -> None:
        if node.value is not None:
            self.returned.append(self.evaluate(node.value))

    def _delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            if isinstance(target, ast.Name):
                self.scope.names.pop(target.id, None)
            elif isinstance(target, ast.Subscript):
                base, names = self.evaluate(target.value), self.texts_of(self.evaluate(target.slice))
                if isinstance(base, Data):
                    base.become(self.without(base, names) if names is not None else base.derive(columns=UNSURE))

    def _import(self, node: ast.Import) -> None:
        for alias in node.names:
            name = alias.asname or alias.name.partition(".")[0]
            self.scope.set(name, Module(alias.name if alias.asname else name))

    def _import_from(self, node: ast.ImportFrom) -> None:
        module = f"{'.' * node.level}{node.module or ''}"
        for alias in node.names:
            if alias.name == "*":
                self.stars.append(module)
            else:
                self.scope.set(alias.asname or alias.name, Module(f"{module}.{alias.name}"))

    def _outward(self, node: ast.Global | ast.Nonlocal) -> None:
        self.scope.outward.update(node.names)

    # ── definitions ──────────────────────────────────────────────────────────

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        made = Function(node, self.scope, self.cell)
        for default in node.args.defaults:
            self.evaluate(default)
        self.scope.set(node.name, made)
        if not self.calls:
            self.defined.append(made)

    def _class(self, node: ast.ClassDef) -> None:
        bases = [self.evaluate(base) for base in node.bases]
        outer, self.scope = self.scope, Scope(self.scope)
        members = self.scope.names
        self.run(node.body)
        self.scope = outer
        for value in members.values():
            if isinstance(value, Function):
                value.scope = outer
        self.scope.set(node.name, Class(node, members, bases))

    # ── control flow ─────────────────────────────────────────────────────────

    def _if(self, node: ast.If) -> None:
        self.evaluate(node.test)
        if not node.orelse:
            self.run(node.body)
            return
        before = dict(self.scope.names)
        self.run(node.body)
        after = self.scope.names
        self.scope.names = before
        self.run(node.orelse)
        for name, value in after.items():
            if name not in before or not _is_nothing(value) or _is_nothing(before[name]):
                before[name] = value

    def _for(self, node: ast.For | ast.AsyncFor) -> None:
        source = self.evaluate(node.iter)
        names = {one.id for one in walk(node.target) if isinstance(one, ast.Name)}
        with_loop = self._entered(names)
        for item in self._rounds(source):
            self.store(node.target, item)
            self.run(node.body)
        self._left(with_loop)
        self.run(node.orelse)

    def _rounds(self, source: Value) -> list[Value]:
        """What the target holds in the rounds that are looked at: each one where the items differ, else one."""
        if isinstance(source, Folds):
            return [self.indices(source.split)]
        if isinstance(source, Sequence) and any(_tells(item) for item in source.items):
            return source.items[:_UNROLLED]
        return [self._element(source)]

    def _entered(self, names: set[str]) -> tuple[int, ...]:
        before = self.loops
        self.loop_count += 1
        self.loops = (*before, self.loop_count)
        self.loop_names.append(names)
        return before

    def _left(self, before: tuple[int, ...]) -> None:
        self.loops = before
        self.loop_names.pop()

    def _while(self, node: ast.While) -> None:
        self.evaluate(node.test)
        before = self._entered(set())
        self.run(node.body)
        self._left(before)
        self.run(node.orelse)

    def _with(self, node: ast.With | ast.AsyncWith) -> None:
        for item in node.items:
            given = self.evaluate(item.context_expr)
            if item.optional_vars is not None:
                self.store(item.optional_vars, given)
        self.run(node.body)

    def _try(self, node: ast.Try | ast.TryStar) -> None:
        self.run(node.body)
        for handler in node.handlers:
            self._handled(handler)
        self.run(node.orelse)
        self.run(node.finalbody)

    def _handled(self, handler: ast.ExceptHandler) -> None:
        """What an error leads to does not replace what the body bound."""
        before = dict(self.scope.names)
        self.run(handler.body)
        self.scope.names.update(before)

    def _match(self, node: ast.Match) -> None:
        self.evaluate(node.subject)
        for case in node.cases:
            self.run(case.body)


def _is_nothing(value: Value) -> bool:
    return isinstance(value, Literal | Opaque)


def _tells(item: Value) -> bool:
    """Whether an item of a list is worth a round of its own."""
    return any(
        isinstance(one.value, str) if isinstance(one, Literal) else not isinstance(one, Opaque) for one in inside(item)
    )


_BY_KIND: dict[type[ast.AST], Callable[[Any, Any], None]] = {
    ast.Assign: Machine._assign,
    ast.AnnAssign: Machine._annotated,
    ast.AugAssign: Machine._augmented,
    ast.Expr: Machine._expression,
    ast.Return: Machine._return,
    ast.Delete: Machine._delete,
    ast.Import: Machine._import,
    ast.ImportFrom: Machine._import_from,
    ast.Global: Machine._outward,
    ast.Nonlocal: Machine._outward,
    ast.FunctionDef: Machine._function,
    ast.AsyncFunctionDef: Machine._function,
    ast.ClassDef: Machine._class,
    ast.If: Machine._if,
    ast.For: Machine._for,
    ast.AsyncFor: Machine._for,
    ast.While: Machine._while,
    ast.With: Machine._with,
    ast.AsyncWith: Machine._with,
    ast.Try: Machine._try,
    ast.TryStar: Machine._try,
    ast.Match: Machine._match,
}


def tell(cells: Cells) -> Story:
    """What the notebook does with its data. `cells`: index and top-level statements of each, in document order."""
    machine = Machine()
    for index, body in cells:
        machine.cell = index
        machine.run(body)
    machine.finish()
    return machine.story
