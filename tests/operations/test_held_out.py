"""A hold-out that training saw is refused, with the line of the notebook that read it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nb2prod.contract.model import Contract, Training
from nb2prod.operations.bundle import Bundle
from nb2prod.operations.held_out import check_held_out
from nb2prod.release.overlap import NotHeldOut

_TRAIN = "artifacts/split/X_train.parquet"
_ALL = "artifacts/load/data.parquet"
_SEEN = {"comparable": True, "rows": 160, "same": 160, "examples": [0, 1], "alike": 160, "usual": 0.0}
_UNSEEN = {"comparable": True, "rows": 160, "same": 0, "examples": [], "alike": 0, "usual": 0.0}


@pytest.fixture
def bundle(tmp_path) -> Bundle:
    needed = [{"stage": "train", "cells": ["cell-3"]}]
    outputs = [
        {"names": ["data"], "path": _ALL, "needed by": needed},
        {"names": ["X_train"], "path": _TRAIN, "needed by": needed},
    ]
    (tmp_path / "conversion.json").write_text(json.dumps({"version": 1, "stages": [{"outputs": outputs}]}))
    source = "fitted = fit(X_train)\ncoefficients = Series(fitted.coef_, index=data.columns)\ndata_too = 1"
    cells = [{"id": "cell-0", "source": "data = 1"}, {"id": "cell-3", "source": source}]
    (tmp_path / "stages").mkdir()
    (tmp_path / "stages" / "train.ipynb").write_text(json.dumps({"cells": cells}))
    contract = Contract(training=Training(data=_TRAIN))
    return Bundle(Path(), "loans", "v1", "", contract, Path(), "", tmp_path, tmp_path, "loans", "python")


@pytest.mark.parametrize(
    ("overlaps", "hint"),
    [
        ({_TRAIN: _SEEN}, "split before anything is fitted"),
        (
            {_TRAIN: _UNSEEN, _ALL: _SEEN},
            "stage `train` reads `data`, as in `coefficients = Series(fitted.coef_, index=data.columns)`: "
            "let it take `X_train` (for the names of its columns too), or tag what it does with `data` as a stage",
        ),
        ({"artifacts/other.parquet": _SEEN}, "split before anything is fitted"),
    ],
    ids=["training itself", "all rows", "made elsewhere"],
)
def test_what_to_change(bundle, overlaps, hint):
    with pytest.raises(NotHeldOut, match="training saw 160 of the hold-out's 160 rows") as caught:
        check_held_out(bundle, "train", overlaps)
    assert caught.value.hint.startswith(hint)


def test_nothing_was_seen(bundle):
    check_held_out(bundle, "train", {_TRAIN: _UNSEEN, _ALL: _UNSEEN})
