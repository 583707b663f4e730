"""Large data: the forecast of a file's size, and frames that are read column by column."""

from __future__ import annotations

import runpy

import numpy as np
import pandas as pd
import pytest

from .conftest import TEMPLATES
from .values import VALUES

stored_bytes = runpy.run_path(str(TEMPLATES / "kernel" / "file_sizes.py"))["stored_bytes"]
ROWS = 1_300_000


def _columns(**columns):
    return pd.DataFrame(columns)


LARGE = {
    "numbers": lambda rng: _columns(a=rng.standard_normal(ROWS), b=rng.integers(0, 10**6, ROWS), c=np.arange(ROWS)),
    "few texts": lambda rng: _columns(a=np.array(["Rome", "Paris"])[rng.integers(0, 2, ROWS)], b=rng.random(ROWS)),
    "other texts in each row": lambda _: _columns(a=[f"user-{number:07d}" for number in range(ROWS)]),
    "times": lambda _: _columns(a=pd.date_range("2020", periods=ROWS, freq="s")),
    "a column": lambda rng: pd.Series(rng.standard_normal(ROWS), name="a"),
    "an array": lambda rng: rng.standard_normal((ROWS, 2)),
}


@pytest.mark.parametrize("name", LARGE)
def test_the_size_of_a_file_is_foretold(stage, name):
    value = LARGE[name](np.random.default_rng(0))
    size = 4 * stage._LARGE  # so that a quarter of it is looked at
    key, _ = stage.choose_format(value, size)
    foretold = stored_bytes(stage, value, key, size)
    getattr(stage, f"write_{key}")(value, "value")
    assert foretold == pytest.approx((stage.HOME / "value").stat().st_size, rel=0.2)


def test_the_size_of_small_data_is_known(stage):
    key, _ = stage.choose_format({"a": [1, 2, 3]}, 30)
    known = stored_bytes(stage, {"a": [1, 2, 3]}, key, 30)
    stage.write_json({"a": [1, 2, 3]}, "value")
    assert known == (stage.HOME / "value").stat().st_size


FRAMES = {name: make for name, (make, key) in VALUES.items() if key == "parquet"} | {
    "two index columns": lambda: _columns(a=[1, 2], b=["x", "y"], c=[0.5, None]).set_index(["a", "b"]),
    "a name for the columns": lambda: _columns(a=[1, 2], b=[True, False]).rename_axis(columns="feature"),
    "no columns": lambda: _columns(a=[1, 2])[[]],
}


@pytest.mark.parametrize("name", FRAMES)
def test_column_by_column_is_the_same_as_at_once(stage, name, tmp_path):
    path = tmp_path / "value.parquet"
    FRAMES[name]().to_parquet(path)
    at_once, found = pd.read_parquet(path), stage._load_columns(path)
    assert stage.fingerprint(found) == stage.fingerprint(at_once)


def test_what_is_read_column_by_column_can_be_changed(stage, tmp_path):
    path = tmp_path / "value.parquet"
    _columns(a=np.zeros(3), b=["x", "y", "z"]).to_parquet(path)
    found = stage._load_columns(path)
    found.loc[0, "a"] = 5.0
    assert found["a"].tolist() == [5.0, 0.0, 0.0]
