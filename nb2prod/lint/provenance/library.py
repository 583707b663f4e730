"""Calls of libraries' functions and classes."""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import lru_cache

from nb2prod.lint.provenance.core import Keywords, merge
from nb2prod.lint.provenance.estimators import Estimators
from nb2prod.lint.provenance.events import Dump, Fit, Split
from nb2prod.lint.provenance.rows import TEST, TRAIN
from nb2prod.lint.provenance.values import (
    NO_NAMES,
    OPAQUE,
    UNSURE,
    Columns,
    Data,
    Estimator,
    Folds,
    Function,
    Literal,
    Mapping,
    Sequence,
    Table,
    Value,
)

_FRAMES = ("pandas.", "polars.", "dask.dataframe.", "geopandas.", "modin.", "cudf.", "databricks.koalas.")
_PAIRS = ("return_X_y", "as_supervised")
_LAYERS = (".layers.", "torch.nn.", ".keras.", "keras.", "torch.optim.", "tensorflow.keras.")


class Library(Estimators):
    """What a call of something imported gives."""

    def library_call(self, name: str, node: ast.Call, args: list[Value], keywords: Keywords) -> Value:
        """`name` is the full name, `pandas.read_csv`."""
        last = name.rpartition(".")[2]
        drawn = self.draw(name, node, args, keywords)
        if drawn is not None:
            return drawn
        handler = self._handler(name, last)
        if handler is not None:
            return handler(self, name, node, args, keywords)
        if last[:1].isupper():
            return self._construct(name, last, node, args, keywords)
        return self._plain_function(name, last, node, args, keywords)

    def _handler(self, name: str, last: str) -> _Handler | None:
        known = _BY_NAME.get(name)
        if known is not None:
            return known
        if last in self.known.split_functions:
            return Library._train_test_split
        if last in self.known.random_parts:
            return Library._random_parts
        if last in self.known.cross_validation:
            return Library._cross_validation
        if last in self.known.metrics:
            return Library._metric
        if last in self.known.metrics_of_model:
            return Library._model_metric
        if name in self.known.training_functions:
            return Library._train
        if name.endswith(self.known.loaders):
            return Library._load_parts
        return None

    def _plain_function(self, name: str, last: str, node: ast.Call, args: list[Value], keywords: Keywords) -> Value:
        if name in self.known.transforming:
            return self._estimate_and_transform(name, node, args, keywords)
        if last in self.known.selecting:
            return self.statistic(self.as_data(args[0] if args else keywords.get("X")), last, node, strong=True)
        if name.startswith("numpy.") and (last in self.known.strong or last in self.known.weak):
            return self._array_statistic(last, node, args, keywords)
        if last in self.known.concatenating:
            return self._concatenate(name, node, args, keywords)
        if last in self.known.side_by_side:
            return self.combine([*args, *keywords.values()], columns=UNSURE, sources=NO_NAMES)
        if last in self.known.readers:
            return self._read(name, node, args)
        if name.startswith("sklearn.datasets.") or name.startswith(("vega_datasets", "seaborn.load")):
            return self._bundled(name, last, keywords)
        made = self.combine([*args, *keywords.values()], columns=UNSURE, column=None)
        if isinstance(made, Data):
            if last not in self.known.elementwise:
                made.sources = NO_NAMES
            return made
        return self.fresh(vague=True) if self._gives_data(name) else OPAQUE

    def _gives_data(self, name: str) -> bool:
        """Whether an unknown function without data in its arguments may bring some."""
        root = name.partition(".")[0]
        return root not in (
            "builtins",
            "matplotlib",
            "os",
            "sys",
            "time",
            "seaborn",
            "warnings",
            "IPython",
            "math",
            "logging",
            "plotly",
        )

    # ── reading ──────────────────────────────────────────────────────────────

    def _read(self, name: str, node: ast.Call, args: list[Value]) -> Data:
        made = self.frame(self.new_rows())
        text = self.text_of(args[0]) if args else None
        made.rows.role = role_of(text.rpartition("/")[2]) if text else ""
        return made

    def _bundled(self, name: str, last: str, keywords: Keywords) -> Value:
        """Data sets that come with a library, as one object or as a pair."""
        if last.startswith("make_") or any(self.is_literal(keywords.get(key), True) for key in _PAIRS):
            rows = self.new_rows()
            return Sequence([Data(rows, dims=2), Data(rows, dims=1)])
        made = self.fresh(vague=True)
        if last.startswith("load") and name.startswith(("seaborn", "vega")):
            return self.frame(made.rows)
        return made

    def _load_parts(self, name: str, node: ast.Call, args: list[Value], keywords: Keywords) -> Value:
        whole = self.fresh()
        split = self.new_split(node, "holdout", name.rpartition(".")[2], [whole])
        train, test = self.halves(split, whole)
        return Sequence([Sequence([train, train.derive()]), Sequence([test, test.derive()])])

    # ── splitting ────────────────────────────────────────────────────────────

    def _train_test_split(self, name: str, node: ast.Call, args: list[Value], keywords: Keywords) -> Value:
        found = [self.as_data(value) for value in args]
        found += [self.as_data(keywords[key]) for key in ("X", "y", "arrays") if key in keywords]
        split = self.new_split(node, "holdout", name.rpartition(".")[2], found)
        return Sequence([half for one in found for half in self.halves(split, one)])

    def _random_parts(self, name: str, node: ast.Call, args: list[Value], keywords: Keywords) -> Value:
        data = self.as_data(args[0] if args else keywords.get("dataset"))
        split = self.new_split(node, "holdout", name.rpartition(".")[2], [data])
        sizes = args[1] if len(args) > 1 else keywords.get("lengths")
        count = len(sizes.items) if isinstance(sizes, Sequence) else 2
        parts = [data.rows.part((split, at), split=split, role=TEST if at else TRAIN) for at in range(count)]
        split.tests += parts[1:]
        return Sequence([data.derive(rows=rows) for rows in parts])

    def _array_split(self, name: str, node: ast.Call, args: list[Value], keywords: Keywords) -> Value:
        """`np.split(df.sample(frac=1), [a, b])`: parts that share no rows."""
        data = self.as_data(args[0] if args else None)
        cuts = args[1] if len(args) > 1 else None
        count = len(cuts.items) + 1 if isinstance(cuts, Sequence) else 3
        return Sequence([data.derive(rows=data.rows.part((id(node), at), loops=self.loops)) for at in range(count)])

    def _cross_validation(self, name: str, node: ast.Call, args: list[Value], keywords: Keywords) -> Value:
        model = next(iter(self.parts_of(args[0] if args else keywords.get("estimator"))), None)
        data = self.as_data(args[1] if len(args) > 1 else keywords.get("X"))
        self.cross_validate(name.rpartition(".")[2], node, data, model)
        for value in keywords.values():
            if isinstance(value, Estimator):
                self.use_randomness(value, node)
        return OPAQUE

    def _booster_cross_validation(self, name: str, node: ast.Call, args: list[Value], keywords: Keywords) -> Value:
        given = keywords.get("dtrain", keywords.get("train_set"))
        self.cross_validate(name, node, self.as_data(args[1] if len(args) > 1 else given), None)
        return OPAQUE

    # ── models ───────────────────────────────────────────────────────────────

    def _construct(self, name: str, last: str, node: ast.Call, args: list[Value], keywords: Keywords) -> Value:
        """An object of a library's class: data where it wraps data, else something that may be fitted."""
        kind = self.known.kinds.get(last, "")
        given = self.combine([*args, *keywords.values()])
        if last in self.known.wrappers or (not kind and isinstance(given, Data)):
            return self._wrap(name, last, given, args, keywords)
        if not kind:
            kind = "layer" if any(part in f".{name}" for part in _LAYERS) else "object"
        made = Estimator(name, kind, self.place(node), parameters=dict(keywords), loops=self.loops)
        made.parts = [part for value in [*args, *keywords.values()] for part in self.parts_of(value)]
        made.whole = "**" not in keywords
        made.varies = self.mentions_loop(node)
        self.constructed(made, node, args)
        return made

    def _wrap(self, name: str, last: str, given: Value, args: list[Value], keywords: Keywords) -> Value:
        made = given if isinstance(given, Data) else self.as_data(args[0] if args else keywords.get("data"))
        if last == "DataFrame":
            columns = Columns() if not (isinstance(given, Data) and given.table) else UNSURE
            return made.derive(table=Table(), columns=columns, column=None, sources=NO_NAMES, dims=2)
        if last == "Series":
            return made.derive(dims=1)
        return made.derive(columns=UNSURE)

    def _pipeline(self, name: str, node: ast.Call, args: list[Value], keywords: Keywords) -> Value:
        return self._construct(name, name.rpartition(".")[2], node, args, keywords)

    def _train(self, name: str, node: ast.Call, args: list[Value], keywords: Keywords) -> Value:
        model = Estimator(f"{name.partition('.')[0]}'s model", "model", self.place(node), loops=self.loops)
        model.varies = self.mentions_loop(node)
        data = self.as_data(args[1] if len(args) > 1 else keywords.get("dtrain", keywords.get("train_set")))
        self.fit_on(model, node, data, None)
        self._watch(model, node, keywords)
        return model

    def _clone(self, name: str, node: ast.Call, args: list[Value], keywords: Keywords) -> Value:
        model = args[0] if args else None
        if not isinstance(model, Estimator):
            return self.combine(args)
        copy = Estimator(model.cls, model.kind, model.place, model.parts, dict(model.parameters), model.whole)
        copy.loops, copy.varies, copy.name = self.loops, model.varies, model.name
        return copy

    # ── scoring ──────────────────────────────────────────────────────────────

    def _metric(self, name: str, node: ast.Call, args: list[Value], keywords: Keywords) -> Value:
        found = [one for value in [*args, *keywords.values()] for one in self.datas(value)]
        self.scored(tuple(dict.fromkeys(event for one in found for event in one.predicted)), node)
        return OPAQUE

    def _model_metric(self, name: str, node: ast.Call, args: list[Value], keywords: Keywords) -> Value:
        model = args[0] if args else keywords.get("estimator")
        if isinstance(model, Estimator) and (len(args) > 1 or "X" in keywords):
            self.evaluated(model, node, self.as_data(args[1] if len(args) > 1 else keywords["X"]), scored=True)
        return OPAQUE

    # ── rows and numbers ─────────────────────────────────────────────────────

    def _concatenate(self, name: str, node: ast.Call, args: list[Value], keywords: Keywords) -> Value:
        if name == "numpy.append" or name.endswith(".chain"):
            found = [one for value in args[:2] for one in self.datas(value)]
        else:
            found = self.datas(args[0] if args else keywords.get("objs"))
        axis = keywords.get("axis", args[1] if len(args) > 1 and name != "numpy.append" else None)
        if not found:
            return OPAQUE if not args else self.as_data(args[0])
        if len(found) == 1 or self.is_literal(axis, 1, "columns", -1):
            return self.combined(found, columns=UNSURE)
        return self.united(found, node)

    def _array_statistic(self, last: str, node: ast.Call, args: list[Value], keywords: Keywords) -> Value:
        found = self.datas(args[0] if args else keywords.get("a"))
        if not found:
            return OPAQUE
        if self.is_by_row(keywords, args[1:]):
            return found[0].derive(sources=NO_NAMES, column=None)
        return self.statistic(self.combined(found), f"np.{last}()", node, strong=last in self.known.strong)

    def _estimate_and_transform(self, name: str, node: ast.Call, args: list[Value], keywords: Keywords) -> Value:
        data = self.as_data(args[0] if args else keywords.get("X", keywords.get("x")))
        made = data.derive(sources=NO_NAMES)
        if self.is_literal(keywords.get("axis"), 1):
            return made
        merge(made.taints, self.statistic(data, f"{name.rpartition('.')[2]}()", node, strong=True).taints)
        return Sequence([made, OPAQUE]) if name.endswith(("boxcox", "yeojohnson")) else made

    def _cut(self, name: str, node: ast.Call, args: list[Value], keywords: Keywords) -> Value:
        """A number of bins is laid between the extremes; given edges are not."""
        bins = keywords.get("bins", args[1] if len(args) > 1 else None)
        data = self.as_data(args[0] if args else keywords.get("x"))
        made = data.derive(columns=UNSURE)
        for one in self.datas(bins):
            self.absorb(made, one)
        if isinstance(bins, Literal) and isinstance(bins.value, int):
            merge(made.taints, self.statistic(data, "cut()", node, strong=True).taints)
        return made

    def _get_dummies(self, name: str, node: ast.Call, args: list[Value], keywords: Keywords) -> Value:
        data = self.as_data(args[0] if args else keywords.get("data"))
        made = data.derive(columns=UNSURE, column=None)
        fit = self.fit_event(Fit(self.place(node), "dummies", "get_dummies", data.derive()))
        made.taints[fit] = None
        return made

    def _shuffle(self, name: str, node: ast.Call, args: list[Value], keywords: Keywords) -> Value:
        found = [self.as_data(value) for value in args]
        shuffled: list[Value] = [one.derive() for one in found]
        return shuffled[0] if len(shuffled) == 1 else Sequence(shuffled)

    def _resample(self, name: str, node: ast.Call, args: list[Value], keywords: Keywords) -> Value:
        found = [self.as_data(value) for value in args]
        if self.is_literal(keywords.get("replace", args[1] if len(args) > 1 else None), False):
            return self._shuffle(name, node, args, keywords)
        made: list[Value] = []
        for one in found:
            if not made:
                made.append(self.resampled(one, "resample()", node))
                continue
            first = made[0]
            assert isinstance(first, Data)
            made.append(one.derive(rows=first.rows, dups=one.dups | first.dups))
        return made[0] if len(made) == 1 else Sequence(made)

    # ── builtins that hand their arguments on ────────────────────────────────

    def _zipped(self, name: str, node: ast.Call, args: list[Value], keywords: Keywords) -> Value:
        if args and all(isinstance(one, Sequence) for one in args):
            columns = [one.items for one in args if isinstance(one, Sequence)]
            return Sequence([Sequence(list(row)) for row in zip(*columns, strict=False)])
        return Sequence([Sequence([self._element(one) for one in args])])

    def _enumerate(self, name: str, node: ast.Call, args: list[Value], keywords: Keywords) -> Value:
        given = args[0] if args else None
        if isinstance(given, Sequence):
            return Sequence([Sequence([OPAQUE, item]) for item in given.items])
        return Sequence([Sequence([OPAQUE, self._element(given)])])

    def _element(self, value: Value | None) -> Value:
        """What going through a value gives, one at a time."""
        if isinstance(value, Folds):
            return self.indices(value.split)
        if isinstance(value, Sequence):
            return value.items[0] if value.items else OPAQUE
        if isinstance(value, Data) and value.grouped:
            return Sequence([OPAQUE, value.derive(grouped=False)])
        if isinstance(value, Data):
            return value.derive(dims=0, sources=NO_NAMES, column=None, columns=UNSURE)
        return OPAQUE

    def _listed(self, name: str, node: ast.Call, args: list[Value], keywords: Keywords) -> Value:
        given = args[0] if args else None
        if given is None:
            return Sequence([])
        if isinstance(given, Sequence):
            return Sequence(list(given.items))
        return given if isinstance(given, Data | Folds) else OPAQUE

    def _first(self, name: str, node: ast.Call, args: list[Value], keywords: Keywords) -> Value:
        return self._element(args[0] if args else None)

    def _mapping(self, name: str, node: ast.Call, args: list[Value], keywords: Keywords) -> Value:
        items: dict[object, Value] = {}
        items.update(keywords)
        first = args[0] if args else None
        if isinstance(first, Mapping):
            items = dict(first.items) | items
        return Mapping(items, whole="**" not in keywords and (not args or isinstance(first, Mapping)))

    def _mapped(self, name: str, node: ast.Call, args: list[Value], keywords: Keywords) -> Value:
        how = args[0] if args else None
        if isinstance(how, Function) and len(args) > 1:
            given = self.call_function(how, [self._element(one) for one in args[1:]], {})
            return self.combine([*args[1:], given], columns=UNSURE)
        return self.combine(args[1:], columns=UNSURE)

    def _no_rows(self, name: str, node: ast.Call, args: list[Value], keywords: Keywords) -> Value:
        return OPAQUE

    def _dump(self, name: str, node: ast.Call, args: list[Value], keywords: Keywords) -> Value:
        self.dumped(node, args)
        return OPAQUE

    def dumped(self, node: ast.AST, values: list[Value]) -> None:
        """Objects go to a file."""
        found = tuple(part for value in values for part in self.parts_of(value))
        if found:
            self.story.dumps.append(Dump(self.place(node), found))

    # ── what the random part brings ──────────────────────────────────────────

    def draw(self, name: str, node: ast.Call, args: list[Value], keywords: Keywords) -> Value | None:
        """What a random function gives; None where the call is nothing of the kind, or its value follows elsewhere."""
        raise NotImplementedError

    def constructed(self, made: Estimator, node: ast.Call, args: list[Value]) -> None:
        """An object was made."""
        raise NotImplementedError

    def named_split(self, node: ast.AST, data: Data) -> Split:
        """A split by an unknown function whose results are named train and test."""
        return self.new_split(node, "holdout", "split", [data])


_Handler = Callable[[Library, str, ast.Call, list[Value], Keywords], Value]
_BY_NAME: dict[str, _Handler] = {
    "xgboost.cv": Library._booster_cross_validation,
    "lightgbm.cv": Library._booster_cross_validation,
    "numpy.split": Library._array_split,
    "numpy.array_split": Library._array_split,
    "pandas.cut": Library._cut,
    "pandas.get_dummies": Library._get_dummies,
    "sklearn.utils.shuffle": Library._shuffle,
    "sklearn.utils.resample": Library._resample,
    "sklearn.base.clone": Library._clone,
    "copy.deepcopy": Library._clone,
    "copy.copy": Library._clone,
    "sklearn.pipeline.make_pipeline": Library._pipeline,
    "sklearn.pipeline.make_union": Library._pipeline,
    "sklearn.compose.make_column_transformer": Library._pipeline,
    "imblearn.pipeline.make_pipeline": Library._pipeline,
    "builtins.zip": Library._zipped,
    "builtins.enumerate": Library._enumerate,
    "tqdm.tqdm": Library._listed,
    "tqdm.notebook.tqdm": Library._listed,
    "tqdm.tqdm_notebook": Library._listed,
    "tqdm.auto.tqdm": Library._listed,
    "builtins.list": Library._listed,
    "builtins.tuple": Library._listed,
    "builtins.sorted": Library._listed,
    "builtins.reversed": Library._listed,
    "builtins.iter": Library._listed,
    "builtins.next": Library._first,
    "builtins.dict": Library._mapping,
    "builtins.map": Library._mapped,
    "builtins.print": Library._no_rows,
    "builtins.len": Library._no_rows,
    "builtins.type": Library._no_rows,
    "builtins.range": Library._no_rows,
    "builtins.str": Library._no_rows,
    "builtins.isinstance": Library._no_rows,
    "builtins.max": Library._no_rows,
    "builtins.min": Library._no_rows,
    "builtins.sum": Library._no_rows,
    "builtins.set": Library._no_rows,
    "numpy.unique": Library._no_rows,
    "numpy.bincount": Library._no_rows,
    "joblib.dump": Library._dump,
    "pickle.dump": Library._dump,
    "pickle.dumps": Library._dump,
    "dill.dump": Library._dump,
    "cloudpickle.dump": Library._dump,
    "sklearn.externals.joblib.dump": Library._dump,
    "keras.models.save_model": Library._dump,
    "tensorflow.keras.models.save_model": Library._dump,
    "mlflow.sklearn.log_model": Library._dump,
}


@lru_cache(maxsize=4096)
def role_of(name: str) -> str:
    """What a variable's or file's name says about the rows: train, test, or nothing."""
    found = set(words(name))
    if found & {"test", "tests", "testing", "holdout", "tst"} and not found & {"train", "and", "traintest", "split"}:
        return TEST
    return (
        TRAIN
        if found & {"train", "training", "trn", "tr"} and not found & {"test", "model", "acc", "score", "loss"}
        else ""
    )


def words(name: str) -> list[str]:
    """The words of a name in snake case or camel case, without numbers."""
    text = "".join(
        f"_{letter}" if letter.isupper() and at and name[at - 1].islower() else letter for at, letter in enumerate(name)
    )
    stem = text.lower().replace(".", "_").replace("-", "_").replace(" ", "_")
    return [word.rstrip("0123456789") for word in stem.split("_")] + ([_glued(stem)] if _glued(stem) else [])


def _glued(stem: str) -> str:
    """`xtrain`, `ytest`, `traindf`: the word in it."""
    for word in ("train", "test"):
        if stem in (
            f"x{word}",
            f"y{word}",
            f"{word}x",
            f"{word}y",
            f"{word}df",
            f"df{word}",
            f"{word}set",
            f"{word}data",
        ):
            return word
    return ""
