"""The skew check: held-out rows through the prediction path, and what the model was given and gave back.

The rows are written to a file, read as any file is, checked, and answered in chunks. Meanwhile the estimators' own
methods are listened to: which features did they get, which numbers did they return? Beside it stand training's own
features of the same rows, and the answers to them. All of it is compared exactly; only answers of small chunks may
differ from those of one large one by rounding, because libraries add numbers up in another order.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from nb2prod_worker import answering, model
from nb2prod_worker.checking import Checker
from nb2prod_worker.reading import Source
from nb2prod_worker.stored import read_artifact

_METHODS = ("predict_proba", "predict", "decision_function")
_EXAMPLES = 5


def replay(job: dict[str, Any]) -> dict[str, Any]:
    """What was compared, and the differences: `where` (features, model, answers, chunks), column, rows, examples."""
    loaded = model.load(job)
    inputs, features = _held_out(job)
    answers = answering.Answers(loaded, job["output"], job["kind"])
    heard = _Heard(_estimators(loaded))
    differences: list[dict[str, Any]] = []
    direct = _answered(answers, _rows_alone(inputs, job), heard)
    given = heard.take()
    # Without a schema a CSV file does not say of which types its columns are.
    for kind in ("parquet", "csv") if job["columns"] else ("parquet",):
        whole = _through_file(answers, inputs, job, kind, heard, 1 << 30)
        differences += _compare_frames("features", given.frame, heard.take().frame, f"read from {kind}")
        differences += _compare("answers", direct, whole, exactly=True)
    differences += _against_training(given, features, heard)
    pieces = _through_file(answers, inputs, job, "parquet", heard, 1 << 12)
    differences += _compare("chunks", direct, pieces, exactly=False)
    return {
        "rows": len(inputs),
        "features": [] if given.frame is None else [str(one) for one in given.frame.columns],
        "compared_features": given.frame is not None and features is not None,
        "differences": differences,
    }


class _Call:
    """What an estimator was last given, and what it returned. `dimensions`: of an array; 1: a series, 0: a frame."""

    def __init__(self, method: str = "", frame: Any = None, result: Any = None, dimensions: int = 0) -> None:
        self.method = method
        self.frame: pd.DataFrame | None = frame
        self.result = result
        self.dimensions = dimensions

    def again(self, features: pd.DataFrame) -> Any:
        """Other rows, in the shape in which the estimator was given these."""
        if self.dimensions == 1:
            return features.iloc[:, 0]
        return features.to_numpy() if self.dimensions else features


class _Heard:
    """Listens to estimators' outermost calls."""

    def __init__(self, estimators: list[Any]) -> None:
        self._calls: list[_Call] = []
        self._depth = 0
        self.estimators = estimators
        for one in estimators:
            for name in _METHODS:
                if hasattr(one, name):
                    self._listen(one, name)

    def take(self) -> _Call:
        """All calls since the last time, as one."""
        calls, self._calls = self._calls, []
        if not calls or any(one.frame is None for one in calls):
            return _Call()
        frame = pd.concat([one.frame for one in calls], ignore_index=True)
        result = np.concatenate([np.asarray(one.result) for one in calls])
        return _Call(calls[0].method, frame, result, max(one.dimensions for one in calls))

    def _listen(self, one: Any, name: str) -> None:
        method = getattr(one, name)

        def heard(*args: Any, **kwargs: Any) -> Any:
            self._depth += 1
            try:
                result = method(*args, **kwargs)
            finally:
                self._depth -= 1
            if not self._depth:
                given = args[0] if args else kwargs["X"]
                self._calls.append(_Call(name, _as_frame(given), result, _dimensions(given)))
            return result

        # An attribute of the object itself, which goes before its class's method.
        object.__setattr__(one, name, heard)


def _as_frame(given: Any) -> pd.DataFrame | None:
    if isinstance(given, pd.DataFrame):
        return given.reset_index(drop=True)
    if isinstance(given, pd.Series):
        return given.reset_index(drop=True).to_frame(0 if given.name is None else given.name)
    array = np.asarray(given)
    return pd.DataFrame(array) if array.ndim in (1, 2) else None


def _dimensions(given: Any) -> int:
    return 0 if isinstance(given, pd.DataFrame) else np.ndim(given)


def _estimators(loaded: Any) -> list[Any]:
    """The estimator, or those that the function's module holds."""
    if hasattr(loaded, "predict"):
        return [loaded]
    held = vars(sys.modules[loaded.__module__]).values()
    return [one for one in held if hasattr(one, "predict") and hasattr(one, "fit") and not isinstance(one, type)]


def _held_out(job: dict[str, Any]) -> tuple[pd.DataFrame, pd.DataFrame | None]:
    """(rows as they come in, training's own features of them). Where the contract names none, both are the same."""
    frame = pd.DataFrame(read_artifact(Path(job["path"]), job["model"]))
    inputs = frame.drop(columns=[one for one in job["drop"] if one in frame.columns])
    features: Any = inputs[job["features"]] if job["features"] else inputs
    if job["features_path"]:
        stored = read_artifact(Path(job["features_path"]), job["model"])
        features = inputs[list(stored)] if isinstance(stored, list) else pd.DataFrame(stored)
    return inputs.reset_index(drop=True), features.reset_index(drop=True)


def _rows_alone(inputs: pd.DataFrame, job: dict[str, Any]) -> pd.DataFrame:
    wanted = job["features"] or list(job["columns"]) or list(inputs.columns)
    return inputs[[one for one in wanted if one in inputs.columns]]


def _answered(answers: answering.Answers, frame: pd.DataFrame, heard: _Heard) -> dict[str, Any]:
    heard.take()
    return answers.of(frame)


def _through_file(
    answers: answering.Answers, inputs: pd.DataFrame, job: dict[str, Any], kind: str, heard: _Heard, size: int
) -> dict[str, Any]:
    heard.take()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"rows.{kind}"
        if kind == "csv":
            inputs.to_csv(path, index=False)
        else:
            inputs.to_parquet(path, index=False)
        found = [answers.of(frame) for frame in _checked(Source(path, kind, size, _texts(job)), job)]
    return {name: np.concatenate([np.asarray(one[name]) for one in found]) for name in found[0]}


def _texts(job: dict[str, Any]) -> tuple[str, ...]:
    return tuple(name for name, one in job["columns"].items() if one["type"] == "text")


def _checked(source: Source, job: dict[str, Any]) -> Iterator[pd.DataFrame]:
    """As `predict` does. Rows that break a rule are part of the check: nothing is left out here."""
    plain = {name: {"type": one["type"], **_kept(one)} for name, one in job["columns"].items()}
    checker = Checker(plain, "stop")
    for chunk in source.chunks():
        yield _rows_alone(checker.check(chunk.frame, chunk.start).frame, job)


def _kept(rules: dict[str, Any]) -> dict[str, Any]:
    """The rules that say of which type a column is."""
    return {name: rules[name] for name in ("categories", "ordered") if name in rules and rules["type"] == "category"}


def _against_training(given: _Call, features: pd.DataFrame | None, heard: _Heard) -> list[dict[str, Any]]:
    if given.frame is None or features is None:
        return []
    if given.dimensions == 2:  # no names, and one type for all columns
        features = pd.DataFrame(features.to_numpy())
    elif given.dimensions == 1 and features.shape[1] == 1:
        features = features.set_axis(list(given.frame.columns), axis=1)
    found = _compare_frames("features", features, given.frame, "in the prediction path")
    usable = next((one for one in heard.estimators if hasattr(one, given.method)), None)
    if found or usable is None:
        return found
    expected = getattr(usable, given.method)(given.again(features))
    heard.take()
    return _compare("model", {given.method: np.asarray(expected)}, {given.method: given.result}, exactly=True)


def _compare_frames(
    where: str, expected: pd.DataFrame | None, found: pd.DataFrame | None, how: str
) -> list[dict[str, Any]]:
    if expected is None or found is None:
        return []
    names, others = [str(one) for one in expected.columns], [str(one) for one in found.columns]
    if names != others:
        same = sorted(names) == sorted(others)
        what = "the columns have another order" if same else _names_differ(names, others)
        return [{"where": where, "column": None, "rows": len(found), "what": f"{what} {how}", "examples": []}]
    pairs = ((name, expected.iloc[:, at], found.iloc[:, at]) for at, name in enumerate(names))
    return [one for name, a, b in pairs for one in _compare_column(where, name, a, b, how)]


def _names_differ(names: list[str], others: list[str]) -> str:
    missing = [one for one in names if one not in others]
    extra = [one for one in others if one not in names]
    parts = [f"without {', '.join(missing[:3])}"] * bool(missing) + [f"with {', '.join(extra[:3])}"] * bool(extra)
    named = "" if extra else " (the columns that the model takes may be named: `input.features`)"
    return f"the columns are others, {' and '.join(parts)}{named},"


def _compare_column(where: str, name: str, expected: pd.Series, found: pd.Series, how: str) -> list[dict[str, Any]]:
    found_differences = []
    if str(expected.dtype) != str(found.dtype):
        what = f"{expected.dtype} in training, {found.dtype} {how}"
        found_differences.append({"where": where, "column": name, "rows": len(found), "what": what, "examples": []})
    unequal = _unequal(expected.to_numpy(), found.to_numpy(), exactly=True)
    return found_differences + _told(where, name, expected, found, unequal, f"other values {how}")


def _compare(where: str, expected: dict[str, Any], found: dict[str, Any], *, exactly: bool) -> list[dict[str, Any]]:
    differences = []
    for name, values in expected.items():
        unequal = _unequal(np.asarray(values), np.asarray(found[name]), exactly=exactly)
        differences += _told(
            where, name, pd.Series(list(values)), pd.Series(list(found[name])), unequal, "other values"
        )
    return differences


def _unequal(expected: Any, found: Any, *, exactly: bool) -> Any:
    if expected.shape != found.shape:
        return np.ones(len(expected), dtype=bool)
    if expected.dtype.kind in "fc" and found.dtype.kind in "fciu":
        if exactly:
            same = (expected == found) | (np.isnan(expected) & np.isnan(found))
        else:
            same = np.isclose(expected, found, rtol=1e-9, atol=1e-12, equal_nan=True)
    else:
        missing = pd.isna(expected) & pd.isna(found)
        same = np.asarray((expected == found) | missing, dtype=bool)
    return ~same.all(axis=tuple(range(1, same.ndim))) if same.ndim > 1 else ~same


def _told(where: str, name: str, expected: Any, found: Any, unequal: Any, what: str) -> list[dict[str, Any]]:
    if not unequal.any():
        return []
    rows = np.flatnonzero(unequal)
    examples = [
        [int(row), str(expected.iloc[row]), str(found.iloc[row]) if row < len(found) else None]
        for row in rows[:_EXAMPLES]
    ]
    return [{"where": where, "column": name, "rows": len(rows), "what": what, "examples": examples}]
