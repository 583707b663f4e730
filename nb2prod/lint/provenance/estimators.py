"""Objects with `fit`: transformers, models, pipelines, samplers, splitters, and what their methods do."""

from __future__ import annotations

import ast

from nb2prod.lint.provenance.core import Keywords, inside, merge
from nb2prod.lint.provenance.events import CrossValidation, Evaluation, Fit, Split
from nb2prod.lint.provenance.frames import Frames
from nb2prod.lint.provenance.rows import TEST, TRAIN, Rows
from nb2prod.lint.provenance.values import (
    NO_NAMES,
    OPAQUE,
    UNSURE,
    Data,
    Estimator,
    Folds,
    Indices,
    Sequence,
    Value,
)
from nb2prod.notebook.trees import walk

_LEARNS = frozenset({"estimating", "plain", "clustering"})
_FITS = frozenset(
    {"fit", "partial_fit", "fit_on_texts", "fit_on_sequences", "adapt", "fit_generator", "train", "fine_tune"}
)
_TRANSFORMS = frozenset({
    *("transform", "texts_to_sequences", "texts_to_matrix", "sequences_to_matrix", "inverse_transform"),
})  # fmt: skip
_PREDICTS = frozenset({"predict", "predict_proba", "predict_classes", "decision_function", "predict_log_proba"})
_SCORES = frozenset({"score", "evaluate", "evaluate_generator"})
_SELF = frozenset({
    *("best_estimator_", "named_steps", "steps", "named_transformers_", "estimators_", "regressor_", "best_model"),
})  # fmt: skip
_LEARNED = frozenset({"feature_importances_", "coef_", "scores_", "pvalues_", "ranking_", "support_"})


class Estimators(Frames):
    """Calls on estimators."""

    def estimator_attribute(self, model: Estimator, name: str) -> Value:
        """What a fitted object knows."""
        if name in _SELF:
            return model
        fit = model.fitted
        if fit is None:
            return OPAQUE
        if name == "labels_":
            return Data(fit.rows, {fit: None}, dims=1)
        if name in _LEARNED:
            return self._learned(model, fit)
        return OPAQUE

    def _learned(self, model: Estimator, fit: Fit) -> Data:
        """What is chosen by a model's weights was chosen on the rows that the model saw."""
        if fit.kind == "model":
            fit = Fit(fit.place, "importance", f"{model.short}.fit", fit.data, model, order=fit.order)
        return Data(self.new_rows(aggregate=True), {fit: None}, dims=1)

    def estimator_method(
        self, model: Estimator, name: str, node: ast.Call, args: list[Value], keywords: Keywords
    ) -> Value:
        """What a call of a method gives."""
        handler = _METHODS.get(name)
        if handler is not None:
            return handler(self, model, node, args, keywords)
        if model.kind in ("folds", "shuffle") and name == "split":
            return self._folds(model, node, args, keywords)
        if name in _FITS:
            return self._fit(model, node, args, keywords)
        if name in _TRANSFORMS:
            return self.transformed(model, self._input(args, keywords))
        if name in _PREDICTS:
            return self._predict(model, node, args, keywords)
        if name in _SCORES:
            return self._score(model, node, args, keywords)
        return self.combine([*args, *keywords.values()], columns=UNSURE)

    # ── fitting ──────────────────────────────────────────────────────────────

    def _input(self, args: list[Value], keywords: Keywords) -> Data:
        named = next(
            (
                keywords[name]
                for name in ("X", "x", "X_train", "data", "training_frame", "generator")
                if name in keywords
            ),
            None,
        )
        return self.as_data(args[0] if args else named)

    def _target(self, args: list[Value], keywords: Keywords) -> Data | None:
        given = keywords.get("y", args[1] if len(args) > 1 else None)
        found = self.datas(given)
        return found[0] if found else None

    def _fit(self, model: Estimator, node: ast.Call, args: list[Value], keywords: Keywords) -> Value:
        if args or keywords:
            self.fit_on(model, node, self._input(args, keywords), self._target(args, keywords))
            self._watch(model, node, keywords)
        return model

    def fit_on(self, model: Estimator, node: ast.AST, data: Data, target: Data | None) -> Fit | None:
        """The object learns from rows."""
        self.use_randomness(model, node)
        if model.kind in ("stateless", "folds", "shuffle") or self._is_given(model):
            return None
        kind = model.kind if model.kind in _LEARNS else "model"
        kind = self._composite_kind(model) if model.kind == "composite" else kind
        if kind == "":
            return None
        what = f"{model.short}.fit"
        seen = data.derive(name=data.name, table=data.table.snapshot() if data.table is not None else None)
        fit = Fit(self.place(node), kind, what, seen, model, target, column=data.column)
        model.fits.append(self.fit_event(fit))
        if model.kind == "search":
            self.cross_validate(model.short, node, data, model)
        return fit

    def _is_given(self, model: Estimator) -> bool:
        """Whether an encoder was told its categories, so that it learns nothing."""
        given = [model.parameters.get(name) for name in ("categories", "n_values")]
        return model.kind == "plain" and any(one is not None and not self.is_literal(one, "auto") for one in given)

    def _composite_kind(self, model: Estimator) -> str:
        """What a pipeline or column transformer is, by its parts."""
        last = model.parts[-1] if model.parts else None
        if model.short in self.known.pipelines and last is not None and self.is_model(last):
            return "model"
        kinds = {self._kind_of_part(part) for part in model.parts}
        if "estimating" in kinds:
            return "estimating"
        return "model" if not model.parts and model.short in self.known.pipelines else "plain"

    def _kind_of_part(self, part: Estimator) -> str:
        return self._composite_kind(part) if part.kind == "composite" else part.kind

    def is_model(self, model: Estimator) -> bool:
        """Whether it predicts."""
        if model.kind == "composite":
            return self._composite_kind(model) == "model"
        return model.kind in ("model", "object", "search", "layer")

    def _watch(self, model: Estimator, node: ast.Call, keywords: Keywords) -> None:
        """Rows that are scored while it is fitted; they choose its state where something stops by them."""
        stops = self._stops(model, keywords)
        for name in ("validation_data", "eval_set", "valid_sets", "evals"):
            given = keywords.get(name)
            for data in self._watched_rows(given):
                self.evaluated(model, node, data, scored=True, watched=True, stops=stops)

    def _watched_rows(self, given: Value | None) -> list[Data]:
        """`(X, y)`, or a list of such pairs: the rows of each."""
        if isinstance(given, Sequence) and given.items and all(isinstance(one, Sequence) for one in given.items):
            return [one for pair in given.items for one in self.datas(pair)[:1]]
        return self.datas(given)[:1]

    def _stops(self, model: Estimator, keywords: Keywords) -> bool:
        told = model.parameters | keywords
        if "early_stopping_rounds" in told:
            return not self.is_literal(told["early_stopping_rounds"], None)
        given = told.get("callbacks")
        items = given.items if isinstance(given, Sequence) else [given]
        return any(isinstance(one, Estimator) and one.short in self.known.stopping for one in items)

    def fit_transformed(self, model: Estimator, node: ast.Call, args: list[Value], keywords: Keywords) -> Value:
        """`fit_transform(X)`."""
        data = self._input(args, keywords)
        fit = self.fit_on(model, node, data, self._target(args, keywords))
        if fit is not None and fit.kind == "model":
            fit.kind = "estimating" if model.kind == "model" and model.short not in self.known.ensembles else "plain"
        return self.transformed(model, data)

    def transformed(self, model: Estimator, data: Data) -> Data:
        """Rows as they are after `transform`."""
        made = data.derive(columns=UNSURE, sources=NO_NAMES, column=None, table=None, dims=None)
        fit = model.fitted
        if fit is not None:
            if fit.kind == "model" and model.kind == "object":
                fit.kind = "plain"
            made.taints[fit] = None
            merge(made.taints, dict.fromkeys(fit.data.taints))
        return made

    def _fit_predict(self, model: Estimator, node: ast.Call, args: list[Value], keywords: Keywords) -> Value:
        data = self._input(args, keywords)
        fit = self.fit_on(model, node, data, self._target(args, keywords))
        return Data(data.rows, {fit: None} if fit is not None else {}, dims=1)

    # ── predicting and scoring ───────────────────────────────────────────────

    def evaluated(
        self,
        model: Estimator,
        node: ast.AST,
        data: Data,
        *,
        scored: bool,
        watched: bool = False,
        stops: bool = False,
        fit: Fit | None = None,
    ) -> Evaluation | None:
        """The model meets rows."""
        fit = fit or model.fitted
        if fit is None:
            return None
        place, order = self.called_at(node), self.story.tick()
        event = Evaluation(place, model, fit, data.derive(name=data.name), scored, self.loops, stops, watched, order)
        self.story.evaluations.append(event)
        return event

    def _predict(self, model: Estimator, node: ast.Call, args: list[Value], keywords: Keywords) -> Value:
        data = self._input(args, keywords)
        event = self.evaluated(model, node, data, scored=False)
        if model.kind == "clustering" and model.fitted is not None:
            return Data(data.rows, {model.fitted: None}, dims=1)
        return Data(data.rows, dims=1, predicted=(event,) if event is not None else ())

    def _score(self, model: Estimator, node: ast.Call, args: list[Value], keywords: Keywords) -> Value:
        if model.kind in _LEARNS or not (args or keywords):
            return OPAQUE
        self.evaluated(model, node, self._input(args, keywords), scored=True)
        return OPAQUE

    def scored(self, predictions: tuple[Evaluation, ...], node: ast.AST) -> None:
        """The predictions are compared with the truth."""
        for one in predictions:
            self.evaluated(one.model, node, one.data, scored=True, fit=one.fit)

    def cross_validate(self, what: str, node: ast.AST, data: Data, model: Estimator | None) -> None:
        """The rows are cut into folds."""
        if model is not None:
            self.use_randomness(model, node)
        event = CrossValidation(self.place(node), what, data.derive(), model, self.story.tick())
        self.story.cross_validations.append(event)

    # ── samplers and splitters ───────────────────────────────────────────────

    def _fit_resample(self, model: Estimator, node: ast.Call, args: list[Value], keywords: Keywords) -> Value:
        self.use_randomness(model, node)
        data = self._input(args, keywords)
        target = self._target(args, keywords) or self.fresh()
        if model.short in self.known.oversamplers or model.kind in ("object", "composite"):
            made = self.resampled(data, f"{model.short}.{getattr(node.func, 'attr', 'fit_resample')}", node)
            event = self.story.resamples[-1]
            truth = target.derive(rows=made.rows, dups=target.dups | {event})
            return Sequence([made, truth])
        rows = data.rows.part(("under", id(node)), loops=self.loops)
        return Sequence([data.derive(rows=rows), target.derive(rows=rows)])

    def _folds(self, model: Estimator, node: ast.Call, args: list[Value], keywords: Keywords) -> Folds:
        self.use_randomness(model, node)
        kind = "folds" if model.kind == "folds" else "holdout"
        data = self._input(args, keywords)
        return Folds(self.new_split(node, kind, model.short, [data]))

    def new_split(self, node: ast.AST, kind: str, name: str, found: list[Data]) -> Split:
        """A split of these."""
        split = Split(self.place(node), kind, name, [one.rows for one in found])
        self.story.splits.append(split)
        return split

    def halves(self, split: Split, data: Data) -> tuple[Data, Data]:
        """The train and the test part of some rows."""
        train = data.rows.part((split, TRAIN), split=split, role=TRAIN, loops=self.loops)
        test = data.rows.part((split, TEST), split=split, role=TEST, loops=self.loops)
        if test not in split.tests:
            split.tests.append(test)
        return data.derive(rows=train), data.derive(rows=test)

    def indices(self, split: Split) -> Sequence:
        """The positions that one fold gives."""
        return Sequence([Indices(split, TRAIN), Indices(split, TEST)])

    def by_name(self, data: Data, role: str, split: Split) -> Data:
        """The part that a name says it is."""
        rows: Rows = data.rows.part((split, role), split=split, role=role, loops=self.loops)
        return data.derive(rows=rows, columns=UNSURE, column=None)

    # ── the rest ─────────────────────────────────────────────────────────────

    def _set_params(self, model: Estimator, node: ast.Call, args: list[Value], keywords: Keywords) -> Value:
        model.parameters.update(keywords)
        model.version += 1
        model.varies = model.varies or self.mentions_loop(node)
        return model

    def _compile(self, model: Estimator, node: ast.Call, args: list[Value], keywords: Keywords) -> Value:
        return OPAQUE

    def _add(self, model: Estimator, node: ast.Call, args: list[Value], keywords: Keywords) -> Value:
        if model.kind == "layer":
            model.parts += [one for one in args if isinstance(one, Estimator)]
        return OPAQUE

    def mentions_loop(self, node: ast.AST) -> bool:
        """Whether the expression names what changes from one round of a loop to the next."""
        names = {one.id for one in walk(node) if isinstance(one, ast.Name)}
        return any(names & targets for targets in self.loop_names)

    def use_randomness(self, model: Estimator, node: ast.AST) -> None:
        """The object may draw random numbers now."""
        raise NotImplementedError

    def parts_of(self, value: Value | None) -> list[Estimator]:
        """The estimators that an argument holds."""
        return [one for one in inside(value) if isinstance(one, Estimator)]


_METHODS = {
    "fit_transform": Estimators.fit_transformed,
    "fit_predict": Estimators._fit_predict,
    "fit_resample": Estimators._fit_resample,
    "fit_sample": Estimators._fit_resample,
    "set_params": Estimators._set_params,
    "compile": Estimators._compile,
    "add": Estimators._add,
}
