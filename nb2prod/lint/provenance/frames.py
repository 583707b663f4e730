"""Frames, columns and arrays: selecting, storing, and the methods that change rows or sum them up."""

from __future__ import annotations

import ast

from nb2prod.lint.provenance.core import Core, Keywords, merge
from nb2prod.lint.provenance.events import Fit, Resample
from nb2prod.lint.provenance.rows import Rows, covers, union, up
from nb2prod.lint.provenance.values import (
    NO_NAMES,
    OPAQUE,
    UNSURE,
    Data,
    Function,
    Indices,
    Literal,
    Mapping,
    Module,
    Opaque,
    Sequence,
    Taints,
    Value,
)

INDEXERS = frozenset({"loc", "iloc", "ix", "at", "iat"})
_SAME = frozenset({"values", "T", "loc", "iloc", "ix", "str", "dt", "cat", "array", "sparse", "data", "dataset"})
_OPAQUE = frozenset({"shape", "size", "ndim", "dtype", "dtypes", "columns", "feature_names", "target_names", "DESCR"})
_WINDOWS = frozenset({"rolling", "expanding", "ewm", "resample"})
_KEEPS_COLUMNS = frozenset({
    *("copy", "astype", "fillna", "replace", "reset_index", "sort_values", "sort_index", "clip", "round", "sample"),
    *("dropna", "drop_duplicates", "query", "head", "interpolate", "ffill", "bfill", "to_numpy", "reindex", "tail"),
    *("compute", "persist", "toarray", "values", "to_frame", "abs", "where", "mask", "nlargest", "nsmallest"),
})  # fmt: skip


class Frames(Core):
    """What happens to data by attribute, subscript and method."""

    # ── attributes ───────────────────────────────────────────────────────────

    def data_attribute(self, data: Data, name: str) -> Value:
        """`df.values`, `df.index`, `df.age`."""
        if name in _OPAQUE:
            return OPAQUE
        if name == "index":
            return data.derive(index=True, column=None)
        if name in _SAME:
            array = name in ("values", "array")
            return data.derive(column=data.column, dims=None if array else data.dims)
        if data.table is None:
            return data.derive(vague=True)
        return self.column(data, name)

    def column(self, data: Data, name: str) -> Data:
        """One column of a frame."""
        names = frozenset({name})
        dims = 0 if data.dims == 0 else 1
        made = data.derive(column=name, sources=names, dims=dims, columns=data.columns.chosen(names))
        made.taints, made.weak = _kept(data.taints, names), _kept(data.weak, names)
        made.future = data.table is not None and name in data.table.future
        return made

    def chosen(self, data: Data, names: frozenset[str]) -> Data:
        """Some columns of a frame."""
        made = data.derive(columns=data.columns.chosen(names), column=None, dims=2)
        made.sources = names if len(names) == 1 else NO_NAMES
        made.taints, made.weak = _kept(data.taints, names), _kept(data.weak, names)
        return made

    def without(self, data: Data, names: frozenset[str]) -> Data:
        """A frame but for some columns."""
        made = data.derive(columns=data.columns.dropped(names), column=None)
        made.taints, made.weak = _lost(data.taints, names), _lost(data.weak, names)
        return made

    # ── subscripts ───────────────────────────────────────────────────────────

    def subscript(self, data: Data, node: ast.expr, indexer: str) -> Value:
        """`df["a"]`, `X[:n]`, `df.iloc[rows, columns]`."""
        if isinstance(node, ast.Tuple) and len(node.elts) >= 2:
            return self._columns_at(self._rows_at(data, node.elts[0], indexer or "array"), node.elts[1])
        return self._rows_at(data, node, indexer)

    def _columns_at(self, data: Data, node: ast.expr) -> Value:
        if isinstance(node, ast.Slice):
            full = node.lower is None and node.upper is None
            return data if full else data.derive(columns=UNSURE, column=None, sources=NO_NAMES)
        index = self.evaluate(node)
        names = self.texts_of(index)
        if names is not None:
            one = self.text_of(index)
            return self.column(data, one) if one is not None else self.chosen(data, names)
        made = data.derive(columns=UNSURE, column=None, sources=NO_NAMES)
        self._choose_by(made, index)
        return made

    def _choose_by(self, made: Data, index: Value) -> None:
        """Columns that were chosen by something estimated."""
        for one in self.datas(index):
            merge(made.taints, dict.fromkeys(one.taints))

    def _rows_at(self, data: Data, node: ast.expr, indexer: str) -> Data:
        if isinstance(node, ast.Slice):
            return self._sliced(data, node)
        index = self.evaluate(node)
        if not indexer:
            names = self.texts_of(index)
            if names is not None and not data.grouped:
                one = self.text_of(index)
                return self.column(data, one) if one is not None else self.chosen(data, names)
            if names is not None:
                return data.derive(column=self.text_of(index))
        return self._indexed(data, index, node, indexer)

    def _sliced(self, data: Data, node: ast.Slice) -> Data:
        for bound in (node.lower, node.upper, node.step):
            if bound is not None:
                self.evaluate(bound)
        if node.lower is None and node.upper is None:
            return data.derive()
        if data.index or data.rows.aggregate:
            return data.derive()
        return data.derive(rows=data.rows.part(self.key_of(node), loops=self.loops))

    def _indexed(self, data: Data, index: Value, node: ast.expr, indexer: str) -> Data:
        if isinstance(index, Indices):
            return data.derive(rows=self.part_by(data, index))
        if isinstance(index, Data):
            return self._by_data(data, index, node, indexer)
        if data.rows.aggregate or data.index:
            return data.derive(columns=UNSURE, sources=NO_NAMES)
        if data.dims == 1 or (isinstance(index, Literal) and isinstance(index.value, int)):
            return data.derive(rows=data.rows.part(self.key_of(node), loops=self.loops), dims=0, sources=NO_NAMES)
        if isinstance(index, Opaque) and data.table is not None and data.dims == 2 and not indexer:
            return data.derive(columns=UNSURE, dims=None, sources=NO_NAMES, taints=_aligned(data.taints))
        columns = data.columns if indexer else UNSURE
        return data.derive(rows=data.rows.part(self.key_of(node), loops=self.loops), columns=columns)

    def _by_data(self, data: Data, index: Data, node: ast.expr, indexer: str) -> Data:
        if index.mask:
            return data.derive(rows=data.rows.part(self.key_of(node), loops=self.loops))
        if covers(data.rows, index.rows) and (index.index or index.rows is not data.rows):
            return data.derive(rows=index.rows)
        known = next((rows for rows in up(index.rows) if rows.split is not None), None)
        if known is not None and not index.rows.aggregate:
            rows = data.rows.part((known.split, known.role), split=known.split, role=known.role, loops=self.loops)
            return data.derive(rows=rows)
        if (data.table is None or data.dims != 2 or indexer) and not index.rows.aggregate and not index.index:
            return data.derive(rows=data.rows.part(self.key_of(node), loops=self.loops))
        made = data.derive(columns=UNSURE, column=None, sources=NO_NAMES, dims=2)
        self._choose_by(made, index)
        return made

    # ── storing ──────────────────────────────────────────────────────────────

    def store_columns(self, data: Data, names: frozenset[str] | None, value: Value, *, partly: bool = False) -> None:
        """`df["a"] = value`. Nothing is known of the names where they are None."""
        if names is not None and not partly:
            data.taints, data.weak = _lost(data.taints, names), _lost(data.weak, names)
        for one in self.datas(value):
            merge(data.taints, dict.fromkeys(one.taints, names))
            merge(data.weak, dict.fromkeys(one.weak, names))
            data.dups |= one.dups
        for name in names or ():
            data.columns = data.columns.added(name)
            self._trace(data, name, value)

    def _trace(self, data: Data, name: str, value: Value) -> None:
        table = data.table
        if table is None:
            return
        known = isinstance(value, Data) and value.table is table
        sources = value.sources if known and isinstance(value, Data) else NO_NAMES
        table.sources[name] = sources - {name}
        if isinstance(value, Data) and value.future:
            table.future.add(name)
        else:
            table.future.discard(name)

    # ── statistics ───────────────────────────────────────────────────────────

    def statistic(self, data: Data, what: str, node: ast.AST, *, strong: bool, kind: str = "statistic") -> Data:
        """A value that sums up all rows."""
        made = Data(self.new_rows(aggregate=True), dict(data.taints), dims=0, predicted=data.predicted)
        if data.rows.aggregate or data.predicted or data.dims == 0:
            return made
        fit = self.fit_event(Fit(self.place(node), kind, what, data.derive(name=data.name), column=data.column))
        (made.taints if strong else made.weak)[fit] = None
        return made

    def is_by_row(self, keywords: Keywords, args: list[Value]) -> bool:
        """Whether `axis` says that each row is summed up by itself."""
        axis = keywords.get("axis", args[0] if args else None)
        return self.is_literal(axis, 1, "columns", "rows", -1)

    def grouped_statistic(self, data: Data, what: str, node: ast.AST) -> Data:
        """One value per group: rows of their own, that tell of every row of the group."""
        made = self.statistic(data.derive(grouped=False), what, node, strong=True)
        made.dims, made.table, made.columns = 2, None, UNSURE
        return made

    # ── methods ──────────────────────────────────────────────────────────────

    def data_method(self, data: Data, name: str, node: ast.Call, args: list[Value], keywords: Keywords) -> Value:
        """What a method of a frame, column or array gives; in place where it is told to."""
        result = self._method(data, name, node, args, keywords)
        if self.is_literal(keywords.get("inplace"), True) and isinstance(result, Data):
            self._replace(data, result, node)
            return OPAQUE
        return result

    def _replace(self, data: Data, result: Data, node: ast.Call) -> None:
        receiver = node.func.value if isinstance(node.func, ast.Attribute) else None
        if isinstance(receiver, ast.Subscript | ast.Attribute):
            self.store(receiver, result)
        else:
            data.become(result)

    def _method(self, data: Data, name: str, node: ast.Call, args: list[Value], keywords: Keywords) -> Value:
        handler = _METHODS.get(name)
        if handler is not None:
            return handler(self, data, node, args, keywords)
        if name in self.known.strong or name in self.known.weak:
            return self._sum_up(data, name, node, args, keywords)
        if data.grouped:
            return self._of_groups(data, name, node, args, keywords)
        if name in _WINDOWS:
            return data.derive(grouped=False, sources=NO_NAMES, dims=0 if data.dims == 0 else 3)
        if name in self.known.opaque:
            return data.derive(dims=0, sources=NO_NAMES, column=None) if data.predicted or data.mask else OPAQUE
        if name in self.known.row_choosing:
            return data.derive(rows=data.rows.part((name, *self.key_of(node)), loops=self.loops))
        return self._changed(data, name, args, keywords)

    def _sum_up(self, data: Data, name: str, node: ast.Call, args: list[Value], keywords: Keywords) -> Value:
        if data.grouped:
            return self.grouped_statistic(data, f"groupby().{name}()", node)
        if self.is_by_row(keywords, args) or data.dims == 3:
            return data.derive(sources=NO_NAMES, column=None)
        return self.statistic(data, f"{name}()", node, strong=name in self.known.strong)

    def _of_groups(self, data: Data, name: str, node: ast.Call, args: list[Value], keywords: Keywords) -> Value:
        """Methods of a grouped frame: some give a value per row, the others one per group."""
        if name == "transform":
            return self._transformed_groups(data, node, args)
        if name in ("agg", "aggregate"):
            if self._only_counts(Sequence([*args, *(_how(one) for one in keywords.values())])):
                return Data(self.new_rows(aggregate=True), dims=2)
            return self.grouped_statistic(data, "groupby().agg()", node)
        if name in (
            "cumcount",
            "cumsum",
            "shift",
            "ffill",
            "bfill",
            "diff",
            "rank",
            "pct_change",
            "fillna",
            "head",
            "apply",
        ):
            return data.derive(grouped=False, sources=NO_NAMES, column=None, columns=UNSURE)
        return Data(self.new_rows(aggregate=True), dims=2) if name in self.known.opaque else data.derive()

    def _only_counts(self, how: Value) -> bool:
        """Whether an aggregation is known and takes no statistic: counts, sums, the first of a group."""
        if isinstance(how, Sequence | Mapping):
            inside = list(how.items.values()) if isinstance(how, Mapping) else how.items
            return bool(inside) and all(self._only_counts(one) for one in inside)
        name = self.text_of(how)
        return name is not None and name not in self.known.strong | self.known.weak

    def _transformed_groups(self, data: Data, node: ast.Call, args: list[Value]) -> Data:
        plain = data.derive(grouped=False, sources=NO_NAMES)
        how = args[0] if args else None
        if isinstance(how, Function):
            given = self.call_function(how, [plain], {})
            self.absorb(plain, self.as_data(given))
            return plain
        what = self.text_of(how) or (how.name.rpartition(".")[2] if isinstance(how, Module) else "")
        if what in self.known.strong | self.known.weak:
            number = self.statistic(plain, f"groupby().transform({what})", node, strong=True)
            self.absorb(plain, number)
        return plain

    def _changed(self, data: Data, name: str, args: list[Value], keywords: Keywords) -> Data:
        made = data.derive() if name in _KEEPS_COLUMNS else data.derive(columns=UNSURE)
        if name in ("to_numpy", "values", "toarray"):
            made.dims = None
        if name not in self.known.elementwise:
            made.sources = NO_NAMES
        if name in self.known.aligning:
            made.taints = _aligned(made.taints)
        for value in [*args, *keywords.values()]:
            for one in self.datas(value):
                self.absorb(made, one)
                if name in ("div", "divide", "truediv", "fillna"):
                    merge(made.taints, one.weak)
        made.mask = name in (
            "isin",
            "isnull",
            "isna",
            "notnull",
            "notna",
            "duplicated",
            "between",
            "contains",
            "startswith",
        )
        return made

    # ── single methods ───────────────────────────────────────────────────────

    def _drop(self, data: Data, node: ast.Call, args: list[Value], keywords: Keywords) -> Data:
        axis = keywords.get("axis", args[1] if len(args) > 1 else None)
        what = keywords.get("columns", keywords.get("labels", args[0] if args else None))
        if "columns" in keywords or self.is_literal(axis, 1, "columns"):
            names = self.texts_of(what)
            return self.without(data, names) if names is not None else data.derive(columns=UNSURE)
        if isinstance(what, Data) and covers(data.rows, what.rows) and what.rows is not data.rows:
            return data.derive(rows=data.rows.part(("but", what.rows), loops=self.loops))
        return data.derive(rows=data.rows.part(("drop", *self.key_of(node)), loops=self.loops))

    def _sample(self, data: Data, node: ast.Call, args: list[Value], keywords: Keywords) -> Data:
        if self.is_literal(keywords.get("replace"), True):
            return self.resampled(data, "sample(replace=True)", node)
        if self.is_literal(keywords.get("frac"), 1, 1.0) and not args:
            return data.derive()
        return data.derive(rows=data.rows.part(("sample", id(node)), loops=self.loops))

    def resampled(self, data: Data, what: str, node: ast.AST) -> Data:
        """Rows that are copies or mixtures of other rows."""
        rows = Rows(data.rows, role=data.rows.role, loops=self.loops)
        event = Resample(self.place(node), what, data.rows, rows)
        self.story.resamples.append(event)
        return data.derive(rows=rows, dups=data.dups | {event})

    def _groupby(self, data: Data, node: ast.Call, args: list[Value], keywords: Keywords) -> Data:
        return data.derive(grouped=True)

    def _append(self, data: Data, node: ast.Call, args: list[Value], keywords: Keywords) -> Value:
        return self.united([data, *(one for value in args for one in self.datas(value))], node)

    def united(self, found: list[Data], node: ast.AST) -> Data:
        """The rows of all of them, one below the other."""
        rows = union(tuple(one.rows for one in found), self.loops)
        made = self.combined(found, rows=rows)
        if rows.components and rows not in self.story.unions:
            self.story.unions[rows] = self.place(node)
        made.table = found[0].table
        return made

    def _pop(self, data: Data, node: ast.Call, args: list[Value], keywords: Keywords) -> Value:
        name = self.text_of(args[0]) if args else None
        if name is None:
            return data.derive(columns=UNSURE)
        taken = self.column(data, name)
        data.become(self.without(data, frozenset({name})))
        return taken

    def _assign_columns(self, data: Data, node: ast.Call, args: list[Value], keywords: Keywords) -> Data:
        made = data.derive()
        for name, value in keywords.items():
            given = self.call_function(value, [made], {}) if isinstance(value, Function) else value
            self.store_columns(made, frozenset({name}), given)
        return made

    def _insert(self, data: Data, node: ast.Call, args: list[Value], keywords: Keywords) -> Value:
        if len(args) > 2:
            self.store_columns(data, self.texts_of(args[1]), args[2])
        return OPAQUE

    def _shift(self, data: Data, node: ast.Call, args: list[Value], keywords: Keywords) -> Data:
        by = keywords.get("periods", args[0] if args else None)
        ahead = isinstance(by, Literal) and isinstance(by.value, int) and by.value < 0
        return data.derive(sources=NO_NAMES, grouped=False, future=ahead)

    def _apply(self, data: Data, node: ast.Call, args: list[Value], keywords: Keywords) -> Value:
        """A function for each value or row tells of one row; one for each column may sum it up."""
        how = args[0] if args else keywords.get("func")
        if data.grouped:
            return self._of_groups(data, "apply", node, args, keywords)
        made = data.derive(columns=UNSURE, column=None)
        if not isinstance(how, Function):
            for one in self.datas(how):
                self.absorb(made, one)
            return made
        by_row = self.is_literal(keywords.get("axis"), 1, "columns") or data.dims != 2
        given = self.call_function(how, [OPAQUE if by_row else data.derive(dims=1)], {})
        for one in self.datas(given):
            self.absorb(made, one)
        return made

    def _pipe(self, data: Data, node: ast.Call, args: list[Value], keywords: Keywords) -> Value:
        if args and isinstance(args[0], Function):
            return self.call_function(args[0], [data, *args[1:]], keywords)
        return self.combine([data, *args], columns=UNSURE)

    def _align(self, data: Data, node: ast.Call, args: list[Value], keywords: Keywords) -> Value:
        """`train, test = train.align(test, axis=1)`: both, with the same columns."""
        other = self.as_data(args[0] if args else keywords.get("other"))
        both = [one.derive(columns=UNSURE, taints=_aligned(one.taints)) for one in (data, other)]
        return Sequence([*both])

    def _select_dtypes(self, data: Data, node: ast.Call, args: list[Value], keywords: Keywords) -> Data:
        return data.derive(columns=UNSURE, sources=NO_NAMES, column=None)

    def _merge(self, data: Data, node: ast.Call, args: list[Value], keywords: Keywords) -> Value:
        found = [one for value in [*args, *keywords.values()] for one in self.datas(value)]
        made = data.derive(columns=UNSURE)
        for one in found:
            self.absorb(made, one)
        return made


_METHODS = {
    "drop": Frames._drop,
    "sample": Frames._sample,
    "groupby": Frames._groupby,
    "append": Frames._append,
    "pop": Frames._pop,
    "assign": Frames._assign_columns,
    "insert": Frames._insert,
    "shift": Frames._shift,
    "apply": Frames._apply,
    "map": Frames._apply,
    "applymap": Frames._apply,
    "pipe": Frames._pipe,
    "align": Frames._align,
    "select_dtypes": Frames._select_dtypes,
    "merge": Frames._merge,
    "join": Frames._merge,
    "union": Frames._append,
}


def _how(value: Value) -> Value:
    """Of `total=("amount", "sum")`, the second."""
    return value.items[-1] if isinstance(value, Sequence) and value.items else value


def _aligned(taints: Taints) -> Taints:
    """What is left when the columns are those of another frame."""
    return {fit: columns for fit, columns in taints.items() if fit.kind != "dummies"}


def _kept(taints: Taints, names: frozenset[str]) -> Taints:
    """What is left of taints when only these columns are."""
    return {fit: columns for fit, columns in taints.items() if columns is None or columns & names}


def _lost(taints: Taints, names: frozenset[str]) -> Taints:
    """What is left of taints when these columns are gone."""
    # Most sets have none of them, and are long where a frame has many columns: these are not copied.
    left = {
        fit: columns if columns is None or columns.isdisjoint(names) else columns - names
        for fit, columns in taints.items()
    }
    return {fit: columns for fit, columns in left.items() if columns is None or columns}
