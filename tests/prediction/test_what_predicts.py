"""A contract without a model, or without the notebook's function: what is said, and that it settles it."""

from __future__ import annotations

import json
import pickle

import pandas as pd
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from nb2prod.adapters.worker import DataRefused
from nb2prod.errors import CellFailed, OutsideError, UsageError
from nb2prod.operations.predict import predict
from nb2prod.operations.schema import infer_schema
from nb2prod.operations.served import working_tree
from tests.prediction import pipelines

TRAINING = "training: {data: artifacts/split/X_train.parquet}\n"
ARTIFACT = "model: {artifact: artifacts/train/model.pkl, kind: classification}\n"


def _shared(folder):
    """The estimator shares objects with another variable: both lie in one file."""
    path = folder / "pipeline" / "conversion.json"
    manifest = json.loads(path.read_text("utf-8"))
    (model,) = [one for one in manifest["stages"][0]["outputs"] if one["names"] == ["model"]]
    model |= {"names": ["candidates", "chosen"], "types": ["dict", *model["types"]]}
    path.write_text(json.dumps(manifest), "utf-8")
    return folder


def _rows(folder, **columns):
    path = folder / "rows.csv"
    pipelines.rows(20, seed=3).clip(-2.5, 2.5).assign(**columns).to_csv(path, index=False)
    return path


def test_the_function_of_the_notebook_is_not_passed_over(project):
    folder = project("engineered", ARTIFACT)
    with pytest.raises(UsageError, match="tagged `predict`, but") as told:
        working_tree(folder / "pipeline")
    assert "`function: churn.predict:predict`" in told.value.hint


@pytest.mark.parametrize(
    ("kind", "shared", "said"),
    [
        ("engineered", False, "model: {function: churn.predict:predict, artifact: artifacts/train/model.pkl}"),
        ("engineered", True, "model: {function: churn.predict:predict, artifact: artifacts/train/model.pkl}"),
        ("plain", False, "model: {artifact: artifacts/train/model.pkl}"),
        ("plain", True, "def predict(rows): return chosen.predict(rows)"),
    ],
)
def test_where_no_model_is_named_it_is_said_what_to_write(kind, shared, said, project):
    folder = project(kind, "decision: who is called\n")
    with pytest.raises(UsageError) as told:
        working_tree((_shared(folder) if shared else folder) / "pipeline")
    assert said in told.value.hint


def test_an_artifact_of_several_objects_is_no_model(project):
    folder = project(contract=ARTIFACT)
    path = folder / "pipeline" / "artifacts" / "train" / "model.pkl"
    path.write_bytes(pickle.dumps(({}, pickle.loads(path.read_bytes()))))
    pipelines.relock(folder / "pipeline")
    with pytest.raises(DataRefused, match="holds a tuple") as told:
        predict(_rows(folder), unreleased=True, out=folder / "out.parquet", folder=folder)
    assert "`predict`" in told.value.hint


def test_an_estimator_that_wants_something_else_than_columns(project):
    folder = project(contract=ARTIFACT)
    fitted = make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(["one", "two", "one"], [0, 1, 0])
    (folder / "pipeline" / "artifacts" / "train" / "model.pkl").write_bytes(pickle.dumps(fitted))
    pipelines.relock(folder / "pipeline")
    with pytest.raises(CellFailed, match="lower") as told:
        predict(_rows(folder), unreleased=True, out=folder / "out.parquet", folder=folder)
    assert "`model.function`" in told.value.hint


def test_the_truth_is_asked_of_no_file_though_the_schema_has_it(project):
    folder = project(contract=ARTIFACT + "training: {data: artifacts/split/X_train.parquet, target: y}\n")
    schema = folder / "pipeline" / "schema.yaml"
    text = schema.read_text("utf-8").replace("columns:\n", "columns:\n  y:\n    type: int64\n    nulls: false\n", 1)
    schema.write_text(text, "utf-8")
    without = predict(_rows(folder), unreleased=True, out=folder / "out.parquet", folder=folder)
    with_it = predict(_rows(folder, y=1), unreleased=True, out=folder / "other.parquet", folder=folder)
    assert (without.batch.rows, with_it.ignored) == (20, ("y",))
    found = [pd.read_parquet(folder / name)["score"] for name in ("out.parquet", "other.parquet")]
    assert found[0].equals(found[1])


@pytest.mark.parametrize(
    ("code", "said"), [("raise ValueError('no key')", "no key"), ("open('settings.ini')", "settings.ini")]
)
def test_a_module_that_fails_is_the_users(code, said, project):
    folder = project("engineered", ARTIFACT.replace("}", ", function: 'churn.predict:predict'}"))
    path = folder / "pipeline" / "churn" / "predict.py"
    path.write_text(path.read_text("utf-8") + code + "\n", "utf-8")
    with pytest.raises(CellFailed, match=said):
        predict(_rows(folder), unreleased=True, out=folder / "out.parquet", folder=folder)


def test_bytes_that_are_no_model(project):
    folder = project(contract=ARTIFACT)
    (folder / "pipeline" / "artifacts" / "train" / "model.pkl").write_bytes(b"\x80\x04 no pickle")
    pipelines.relock(folder / "pipeline")
    with pytest.raises(CellFailed) as told:
        predict(_rows(folder), unreleased=True, out=folder / "out.parquet", folder=folder)
    assert "could not be loaded" in told.value.hint


def test_places_that_cannot_be_written(project):
    folder = project(contract=ARTIFACT)
    (folder / "out.parquet").mkdir()
    with pytest.raises(UsageError, match="is a folder"):
        predict(_rows(folder), unreleased=True, out=folder / "out.parquet", folder=folder)
    (folder / ".nb2prod").write_text("")
    with pytest.raises(OutsideError, match="log cannot be written"):
        predict(_rows(folder), unreleased=True, out=folder / "other.parquet", folder=folder)


@pytest.mark.parametrize(
    ("ids", "said"),
    [
        (["a", *"bcdefghijklmnopqrs", "a"], "it must not come twice; 1 of 20 rows"),
        ([1, *range(1, 20)], "it must not come twice; 1 of 20 rows"),
        ([2**53 + one for one in range(20)], None),
        (["", *map(str, range(19))], "it must not be empty; 1 of 20 rows"),
        ([None, None, *range(18)], "it must not be empty; 2 of 20 rows"),
        (range(20), None),
    ],
)
def test_an_id_is_there_and_once(ids, said, project):
    folder = project(contract=ARTIFACT + "input: {id: customer}\n")
    source = _rows(folder, customer=ids)
    if said is None:
        assert predict(source, unreleased=True, out=folder / "out.parquet", folder=folder).batch.rows == 20
        return
    with pytest.raises(DataRefused, match=said):
        predict(source, unreleased=True, out=folder / "out.parquet", folder=folder)


@pytest.mark.parametrize("features", ["", ", features: [" + ", ".join(pipelines.FEATURES) + "]"])
def test_an_id_may_come_twice_where_the_schema_says_so(features, project):
    folder = project(contract=ARTIFACT + "input: {id: customer" + features + "}\n" + TRAINING)
    schema = folder / "pipeline" / "schema.yaml"
    rule = "columns:\n  customer: {type: int64, unique: false}\n"
    schema.write_text(schema.read_text("utf-8").replace("columns:\n", rule, 1), "utf-8")
    done = predict(_rows(folder, customer=7), unreleased=True, out=folder / "out.parquet", folder=folder)
    assert done.batch.rows == 20
    infer_schema(folder / "pipeline")  # though training's data have no such column
    assert "customer:" in schema.read_text("utf-8")
