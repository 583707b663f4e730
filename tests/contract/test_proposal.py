"""A pipeline's artifacts → the contract that is proposed."""

from __future__ import annotations

import pytest

from nb2prod.contract.proposal import Artifact, Facts, propose

_FRAME, _SERIES = "pandas.DataFrame", "pandas.Series"


def _artifacts(*named: tuple[str, str]) -> tuple[Artifact, ...]:
    return tuple(Artifact(f"artifacts/{name}", name, kind) for name, kind in named)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("sklearn.linear_model._logistic.LogisticRegression", ("classification", "score", "roc_auc")),
        ("sklearn.ensemble._forest.RandomForestRegressor", ("regression", "value", "rmse")),
        ("sklearn.linear_model._base.LinearRegression", ("regression", "value", "rmse")),
        ("sklearn.pipeline.Pipeline", (None, "score", None)),
    ],
)
def test_the_model_by_its_type(kind: str, expected: tuple[str | None, ...]) -> None:
    scaler = ("scaler", "sklearn.preprocessing._data.StandardScaler")
    found = propose(Facts("churn", _artifacts(("clf", kind), scaler)))
    assert found.model.artifact == "artifacts/clf"
    assert (found.model.kind, found.output.form, found.gate.metric) == expected


def test_a_name_is_no_model() -> None:
    assert propose(Facts("churn", _artifacts(("model", "dict")))).model.artifact is None


@pytest.mark.parametrize(
    ("artifacts", "holdout", "training"),
    [
        (
            [("X_train", _FRAME), ("X_test", _FRAME), ("y_train", _SERIES), ("y_test", _SERIES)],
            ("X_test", "y_test"),
            ("X_train", "y_train"),
        ),
        ([("test", _FRAME), ("train", _FRAME)], ("test", None), ("train", None)),
        (
            [("X_test", _FRAME), ("profile_test", _SERIES), ("y_test", _SERIES), ("train", _FRAME)],
            ("X_test", "y_test"),
            ("train", None),
        ),
        ([("latest", _FRAME), ("X", _FRAME)], (None, None), (None, None)),
        ([("test", "dict"), ("train", "list")], (None, None), (None, None)),
    ],
)
def test_data_by_type_and_name(
    artifacts: list[tuple[str, str]], holdout: tuple[str | None, ...], training: tuple[str | None, ...]
) -> None:
    found = propose(Facts("churn", _artifacts(*artifacts)))
    assert (found.holdout.data, found.holdout.target) == tuple(one and f"artifacts/{one}" for one in holdout)
    assert (found.training.data, found.training.target) == tuple(one and f"artifacts/{one}" for one in training)


def test_an_estimator_in_a_shared_file_is_the_model_only_where_a_function_loads_it() -> None:
    shared = (
        Artifact("artifacts/both.pkl", "candidates", "dict"),
        Artifact("artifacts/both.pkl", "chosen", "sklearn.pipeline.Pipeline"),
    )
    loaded = propose(Facts("churn", function="churn.predict:predict", needs=("artifacts/both.pkl",), shared=shared))
    assert loaded.model.artifact == "artifacts/both.pkl"
    assert propose(Facts("churn", shared=shared)).model.artifact is None
