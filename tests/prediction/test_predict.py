"""A file in, typed answers and their record out."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from nb2prod.adapters.prediction_log import batches, erase, expire, find, find_by_consumer, log_folder
from nb2prod.adapters.worker import DataRefused
from nb2prod.errors import CellFailed, UsageError
from nb2prod.operations.predict import predict
from tests.prediction import pipelines

ID = "input: {id: customer}\n"
MODEL = "model: {artifact: artifacts/train/model.pkl, kind: classification}\n"
TRAINING = "training: {data: artifacts/split/X_train.parquet}\n"


def _rows(folder, count=50, suffix=".csv", **extra):
    path = folder / f"rows{suffix}"
    frame = pipelines.rows(count, seed=3).clip(-2.5, 2.5).assign(**extra)
    frame.to_csv(path, index=False) if suffix == ".csv" else frame.to_parquet(path)
    return path


def _expected(folder, frame):
    model = pickle.loads((folder / "pipeline" / "artifacts" / "train" / "model.pkl").read_bytes())
    return model.predict_proba(frame[list(pipelines.FEATURES)])[:, 1]


def test_answers_ids_and_log_tell_the_same(project):
    folder = project(contract=MODEL + TRAINING + ID + "log: {inputs: whole}\n")
    source = _rows(folder, customer=[f"c{n}" for n in range(50)])
    done = predict(source, unreleased=True, out=folder / "out.parquet", folder=folder)
    out, given = pd.read_parquet(folder / "out.parquet"), pd.read_csv(source)
    assert np.array_equal(out["score"], _expected(folder, given))
    assert list(out.columns) == ["prediction_id", "customer", "score"]
    assert list(out["customer"]) == list(given["customer"])
    for row in (0, 17, 49):
        found = find(folder, out["prediction_id"][row])
        assert found.output == {"score": out["score"][row]}
        assert found.consumer_id == f"c{row}"
        assert found.input == given.loc[row, list(pipelines.FEATURES)].to_dict()
        assert (found.version, found.environment, found.row) == ("unreleased", "dev", row)
    assert [one.row for one in find_by_consumer(folder, "c17")] == [17]
    assert find_by_consumer(folder, "nobody") == ()
    assert find(folder, f"{done.batch.name}.50") is None
    assert done.batch.rows == 50


def test_small_chunks_give_what_one_gives(project):
    folder = project(contract=MODEL + TRAINING + "log: {inputs: hash}\n")
    source = _rows(folder, 300)
    one = predict(source, unreleased=True, out=folder / "one.parquet", folder=folder)
    many = predict(source, unreleased=True, out=folder / "many.parquet", folder=folder, chunk_bytes=2000)
    scores = [pd.read_parquet(folder / f"{name}.parquet")["score"] for name in ("one", "many")]
    assert np.allclose(*scores, rtol=1e-12, atol=0)
    hashes = [
        find(folder, f"{batch.name}.{row}").input_hash for batch in (one.batch, many.batch) for row in (0, 150, 299)
    ]
    assert hashes[:3] == hashes[3:]
    assert len(set(hashes)) == 3


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_the_function_of_the_predict_cell_makes_the_features(project, suffix):
    folder = project("engineered")
    source = _rows(folder, suffix=suffix)
    predict(source, unreleased=True, out=folder / "out.csv", folder=folder)
    scope = {}
    exec(pipelines.MODULE, scope)
    model = pickle.loads((folder / "pipeline" / "artifacts" / "train" / "model.pkl").read_bytes())
    given = pd.read_csv(source) if suffix == ".csv" else pd.read_parquet(source)
    assert np.array_equal(
        pd.read_csv(folder / "out.csv")["score"], model.predict_proba(scope["with_features"](given))[:, 1]
    )


def test_decision_and_review(project):
    output = "output: {form: decision, positive: 1, threshold: 0.6, review: [0.4, 0.7]}\n"
    folder = project(contract=MODEL + TRAINING + output)
    predict(_rows(folder, 200), unreleased=True, out=folder / "out.parquet", folder=folder)
    out = pd.read_parquet(folder / "out.parquet")
    between = out["score"].between(0.4, 0.7)
    assert 0 < between.sum() < 200
    assert (out["decision"][between] == "review").all()
    assert (out["decision"][~between] == np.where(out["score"][~between] >= 0.6, "1", "0")).all()


def test_a_ranking_ranks_the_whole_file(project):
    folder = project(contract=MODEL + TRAINING + "output: {form: ranking}\n")
    predict(_rows(folder, 300), unreleased=True, out=folder / "out.parquet", folder=folder, chunk_bytes=2000)
    out = pd.read_parquet(folder / "out.parquet")
    assert list(out["rank"]) == list(out["score"].rank(ascending=False, method="first").astype(int))


def test_rows_that_break_a_rule_are_set_aside_and_none_is_lost(project):
    folder = project(contract=MODEL + TRAINING + "validation: {on_violation: quarantine}\n")
    source = _rows(folder, 50)
    frame = pd.read_csv(source).astype({"x3": object})
    frame.loc[4, "x1"], frame.loc[9, "x3"], frame.loc[20, "x2"] = None, "abc", 1e9
    frame.to_csv(source, index=False)
    done = predict(source, unreleased=True, out=folder / "out.parquet", folder=folder, chunk_bytes=3000)
    aside, out = pd.read_csv(done.quarantine), pd.read_parquet(folder / "out.parquet")
    assert dict(zip(aside["row"], aside["because"], strict=True)) == {4: "x1: nulls", 9: "x3: type", 20: "x2: max"}
    ids = [int(one.rpartition(".")[2]) for one in out["prediction_id"]]
    assert sorted([*ids, *aside["row"]]) == list(range(50))
    kept = frame.loc[ids].astype({"x3": float})
    assert np.allclose(out["score"], _expected(folder, kept), rtol=1e-12, atol=0)


def test_a_broken_rule_stops_and_says_all(project):
    folder = project(contract=MODEL + TRAINING)
    frame = pd.read_csv(_rows(folder, 50))
    frame.loc[[4, 30], "x1"] = None
    frame.to_csv(folder / "rows.csv", index=False)
    with pytest.raises(DataRefused) as refused:
        predict(folder / "rows.csv", unreleased=True, out=folder / "out.parquet", folder=folder, chunk_bytes=1500)
    assert "column `x1`: it must not be empty; 2 of 50 rows" in str(refused.value)
    assert refused.value.facts["violations"][0]["examples"] == [[4, None], [30, None]]
    assert not list(folder.glob("*out*"))
    assert list(batches(log_folder(folder, "churn", "dev"))) == []


def test_the_same_file_again_is_nothing_to_do(project):
    folder = project(contract=MODEL + TRAINING)
    source, out = _rows(folder), folder / "out.parquet"
    first = predict(source, unreleased=True, out=out, folder=folder)
    again = predict(source, unreleased=True, out=out, folder=folder)
    assert (again.again, again.batch) == (True, first.batch)
    assert predict(source, unreleased=True, out=out, folder=folder, once_more=True).again is False
    out.unlink()
    assert predict(source, unreleased=True, out=out, folder=folder).again is False
    assert len(list(batches(log_folder(folder, "churn", "dev")))) == 3


def test_a_tampered_model_is_not_loaded(project):
    folder = project(contract=MODEL + TRAINING)
    model = folder / "pipeline" / "artifacts" / "train" / "model.pkl"
    planted = folder / "planted"
    # A pickle that would touch a file if anybody read it.
    model.write_bytes(b"cposix\nsystem\n(S'touch " + str(planted).encode() + b"'\ntR.")
    with pytest.raises(DataRefused, match="is not the file that was recorded"):
        predict(_rows(folder), unreleased=True, out=folder / "out.parquet", folder=folder)
    assert not planted.exists()


def test_a_model_that_raises_is_told_with_its_traceback(project):
    folder = project("engineered")
    module = folder / "pipeline" / "churn" / "features.py"
    module.write_text(module.read_text().replace("found = frame.copy()", "raise KeyError('region')"))
    with pytest.raises(CellFailed, match="KeyError: 'region'") as failed:
        predict(_rows(folder), unreleased=True, out=folder / "out.parquet", folder=folder)
    assert "features.py" in failed.value.traceback


def test_erased_predictions_are_gone_and_said_to_be(project):
    folder = project(contract=MODEL + TRAINING + ID + "log: {inputs: whole}\n")
    source = _rows(folder, customer=range(50))
    done = predict(source, unreleased=True, out=folder / "out.parquet", folder=folder)
    log, name = log_folder(folder, "churn", "dev"), done.batch.name
    assert erase(folder, {name: (log, [17])}) == 1
    assert find(folder, f"{name}.17").erased is True
    assert find(folder, f"{name}.17").input is None
    assert find(folder, f"{name}.18").consumer_id == 18
    assert find_by_consumer(folder, "17") == ()
    assert erase(folder, {name: (log, [17])}) == 0


def test_days_that_are_over_go(project):
    folder = project(contract=MODEL + TRAINING)
    done = predict(_rows(folder), unreleased=True, out=folder / "out.parquet", folder=folder)
    log = log_folder(folder, "churn", "dev")
    assert expire(log, date(2026, 1, 1), 365) == ()
    assert expire(log, date(2099, 1, 1), 365) == (done.batch.at[:10],)
    assert find(folder, f"{done.batch.name}.0") is None


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"data": "none.csv"}, "there is no file"),
        ({"data": "rows.xlsx"}, "neither CSV nor Parquet"),
        ({"out": "out.txt"}, "neither CSV nor Parquet"),
        ({"out": "nowhere/out.csv"}, "there is no folder"),
        ({"out": "rows.csv"}, "is the data itself"),
        ({"environment": "../elsewhere"}, "knows no environment"),
    ],
)
def test_calls_that_are_wrong(project, arguments, said):
    folder = project(contract=MODEL + TRAINING)
    _rows(folder)
    given = {"data": "rows.csv", "out": "out.csv", "environment": None, **arguments}
    with pytest.raises(UsageError, match=said):
        predict(
            folder / given["data"],
            unreleased=True,
            out=folder / given["out"],
            folder=folder,
            environment=given["environment"],
        )


def test_the_log_is_no_part_of_the_repository(project):
    folder = project(contract=MODEL + TRAINING)
    predict(_rows(folder), unreleased=True, out=folder / "out.parquet", folder=folder)
    assert (folder / ".nb2prod" / ".gitignore").read_text() == "*\n"
    record = next((folder / ".nb2prod").rglob("2*/*.json"))
    assert json.loads(record.read_text())["version"] == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x0,x0,{rest}\n", "column `x0` is there twice"),
        ("{names},customer\n", "column `customer` is int64 here|column `customer` is .*string here"),
    ],
)
def test_files_that_contradict_themselves(project, text, said):
    folder = project(contract=MODEL + TRAINING + (ID if "customer" in text else ""))
    names = ",".join(pipelines.FEATURES)
    header = text.format(rest=",".join(pipelines.FEATURES[1:]), names=names)
    cells = header.count(",")
    rows = [
        ",".join(["0.5"] * cells + [(f"{n}" if n < 40 else f"c{n}") if "customer" in text else "0.5"])
        for n in range(80)
    ]
    (folder / "rows.csv").write_text(header + "\n".join(rows) + "\n")
    with pytest.raises(DataRefused, match=said):
        predict(folder / "rows.csv", unreleased=True, out=folder / "out.parquet", folder=folder, chunk_bytes=1000)
    assert not list(folder.glob("*out*"))


def test_raw_columns_for_a_model_of_features_are_told_what_to_do(project):
    folder = project(contract=MODEL + TRAINING)
    pipelines.rows(5, names=tuple(f"raw{n}" for n in range(12))).to_csv(folder / "raw.csv", index=False)
    with pytest.raises(DataRefused, match="tag a cell `predict` whose function makes them"):
        predict(folder / "raw.csv", unreleased=True, out=folder / "out.parquet", folder=folder)


def test_where_no_row_can_be_answered_the_old_output_does_not_stay(project):
    folder = project(contract=MODEL + TRAINING + "validation: {on_violation: quarantine}\n")
    out = folder / "out.parquet"
    predict(_rows(folder), unreleased=True, out=out, folder=folder)
    _rows(folder, x0=1e9)
    done = predict(folder / "rows.csv", unreleased=True, out=out, folder=folder)
    assert (done.batch.rows, done.batch.quarantined) == (0, 50)
    assert len(pd.read_parquet(out)) == 0
    assert len(pd.read_csv(done.quarantine)) == 50


@pytest.mark.skipif(sys.platform != "linux", reason="counts on the end of a process whose parent is gone")
@pytest.mark.parametrize("moment", [0.35, 0.75])
def test_a_killed_call_may_be_repeated(project, moment):
    folder = project(contract=MODEL + TRAINING)
    _rows(folder, 5000)
    command = [sys.executable, "-m", "nb2prod", "predict", "rows.csv", "--unreleased", "--out", "out.parquet"]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    began = time.monotonic()
    subprocess.run([*command[:-1], "usual.csv"], cwd=folder, env=environment, check=True, capture_output=True)
    killed = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    time.sleep(moment * (time.monotonic() - began))
    killed.kill()
    killed.wait()
    done = predict(folder / "rows.csv", unreleased=True, out=folder / "out.parquet", folder=folder)
    found = [one for one in batches(log_folder(folder, "churn", "dev")) if one.output.endswith("out.parquet")]
    assert [one.rows for one in found] == [5000]
    assert found[0] == done.batch
    assert not [path for path in folder.iterdir() if path.name.startswith(".out")]
