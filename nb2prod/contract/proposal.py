"""A first contract, from what a pipeline's facts tell. A proposal: people read it before anything rests on it.

A model is an artifact whose *type* is a fitted estimator's; of several, the last that the pipeline makes, or that the
function of the cell tagged `predict` loads. Hold-out and
training data are artifacts of type frame that the notebook's author named so (`X_test`, `test`, `df_train`, …),
together with a series of the same ending, first of all the `y` beside the `X`; that the hold-out really was held out is
checked when a version is released.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from nb2prod.contract.model import Contract, Gate, Holdout, Input, Model, Output, Training

_LIBRARIES = ("sklearn.", "xgboost.", "lightgbm.", "catboost.", "statsmodels.", "imblearn.")
_NOT_MODELS = re.compile(r"\.(preprocessing|impute|feature_extraction|decomposition|compose|metrics)\.")
_CLASSIFIERS = re.compile(r"(Classifier\w*|LogisticRegression\w*|\w*SVC|\w*NB|\w*DiscriminantAnalysis|Logit)\Z")
_REGRESSORS = re.compile(r"(Regressor\w*|\w*Regression|Lasso\w*|Ridge\w*|ElasticNet\w*|\w*SVR|OLS\w*)\Z")
_TEST = re.compile(r"(?:\A|_)(test|holdout|hold_out|valid|validation|eval)(?:_|\Z)")
_TRAIN = re.compile(r"(?:\A|_)(train|training)(?:_|\Z)")


@dataclass(frozen=True, slots=True)
class Artifact:
    """A stage's output that holds one variable, in the pipeline's order. `type`: as `conversion.json` names it."""

    path: str
    variable: str
    type: str

    @property
    def is_frame(self) -> bool:
        """Rows and columns."""
        return self.type.endswith("DataFrame") or self.type == "numpy.ndarray"

    @property
    def is_model(self) -> bool:
        """A fitted estimator."""
        return self.type.startswith(_LIBRARIES) and not _NOT_MODELS.search(self.type)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a pipeline without opening its artifacts. `function`: of the cell tagged `predict`, if any;
    `needs`: the artifacts' paths that it loads. `shared`: variables that lie in one file with others.
    """

    name: str
    artifacts: tuple[Artifact, ...] = ()
    function: str | None = None
    needs: tuple[str, ...] = ()
    shared: tuple[Artifact, ...] = ()

    @property
    def model(self) -> Artifact | None:
        """The fitted estimator that predicts. One that lies in a file with others only a function can load."""
        loaded = [one for one in (*self.artifacts, *self.shared) if one.path in self.needs and one.is_model]
        return next(reversed(loaded or [one for one in self.artifacts if one.is_model]), None)


def propose(facts: Facts) -> Contract:
    """What can be told; everything else stays an open question."""
    model = facts.model
    kind = _kind(model.type) if model else None
    test, test_target = _pair(facts.artifacts, _TEST)
    train, train_target = _pair(facts.artifacts, _TRAIN)
    score = kind == "classification" or (kind is None and model is not None)
    metric: tuple[str | None, Literal["higher", "lower"] | None] = (None, None)
    if kind is not None:
        metric = ("roc_auc", "higher") if score else ("rmse", "lower")
    return Contract(
        name=facts.name,
        model=Model(model.path if model else None, facts.function, kind),
        input=Input(),
        output=Output("score" if score else "value" if kind == "regression" else None, None, 0.5 if score else None),
        holdout=Holdout(test, test_target),
        training=Training(train, train_target),
        gate=Gate(*metric),
    )


def _kind(type_name: str) -> Literal["classification", "regression"] | None:
    last = type_name.rpartition(".")[2]
    if _CLASSIFIERS.search(last):
        return "classification"
    return "regression" if _REGRESSORS.search(last) else None


def _pair(artifacts: tuple[Artifact, ...], ending: re.Pattern[str]) -> tuple[str | None, str | None]:
    """The frame and the series of the same ending; (frame, None) where the target is a column of the frame."""
    named = [one for one in artifacts if ending.search(one.variable.lower())]
    frames = [one for one in named if one.is_frame]
    targets = [one for one in named if one.type.endswith("Series")]
    targets += [one for one in frames if one.variable.lower().startswith("y_")]
    frame = next((one for one in frames if one not in targets), None)
    if frame is None or not targets:
        return (frame.path if frame else None), None
    twin = re.sub(r"\Ax(?=_|\Z)", "y", frame.variable.lower())
    ranked = sorted(targets, key=lambda one: (one.variable.lower() != twin, not one.variable.lower().startswith("y")))
    return frame.path, ranked[0].path
