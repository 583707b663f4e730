"""Skew and malformed inputs: found, told, recorded."""

from __future__ import annotations

import importlib
import json
import sys

import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from nb2prod.adapters.evidence import evidence_of
from nb2prod.operations.probe import probe
from nb2prod.prediction.probes import ANSWERED, ASIDE, ERROR, Answer, Probe, Sheet, judged, probes_of
from tests.prediction import pipelines

HELD = (
    "training: {data: artifacts/split/X_train.parquet}\n"
    "holdout: {data: artifacts/split/X_test.parquet, target: artifacts/split/y_test.parquet"
)
MODEL = "model: {artifact: artifacts/train/model.pkl, kind: classification}\n"
FUNCTION = (
    "model: {artifact: artifacts/train/model.pkl, kind: classification, function: 'churn.predict:predict'}\n"
    + HELD
    + ", features: artifacts/features/F_test.parquet}\n"
)


def _evidence(folder):
    return {one.kind: one for one in evidence_of(folder / "pipeline")}


def test_an_honest_path_has_no_skew_and_good_answers(project):
    folder = project("engineered", FUNCTION)
    found = probe(folder)
    assert (found.skew.passed, found.skew.rows) == (True, 200)
    assert found.skew.features[-2:] == ("ratio", "log")
    assert [one.flaw for one in found.outcomes if not one.passed] == []
    assert len(found.outcomes) >= 16
    recorded = _evidence(folder)
    assert (recorded["skew"].passed, recorded["probes"].passed) == (True, True)
    assert recorded["probes"].subject.model
    assert not list((folder / ".nb2prod").rglob("*.parquet")) if (folder / ".nb2prod").exists() else True


#: A step of the team's own, which keeps no names of columns and asks for one by name.
CLIP = """
from sklearn.base import BaseEstimator, TransformerMixin


class Clip(TransformerMixin, BaseEstimator):
    def fit(self, X, y=None):
        self.high_ = X["x0"].max()
        return self

    def transform(self, X):
        return X.clip(upper=self.high_).to_numpy()
"""


@pytest.mark.parametrize("given", ["a frame", "an array"])
def test_a_model_that_keeps_no_names_gets_what_it_was_fitted_on(tmp_path, monkeypatch, given):
    frame = pipelines.rows(500)
    (tmp_path / "steps.py").write_text(CLIP)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "steps", raising=False)
    own = [] if given == "an array" else [importlib.import_module("steps").Clip()]
    model = make_pipeline(*own, StandardScaler(), LogisticRegression())
    model.fit(frame if own else frame.to_numpy(), pipelines.labels(frame))
    pipelines.make(tmp_path, contract="version: 1\n" + MODEL + HELD + "}\n", model=model)
    found = probe(tmp_path)
    assert (found.skew.differences, found.skew.passed) == ((), True)


@pytest.mark.parametrize(
    ("before", "after", "column"),
    [
        ("1 + found", "2 + found", "ratio"),
        (
            'found["log"] = np.log1p(found["x2"].abs())',
            'found["log"] = np.log1p(found["x2"].abs()).astype("float32")',
            "log",
        ),
    ],
)
def test_a_feature_that_prediction_computes_otherwise_is_caught(project, before, after, column):
    folder = project("engineered", FUNCTION)
    module = folder / "pipeline" / "churn" / "features.py"
    assert before in module.read_text()
    module.write_text(module.read_text().replace(before, after))
    found = probe(folder)
    assert found.skew.passed is False
    assert {(one["where"], one["column"]) for one in found.skew.differences} >= {("features", column)}
    assert _evidence(folder)["skew"].passed is False


def test_an_answer_that_depends_on_the_other_rows_is_caught(project):
    folder = project("engineered", FUNCTION)
    module = folder / "pipeline" / "churn" / "predict.py"
    text = module.read_text().replace("[:, 1]", "[:, 1]\n    ").replace("return model", "answer = model")
    module.write_text(text + "    return answer - answer.mean()\n")
    differences = probe(folder).skew.differences
    assert {one["where"] for one in differences} == {"chunks"}


def test_a_quarantine_loses_nothing(project):
    folder = project(contract=MODEL + HELD + "}\nvalidation: {on_violation: quarantine}\n")
    found = probe(folder)
    kinds = {one.name: one.answer.kind for one in found.outcomes}
    assert found.passed
    assert kinds["text in a column of numbers"] == kinds["a file cut short"] == ASIDE
    assert kinds["missing column"] == kinds["an empty file"] == ERROR
    assert kinds["one row"] == ANSWERED
    text = (folder / "pipeline" / "evidence" / "probes.json").read_text()
    names = [one["name"] for one in json.loads(text)["facts"]["probes"]]
    assert {"missing column", "reordered columns", "no rows", "an empty file", "another delimiter"} <= set(names)
    assert "/tmp" not in text


def test_without_held_out_rows_nothing_is_claimed(project):
    folder = project(contract=MODEL)
    found = probe(folder)
    assert (found.skew.passed, found.outcomes, found.passed) == (None, (), False)
    assert "holdout.data" in _evidence(folder)["skew"].facts["why"]
    assert _evidence(folder)["probes"].passed is None


def test_a_model_that_dies_of_bad_rows_fails_its_probe(project):
    folder = project("engineered", FUNCTION)
    (folder / "pipeline" / "schema.yaml").write_text("version: 1\ncolumns: {}\ninferred: {}\n")
    found = probe(folder)
    flaws = {one.name: one.flaw for one in found.outcomes if not one.passed}
    assert "an infinite number" not in flaws  # there is no rule to try
    assert flaws["missing column"] == "an error that says nothing"


@pytest.mark.parametrize(
    ("answer", "flaw"),
    [
        (Answer(ANSWERED, "", 3, 0), ""),
        (Answer(ASIDE, "", 2, 1), ""),
        (Answer(ASIDE, "", 2, 0), "3 rows went in, 2 were answered and 0 set aside"),
        (Answer(ERROR, "x"), "the answer was `error`, and a good one is answered or quarantine"),
    ],
)
def test_what_a_good_answer_is(answer, flaw):
    assert judged(Probe("p", b"", (ANSWERED, ASIDE), 3), answer, ()).flaw == flaw


def test_the_missing_column_is_one_that_the_model_takes():
    sheet = Sheet(("name", "x"), (("a", "1"), ("b", "2")))
    found = {one.name: one.content for one in probes_of(sheet, {"x": {"type": "int64"}}, b"PAR1")}
    assert found["missing column"] == b"name\na\nb\n"


def test_other_answers_to_the_same_rows_are_a_flaw():
    same = Probe("p", b"", (ANSWERED,), 1, same=True)
    assert judged(same, Answer(ANSWERED, "", 1, 0, ("0.5",)), ("0.5", "0.6")).passed
    assert not judged(same, Answer(ANSWERED, "", 1, 0, ("0.6",)), ("0.5", "0.6")).passed
