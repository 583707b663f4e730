"""Rows in, typed answers out: the function of the `predict` cell, or an estimator's own method."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from nb2prod_worker.told import ModelFailed, Told

_UNIFORM = "let the function return one number for each row, or a frame with one column of fractional numbers"

_GIVEN = (
    "the estimator was given the columns of the rows; where the notebook gives it something else (one column of texts, "
    "what cells make of the rows), tag a cell `predict` whose function does the same, convert again, and name it as "
    "`model.function` in production.yaml"
)


class Answers:
    """Makes the contract's form of answer. `output`: the contract's section; `kind`: of the model."""

    def __init__(self, model: Any, output: dict[str, Any], kind: str | None) -> None:
        self._form = output.get("form") or ("value" if kind == "regression" else "score")
        self._output = output
        self._positive, self._negative = _labels(model, output)
        self._is_function = not hasattr(model, "predict")
        self._ask = _question(model, self._form, kind, output)

    def of(self, frame: pd.DataFrame) -> dict[str, Any]:
        """Column → values, one for each row. Raises Told for what the model should not have returned."""
        try:
            answer = self._ask(frame)
        except Exception as error:  # whatever the user's function raises
            raise ModelFailed(f"{len(frame)} rows", "" if self._is_function else _GIVEN) from error
        found = _columns(answer, frame)
        if self._form == "value":
            return found
        name = _score(found)
        score = found.pop(name).astype("float64")
        return {"score": score, **self._decided(score), **found}

    def _decided(self, score: Any) -> dict[str, Any]:
        band = self._output.get("review")
        between = (score >= band[0]) & (score <= band[1]) if band else np.zeros(len(score), dtype=bool)
        if self._form != "decision":
            return {"review": between} if band else {}
        threshold = self._output.get("threshold")
        chosen = np.where(score >= (0.5 if threshold is None else threshold), self._positive, self._negative)
        return {"decision": np.where(between, "review", chosen).astype(object)}


def _question(model: Any, form: str, kind: str | None, output: dict[str, Any]) -> Callable[[pd.DataFrame], Any]:
    if not hasattr(model, "predict"):
        return _function(model)
    if form == "value" or kind == "regression" or (kind == "ranking" and not hasattr(model, "predict_proba")):
        return lambda frame: model.predict(_for(model, frame))
    if not hasattr(model, "predict_proba"):
        raise Told(
            f"a {type(model).__name__} gives no probabilities",
            "set `output.form: value` for its labels, or tag a cell `predict` with a function that gives a score",
        )
    place = _place(model, output.get("positive"))
    return lambda frame: model.predict_proba(_for(model, frame))[:, place]


def _function(model: Any) -> Callable[[pd.DataFrame], Any]:
    if not callable(model):
        raise Told(
            f"the artifact holds a {type(model).__name__}, neither a fitted estimator nor a function",
            "name another as `model.artifact`; or tag a cell `predict` whose function answers rows with it, convert "
            "again, and name that as `model.function` in production.yaml",
        )
    return model  # type: ignore[no-any-return]


def _for(model: Any, frame: pd.DataFrame) -> Any:
    """An estimator that was fitted on an array wants an array; one that was fitted on a frame, its columns."""
    names = getattr(model, "feature_names_in_", None)
    if names is None:
        return frame.to_numpy() if _remembers_names(model) else frame
    given = list(frame.columns)
    return frame[list(names)] if given != list(names) and set(names) <= set(given) else frame


def _remembers_names(model: Any) -> bool:
    """Whether what is given the rows first is a library's, which would know the names that it was fitted on.

    A step that a team wrote itself (to clip, to add columns) mostly forgets them, and is given frames in the notebook.
    """
    while hasattr(model, "best_estimator_") or hasattr(model, "steps"):
        model = model.best_estimator_ if hasattr(model, "best_estimator_") else model.steps[0][1]
    file = getattr(sys.modules.get(type(model).__module__), "__file__", None) or ""
    return bool({"site-packages", "dist-packages"} & set(Path(file).parts))


def _place(model: Any, positive: Any) -> int:
    classes = list(model.classes_)
    if positive is None:
        if len(classes) != 2:
            raise Told(
                f"the model knows {len(classes)} classes, and the contract does not say which one a score is about",
                f"answer `output.positive` in production.yaml, one of {', '.join(map(str, classes[:6]))}; or "
                "`output.form: value` for the labels themselves",
            )
        return 1
    found = [at for at, one in enumerate(classes) if one == positive or str(one) == str(positive)]
    if not found:
        known = ", ".join(map(str, classes))
        raise Told(f"`output.positive` is {positive!r}, and the model knows {known}", "name one of these")
    return found[0]


def _labels(model: Any, output: dict[str, Any]) -> tuple[str, str]:
    positive = output.get("positive")
    classes = [str(one) for one in getattr(model, "classes_", ())]
    if positive is None:
        return (classes[1], classes[0]) if len(classes) == 2 else ("1", "0")
    others = [one for one in classes if one != str(positive)]
    plain = {"1": "0", "True": "False", "yes": "no", "true": "false"}
    return str(positive), others[0] if len(others) == 1 else plain.get(str(positive), f"not {positive}")


def _columns(answer: Any, frame: pd.DataFrame) -> dict[str, Any]:
    """What the model returned, as columns in the order of the rows."""
    if isinstance(answer, (pd.DataFrame, pd.Series)):
        answer = _in_order(answer, frame)
    if isinstance(answer, pd.DataFrame):
        return {str(name): answer[name].to_numpy() for name in answer.columns}
    values = answer.to_numpy() if isinstance(answer, pd.Series) else np.asarray(answer)
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.ndim != 1 or len(values) != len(frame):
        shape = " × ".join(map(str, values.shape)) or "a single value"
        raise Told(f"the function returned {shape} for {len(frame)} rows", _UNIFORM)
    return {"value": values}


def _in_order(answer: Any, frame: pd.DataFrame) -> Any:
    if len(answer) != len(frame):
        raise Told(
            f"the function returned {len(answer)} rows for {len(frame)}", "let it answer every row, in any order"
        )
    if answer.index.equals(frame.index):
        return answer
    if answer.index.is_unique and answer.index.isin(frame.index).all():
        return answer.reindex(frame.index)
    raise Told("the function returned rows with another index", "let it keep the index of the frame that it was given")


def _score(found: dict[str, Any]) -> str:
    numbers = [name for name, values in found.items() if values.dtype.kind == "f"]
    if len(found) == 1 and not numbers and next(iter(found.values())).dtype.kind in "iub":
        return next(iter(found))
    if len(numbers) != 1:
        what = f"columns {', '.join(found)}" if found else "nothing"
        raise Told(
            f"the function returned {what}, and one of fractional numbers is the score",
            f"{_UNIFORM}; or set `output.form: value`",
        )
    return numbers[0]
