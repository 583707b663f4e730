"""New training data: the schema follows, what people set holds."""

from __future__ import annotations

import pandas as pd
import pytest

from nb2prod.adapters.evidence import evidence_of
from nb2prod.adapters.schema_file import read_schema
from nb2prod.adapters.worker import DataRefused
from nb2prod.operations.schema import infer_schema, ingested
from tests.prediction import pipelines

TRAINING = "version: 1\ntraining: {data: artifacts/split/X_train.parquet}\n"


@pytest.fixture
def pipeline(tmp_path):
    return pipelines.make(tmp_path / "project", contract=TRAINING)


def _new_data(pipeline, frame):
    frame.to_parquet(pipeline / "artifacts" / "split" / "X_train.parquet")
    pipelines.relock(pipeline)


def test_the_schema_follows_the_data_and_edits_hold(pipeline):
    assert infer_schema(pipeline).changes == ()
    assert ingested(pipeline) is None
    wider = pipelines.rows(400)
    wider["x0"] *= 10
    _new_data(pipeline, wider)
    changes = ingested(pipeline).changes
    assert {(one.column, one.rule) for one in changes} >= {("x0", "min"), ("x0", "max")}
    assert ingested(pipeline) is None

    path = pipeline / "schema.yaml"
    text = path.read_text()
    limit = read_schema(pipeline).columns["x0"]["max"]
    path.write_text(text.replace(f"max: {limit}\n", "max: 4.0  # agreed\n", 1))
    for _ in range(2):
        with pytest.raises(DataRefused, match="column `x0`: it should be at most 4.0"):
            ingested(pipeline)
    recorded = {one.kind: one for one in evidence_of(pipeline)}
    assert recorded["validation"].passed is False
    assert recorded["schema"].passed is True
    assert "max: 4.0  # agreed" in path.read_text()

    wider["x0"] = wider["x0"].clip(upper=3.5)
    _new_data(pipeline, wider)
    assert ingested(pipeline).schema.columns["x0"]["max"] == 4.0
    assert {one.kind: one for one in evidence_of(pipeline)}["validation"].passed is True


def test_without_a_contract_nothing_is_written(tmp_path):
    pipeline = pipelines.make(tmp_path / "project")
    assert ingested(pipeline) is None
    assert not (pipeline / "schema.yaml").exists()


def test_texts_categories_and_empty_cells_are_seen(pipeline):
    frame = pipelines.rows(100).assign(kind=["a", "b", None, "a"] * 25, note=[f"n{n}" for n in range(100)])
    frame["state"] = pd.Categorical(["x", "y"] * 50)
    _new_data(pipeline, frame)
    rules = infer_schema(pipeline).schema.columns
    assert rules["kind"] == {"type": "text", "nulls": True, "categories": ["a", "b"]}
    assert rules["note"] == {"type": "text", "nulls": False}
    assert rules["state"] == {"type": "category", "nulls": False, "categories": ["x", "y"]}
