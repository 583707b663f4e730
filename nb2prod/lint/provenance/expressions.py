"""What expressions give."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable
from typing import Any

from nb2prod.dataflow.magics import RUNNERS, runner_body
from nb2prod.lint.provenance.core import DEEPEST, Keywords, merge
from nb2prod.lint.provenance.frames import INDEXERS
from nb2prod.lint.provenance.functions import Functions
from nb2prod.lint.provenance.rows import covers
from nb2prod.lint.provenance.values import (
    NO_NAMES,
    OPAQUE,
    UNSURE,
    Class,
    Data,
    Estimator,
    Function,
    Generator,
    Instance,
    Literal,
    Mapping,
    Module,
    Sequence,
    Value,
)
from nb2prod.notebook.trees import children, walk

_BUILTINS = frozenset(dir(builtins)) | {"get_ipython", "display"}
_UNROLLED = 12


class Expressions(Functions):
    """One method for each kind of expression."""

    def evaluate(self, node: ast.expr) -> Value:
        """What an expression gives."""
        if self.calls:
            self.budget -= 1
        if self.depth > DEEPEST:
            return OPAQUE
        self.depth += 1
        handler = _BY_KIND.get(type(node))
        given = handler(self, node) if handler is not None else self._others(node)
        self.depth -= 1
        return given

    def _others(self, node: ast.expr) -> Value:
        given = [self.evaluate(child) for child in children(node) if isinstance(child, ast.expr)]
        return self.combine(given, columns=UNSURE)

    # ── names and constants ──────────────────────────────────────────────────

    def _constant(self, node: ast.Constant) -> Value:
        return Literal(node.value)

    def _name(self, node: ast.Name) -> Value:
        known = self.scope.get(node.id)
        if known is not None:
            return known
        if node.id in _BUILTINS:
            return Module(f"builtins.{node.id}")
        if self.stars:
            return Module(f"{self._star_of(node.id)}.{node.id}")
        if self._is_known(node.id):
            return Module(f"elsewhere.{node.id}")
        made = self.fresh(vague=True)
        self.globals.names[node.id] = made
        return made

    def _is_known(self, name: str) -> bool:
        """Whether a name that nobody bound can hardly be anything else than what the tables know."""
        return name in self.known.kinds or name in self.known.split_functions or name in self.known.metrics

    def _star_of(self, name: str) -> str:
        """Of several `from x import *`, the one that the name is likely of."""
        if self._is_known(name):
            return next((star for star in self.stars if star.startswith(("sklearn", "imblearn"))), self.stars[-1])
        return self.stars[-1]

    def _attribute(self, node: ast.Attribute) -> Value:
        base = self.evaluate(node.value)
        match base:
            case Module(name=name):
                return Module(f"{name}.{node.attr}")
            case Data():
                return self.data_attribute(base, node.attr)
            case Estimator():
                return self.estimator_attribute(base, node.attr)
            case Instance():
                return self._instance_attribute(base, node.attr)
            case Class():
                return self.member(base, node.attr) or OPAQUE
        return OPAQUE

    def _instance_attribute(self, base: Instance, name: str) -> Value:
        if name in base.attributes:
            return base.attributes[name]
        found = self.member(base.cls, name)
        if isinstance(found, Function):
            return Function(found.node, found.scope, found.cell, base)
        return found or OPAQUE

    # ── subscripts ───────────────────────────────────────────────────────────

    def _subscript(self, node: ast.Subscript) -> Value:
        indexer, inner = self._indexed_value(node)
        base = self.evaluate(inner)
        if isinstance(base, Data):
            return self.subscript(base, node.slice, indexer)
        if isinstance(base, Module):
            return self._module_item(base, node)
        index = self.evaluate(node.slice) if not isinstance(node.slice, ast.Slice | ast.Tuple) else OPAQUE
        return self._item(base, index, node)

    def _indexed_value(self, node: ast.Subscript) -> tuple[str, ast.expr]:
        """`df.loc[…]` → loc, df."""
        value = node.value
        if isinstance(value, ast.Attribute) and value.attr in INDEXERS:
            return value.attr, value.value
        return "", value

    def _module_item(self, base: Module, node: ast.Subscript) -> Value:
        """`np.c_[a, b]`, `np.r_[a, b]`."""
        given = self.evaluate(node.slice) if not isinstance(node.slice, ast.Slice) else OPAQUE
        found = self.datas(given)
        if not found:
            return OPAQUE
        return self.united(found, node) if base.name.endswith(".r_") else self.combined(found, columns=UNSURE)

    def _item(self, base: Value, index: Value, node: ast.Subscript) -> Value:
        if isinstance(base, Sequence):
            return self._sequence_item(base, index, node)
        if isinstance(base, Mapping):
            key = index.value if isinstance(index, Literal) else None
            if isinstance(index, Literal) and _hashable(key) and key in base.items:
                return base.items[key]
            return _any_of(list(base.items.values()))
        if isinstance(base, Estimator):
            return base if not base.parts else base.parts[-1]
        return OPAQUE

    def _sequence_item(self, base: Sequence, index: Value, node: ast.Subscript) -> Value:
        if isinstance(node.slice, ast.Slice):
            if not any(isinstance(item, Literal) for item in base.items[:1]) or base.data is not None:
                data = self.as_data(base)
                return data.derive(rows=data.rows.part(self.key_of(node.slice), loops=self.loops))
            return base
        if (
            isinstance(index, Literal)
            and isinstance(index.value, int)
            and -len(base.items) <= index.value < len(base.items)
        ):
            return base.items[index.value]
        return _any_of(base.items)

    # ── operators ────────────────────────────────────────────────────────────

    def _binary(self, node: ast.BinOp) -> Value:
        left, right = self.evaluate(node.left), self.evaluate(node.right)
        return self.binary(node, node.op, left, right)

    def binary(self, node: ast.AST, operator: ast.operator, left: Value, right: Value) -> Value:
        """`left operator right`."""
        if isinstance(operator, ast.Add | ast.Mult) and isinstance(left, Sequence) and not isinstance(right, Data):
            return Sequence([*left.items, *right.items]) if isinstance(right, Sequence) else left
        if isinstance(operator, ast.Add) and self._are_lists(left, right):
            return self.united([*self.datas(left), *self.datas(right)], node)
        made = self.combine([left, right], column=None)
        if isinstance(made, Data):
            if isinstance(operator, ast.Div | ast.FloorDiv):
                for one in self.datas(right):
                    merge(made.taints, one.weak)
            if isinstance(operator, ast.Sub):
                self._compare_with_truth(node, [left, right])
        return made

    def _are_lists(self, left: Value, right: Value) -> bool:
        """Whether `+` joins two lists of rows rather than adding numbers."""
        if not (isinstance(left, Data) and isinstance(right, Data)):
            return False
        split = {id(rows.split): rows.role for rows in (left.rows, right.rows) if rows.split is not None}
        roles = {left.rows.known_role, right.rows.known_role}
        return len(split) <= 1 and roles == {"train", "test"} and left.rows is not right.rows

    def _compare_with_truth(self, node: ast.AST, values: list[Value]) -> None:
        """`(y_test - y_pred) ** 2`, `y_pred == y_test`: a score by hand."""
        found = [one for value in values for one in self.datas(value)]
        predictions = tuple(dict.fromkeys(event for one in found for event in one.predicted))
        truths = [one for one in found if not one.predicted and not one.rows.aggregate and one.dims != 0]
        if predictions and any(
            covers(event.data.rows, one.rows) or _paired(event.data, one) for event in predictions for one in truths
        ):
            self.scored(predictions, node)

    def _compare(self, node: ast.Compare) -> Value:
        values = [self.evaluate(one) for one in (node.left, *node.comparators)]
        if isinstance(node.ops[0], ast.Eq | ast.NotEq):
            self._compare_with_truth(node, values)
        made = self.combine(values, column=None, mask=True)
        return made if isinstance(made, Data) else OPAQUE

    def _unary(self, node: ast.UnaryOp) -> Value:
        given = self.evaluate(node.operand)
        if isinstance(given, Literal) and isinstance(node.op, ast.USub) and isinstance(given.value, int | float):
            return Literal(-given.value)
        return given.derive(mask=given.mask, column=None) if isinstance(given, Data) else OPAQUE

    def _bool(self, node: ast.BoolOp) -> Value:
        values = [self.evaluate(one) for one in node.values]
        return _any_of(values) if not isinstance(values[0], Data) else self.combine(values)

    def _choice(self, node: ast.IfExp) -> Value:
        self.evaluate(node.test)
        return _any_of([self.evaluate(node.body), self.evaluate(node.orelse)])

    # ── collections ──────────────────────────────────────────────────────────

    def _list(self, node: ast.List | ast.Tuple | ast.Set) -> Value:
        items: list[Value] = []
        for element in node.elts:
            if isinstance(element, ast.Starred):
                given = self.evaluate(element.value)
                items += given.items if isinstance(given, Sequence) else [given]
            elif isinstance(element, ast.Slice):
                items.append(OPAQUE)
            else:
                items.append(self.evaluate(element))
        return Sequence(items)

    def _dict(self, node: ast.Dict) -> Value:
        made = Mapping({})
        for key, value in zip(node.keys, node.values, strict=True):
            given = self.evaluate(value)
            if key is None:
                made.whole = made.whole and isinstance(given, Mapping) and given.whole
                made.items.update(given.items if isinstance(given, Mapping) else {})
                continue
            name = self.evaluate(key)
            hashable = isinstance(name, Literal) and _hashable(name.value)
            made.items[name.value if isinstance(name, Literal) and hashable else len(made.items)] = given
        return made

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> Value:
        first = node.generators[0]
        source = self.evaluate(first.iter)
        if isinstance(source, Sequence) and 0 < len(source.items) <= _UNROLLED and not first.ifs:
            return Sequence([self._comprehended(node, [item]) for item in source.items])
        return self._of_rows(
            source, self._comprehended(node, [self._element(source)]), filtered=bool(first.ifs), node=node
        )

    def _comprehended(
        self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp, items: list[Value]
    ) -> Value:
        names = {one.id for part in node.generators for one in walk(part.target) if isinstance(one, ast.Name)}
        before = {name: self.scope.names.get(name) for name in names}
        self.loop_names.append(names)
        for part, given in zip(node.generators, [*items, *([None] * len(node.generators))], strict=False):
            self.store(part.target, given if given is not None else self._element(self.evaluate(part.iter)))
            for test in part.ifs:
                self.evaluate(test)
        made = self.evaluate(node.value if isinstance(node, ast.DictComp) else node.elt)
        self.loop_names.pop()
        for name, value in before.items():
            self.scope.names.pop(name, None)
            if value is not None:
                self.scope.names[name] = value
        return made

    def _of_rows(self, source: Value, made: Value, *, filtered: bool, node: ast.expr) -> Value:
        """A list with something for each row of the source; anything else is what it holds."""
        if isinstance(source, Data) and not isinstance(made, Estimator | Sequence):
            rows = source.rows.part(("if", *self.key_of(node)), loops=self.loops) if filtered else source.rows
            found = [source, *self.datas(made)]
            return self.combined(found, rows=rows, columns=UNSURE, column=None, sources=NO_NAMES, dims=None)
        if isinstance(made, Estimator | Instance | Data | Sequence):
            return Sequence([made])
        return OPAQUE

    # ── calls ────────────────────────────────────────────────────────────────

    def _call(self, node: ast.Call) -> Value:
        if not self.calls:
            self.outer = self.place(node)
        if isinstance(node.func, ast.Attribute):
            if node.func.attr == "run_line_magic":
                return self._line_magic(node)
            receiver = self.evaluate(node.func.value)
            args, keywords = self._arguments(node)
            return self._method_call(receiver, node.func, node, args, keywords)
        function = self.evaluate(node.func)
        args, keywords = self._arguments(node)
        return self.call_value(function, node, args, keywords)

    def _line_magic(self, node: ast.Call) -> Value:
        """`%time model.fit(X)`: the code in it runs; it has the place of the whole line."""
        match node.args:
            case [ast.Constant(value=str(name)), ast.Constant(value=str(line))] if name in RUNNERS:
                statements = runner_body(line)[0]
                for one in (inner for statement in statements for inner in walk(statement)):
                    ast.copy_location(one, node)
                self.run(list(statements))
        return OPAQUE

    def _arguments(self, node: ast.Call) -> tuple[list[Value], Keywords]:
        args: list[Value] = []
        for one in node.args:
            given = self.evaluate(one.value if isinstance(one, ast.Starred) else one)
            args += given.items if isinstance(one, ast.Starred) and isinstance(given, Sequence) else [given]
        keywords: Keywords = {}
        for keyword in node.keywords:
            given = self.evaluate(keyword.value)
            if keyword.arg is not None:
                keywords[keyword.arg] = given
            elif isinstance(given, Mapping) and given.whole:
                keywords.update({name: value for name, value in given.items.items() if isinstance(name, str)})
            else:
                keywords["**"] = given
        return args, keywords

    def _method_call(
        self, receiver: Value, func: ast.Attribute, node: ast.Call, args: list[Value], keywords: Keywords
    ) -> Value:
        name = func.attr
        match receiver:
            case Module(name=module):
                return self.library_call(f"{module}.{name}", node, args, keywords)
            case Data():
                return self._data_call(receiver, name, node, args, keywords)
            case Estimator():
                return self._estimator_call(receiver, name, node, args, keywords)
            case Instance():
                return self.instance_method(receiver, name, node, args, keywords)
            case Sequence() | Mapping():
                return self._container_call(receiver, name, args, keywords)
            case Generator():
                return self.combine([*args, *keywords.values()])
            case Class():
                return self._class_call(receiver, name, node, args, keywords)
        self.data_draw(receiver, name, node, keywords)
        return self.combine([*args, *keywords.values()], columns=UNSURE)

    def _class_call(self, cls: Class, name: str, node: ast.Call, args: list[Value], keywords: Keywords) -> Value:
        found = self.member(cls, name)
        return self.call_function(found, args, keywords) if isinstance(found, Function) else self.combine(args)

    def _data_call(self, data: Data, name: str, node: ast.Call, args: list[Value], keywords: Keywords) -> Value:
        self.data_draw(data, name, node, keywords)
        if name == "fit" and not self.datas(Sequence(args)):
            return self._fit_of_data(data, node)
        if data.vague and (name in _MODEL_METHODS) and (args or keywords):
            return self._unknown_model(data, name, node, args, keywords)
        return self.data_method(data, name, node, args, keywords)

    def _fit_of_data(self, data: Data, node: ast.Call) -> Value:
        """`sm.OLS(y, X).fit()`: the model has its data already."""
        model = Estimator("the model", "model", self.place(node), loops=self.loops)
        model.varies = self.mentions_loop(node)
        self.fit_on(model, node, data, None)
        return model

    def _unknown_model(self, data: Data, name: str, node: ast.Call, args: list[Value], keywords: Keywords) -> Value:
        """An object that nothing is known of, until it is fitted."""
        receiver = node.func.value if isinstance(node.func, ast.Attribute) else None
        called = receiver.id if isinstance(receiver, ast.Name) else "the model"
        model = Estimator(called, "object", self.place(node), loops=self.loops)
        if isinstance(receiver, ast.Name):
            self.scope.set(receiver.id, model)
        return self._estimator_call(model, name, node, args, keywords)

    def _estimator_call(
        self, model: Estimator, name: str, node: ast.Call, args: list[Value], keywords: Keywords
    ) -> Value:
        if name in ("save", "save_model", "dump") and args:
            self.dumped(node, [model])
            return OPAQUE
        return self.estimator_method(model, name, node, args, keywords)

    def _container_call(self, value: Sequence | Mapping, name: str, args: list[Value], keywords: Keywords) -> Value:
        if name in ("append", "extend", "add", "insert", "update"):
            self._extend_container(value, name, args, keywords)
            return OPAQUE
        if isinstance(value, Mapping):
            return self._mapping_call(value, name, args)
        if name in ("copy", "sort", "reverse"):
            return Sequence(list(value.items)) if name == "copy" else OPAQUE
        return _any_of(value.items) if name == "pop" else self.combine([value, *args])

    def _mapping_call(self, value: Mapping, name: str, args: list[Value]) -> Value:
        if name == "items":
            return Sequence([Sequence([Literal(key), item]) for key, item in value.items.items()])
        if name == "keys":
            return Sequence([Literal(key) for key in value.items])
        if name == "values":
            return Sequence(list(value.items.values()))
        if name in ("get", "pop", "setdefault") and args and isinstance(args[0], Literal) and _hashable(args[0].value):
            return value.items.get(args[0].value, OPAQUE)
        return Mapping(dict(value.items), value.whole) if name == "copy" else OPAQUE

    def _extend_container(self, value: Sequence | Mapping, name: str, args: list[Value], keywords: Keywords) -> None:
        if isinstance(value, Mapping):
            value.items.update(args[0].items if args and isinstance(args[0], Mapping) else {})
            value.items.update(keywords)
            return
        for one in args[-1:]:
            value.items.extend(one.items if name == "extend" and isinstance(one, Sequence) else [one])
        value.data = None

    def _lambda(self, node: ast.Lambda) -> Value:
        return Function(node, self.scope, self.cell)

    def _named(self, node: ast.NamedExpr) -> Value:
        given = self.evaluate(node.value)
        self.store(node.target, given)
        return given

    def _text(self, node: ast.JoinedStr) -> Value:
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                self.evaluate(part.value)
        return OPAQUE

    def _starred(self, node: ast.Starred) -> Value:
        return self.evaluate(node.value)

    def _yield(self, node: ast.Yield) -> Value:
        if node.value is not None:
            self.returned.append(Sequence([self.evaluate(node.value)]))
        return OPAQUE


_MODEL_METHODS = frozenset(
    {"fit", "predict", "predict_proba", "fit_transform", "fit_resample", "fit_predict", "score", "evaluate"}
)
_BY_KIND: dict[type[ast.AST], Callable[[Any, Any], Value]] = {
    ast.Constant: Expressions._constant,
    ast.Name: Expressions._name,
    ast.Attribute: Expressions._attribute,
    ast.Subscript: Expressions._subscript,
    ast.BinOp: Expressions._binary,
    ast.Compare: Expressions._compare,
    ast.UnaryOp: Expressions._unary,
    ast.BoolOp: Expressions._bool,
    ast.IfExp: Expressions._choice,
    ast.List: Expressions._list,
    ast.Tuple: Expressions._list,
    ast.Set: Expressions._list,
    ast.Dict: Expressions._dict,
    ast.ListComp: Expressions._comprehension,
    ast.SetComp: Expressions._comprehension,
    ast.GeneratorExp: Expressions._comprehension,
    ast.DictComp: Expressions._comprehension,
    ast.Call: Expressions._call,
    ast.Lambda: Expressions._lambda,
    ast.NamedExpr: Expressions._named,
    ast.JoinedStr: Expressions._text,
    ast.Starred: Expressions._starred,
    ast.Yield: Expressions._yield,
}


def _hashable(key: object) -> bool:
    return isinstance(key, str | int | float | bool | bytes | None)


def _any_of(values: list[Value]) -> Value:
    """One of several values: the first that is something."""
    telling = [one for one in values if not isinstance(one, Literal) and one is not OPAQUE]
    return telling[0] if telling else OPAQUE


def _paired(predicted: Data, truth: Data) -> bool:
    """Whether the truth belongs to the predicted rows: parts of one split with the same role."""
    mine = next((rows.split for rows in (predicted.rows,) if rows.split is not None), None)
    return mine is not None and mine is truth.rows.split and predicted.rows.role == truth.rows.role
