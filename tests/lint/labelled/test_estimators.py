"""What the tables say of scikit-learn's estimators, against scikit-learn: fitted twice without a seed."""

from __future__ import annotations

import ast
import warnings

import pytest

from nb2prod.lint.provenance.machine import tell

np = pytest.importorskip("numpy")
pytest.importorskip("sklearn")
pytestmark = pytest.mark.slow

_RANDOM = [
    "sklearn.ensemble.RandomForestClassifier(10)", "sklearn.ensemble.ExtraTreesClassifier(10)",
    "sklearn.ensemble.BaggingClassifier()", "sklearn.ensemble.IsolationForest()", "sklearn.ensemble.AdaBoostRegressor()",
    "sklearn.linear_model.LogisticRegression(solver='saga')", "sklearn.linear_model.SGDClassifier()",
    "sklearn.linear_model.LogisticRegression(solver='liblinear', penalty='l1')",
    "sklearn.linear_model.Ridge(solver='sag')",
    "sklearn.svm.LinearSVC(dual=True)", "sklearn.svm.SVC(probability=True)",
    "sklearn.neural_network.MLPClassifier(max_iter=5)", "sklearn.cluster.KMeans(8, n_init=1)",
    "sklearn.cluster.MiniBatchKMeans(8)", "sklearn.mixture.GaussianMixture(3)", "sklearn.decomposition.NMF(3)",
    "sklearn.decomposition.TruncatedSVD(3)", "sklearn.decomposition.PCA(3, svd_solver='randomized')",
    "sklearn.decomposition.FastICA(3)", "sklearn.decomposition.LatentDirichletAllocation(3)",
]  # fmt: skip
_STILL = [
    "sklearn.linear_model.LinearRegression()", "sklearn.linear_model.LogisticRegression()",
    "sklearn.linear_model.Perceptron()", "sklearn.linear_model.Lasso()", "sklearn.linear_model.RidgeClassifierCV()",
    "sklearn.svm.SVC()", "sklearn.svm.LinearSVC(dual=False)", "sklearn.neighbors.KNeighborsClassifier()",
    "sklearn.naive_bayes.GaussianNB()", "sklearn.decomposition.PCA(3)", "sklearn.cluster.Birch()",
    "sklearn.cluster.DBSCAN()", "sklearn.ensemble.HistGradientBoostingClassifier()", "sklearn.decomposition.FactorAnalysis(3)",
]  # fmt: skip


def _is_flagged(text: str) -> bool:
    module = text.partition("(")[0].rpartition(".")[0]
    draws = tell([(0, ast.parse(f"import {module}\n{text}.fit(X, y)").body)]).draws
    return any(draw.certain for draw in draws)


def _fitted(text: str) -> dict[str, object]:
    import importlib

    module, _, name = text.partition("(")[0].rpartition(".")
    made = eval(text.rpartition(module + ".")[2], vars(importlib.import_module(module)))
    rng = np.random.default_rng(0)
    rows = np.abs(rng.normal(size=(300, 8)))
    truth = (rows[:, 0] + rng.normal(size=300) > 0.8).astype(int)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made.fit(rows, truth)
        shown = getattr(made, "predict_proba", None) or getattr(made, "score_samples", None) or made.get_params
        kept: dict[str, object] = {
            key: value for key, value in vars(made).items() if key.endswith("_") and isinstance(value, np.ndarray)
        }
        kept["importances"] = getattr(made, "feature_importances_", 0)
        return kept | ({"shown": shown(rows)} if shown != made.get_params else {}) | {"name": name}


def _varies(text: str) -> bool:
    first = _fitted(text)
    others = [_fitted(text) for _ in range(3)]
    return any(not np.array_equal(one, other[key]) for other in others for key, one in first.items() if key in other)


@pytest.mark.parametrize("text", _RANDOM)
def test_what_is_flagged_varies(text):
    assert _is_flagged(text)
    assert _varies(text)


@pytest.mark.parametrize("text", _STILL)
def test_what_is_not_flagged_does_not_vary(text):
    assert not _is_flagged(text)
    assert not _varies(text)
