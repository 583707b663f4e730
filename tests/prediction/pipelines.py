"""Pipelines as `convert` and `run` leave them, made in a second: for what only needs a model and its records."""

from __future__ import annotations

import hashlib
import json
import pickle
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

STAGE = Path(__file__).parents[2] / "templates" / "package" / "_stage.py"
FEATURES = tuple(f"x{number}" for number in range(10))

#: What a conversion writes for a cell tagged `predict` that makes its own features.
FUNCTION = '''\
"""The function that production calls, as it stands in churn.ipynb, and what it needs."""

from pathlib import Path

import numpy as np

from . import _stage
from .features import with_features

model = _stage.read_pickle(Path(__file__).parents[1] / "artifacts/train/model.pkl")


def predict(frame):
    return model.predict_proba(with_features(frame))[:, 1]
'''
MODULE = '''\
"""Definitions of stage `features`, as they stand in churn.ipynb."""

import numpy as np


def with_features(frame):
    found = frame.copy()
    found["ratio"] = found["x0"] / (1 + found["x1"].abs())
    found["log"] = np.log1p(found["x2"].abs())
    return found
'''


def rows(count: int, seed: int = 0, names: tuple[str, ...] = FEATURES) -> pd.DataFrame:
    """Inputs of which the first two decide."""
    random = np.random.default_rng(seed)
    return pd.DataFrame({name: random.normal(size=count).round(6) for name in names})


def labels(frame: pd.DataFrame, seed: int = 0) -> pd.Series:
    """A noisy truth."""
    noise = np.random.default_rng(seed + 1).normal(size=len(frame))
    return ((frame["x0"] + frame["x1"] + 0.5 * noise) > 0).astype(int).rename("y")


def make(
    folder: Path, *, engineered: bool = False, contract: str = "", module: str = MODULE, model: Any = None
) -> Path:
    """A git repository with a pipeline in `pipeline/`: the pipeline's folder.

    `engineered`: the model takes columns that the lifted code adds, through a function. `model`: another, fitted.
    """
    pipeline = folder / "pipeline"
    (pipeline / "stages").mkdir(parents=True)
    (pipeline / "churn").mkdir()
    subprocess.run(["git", "init", "--quiet", str(folder)], check=True)
    (folder / "churn.ipynb").write_text(json.dumps(_notebook()), encoding="utf-8")
    (pipeline / "stages" / "train.ipynb").write_text(json.dumps(_notebook()), encoding="utf-8")
    (pipeline / "churn" / "__init__.py").write_text("", encoding="utf-8")
    (pipeline / "churn" / "_stage.py").write_text(STAGE.read_text("utf-8"), encoding="utf-8")
    inputs, held = rows(500), rows(200, seed=7)
    scope: dict[str, Any] = {}
    exec(MODULE, scope)
    training = scope["with_features"](inputs) if engineered else inputs
    model = model or make_pipeline(StandardScaler(), LogisticRegression()).fit(training, labels(inputs))
    artifacts = {
        "artifacts/split/X_train.parquet": inputs,
        "artifacts/split/X_test.parquet": held,
        "artifacts/split/y_train.parquet": labels(inputs).to_frame(),
        "artifacts/split/y_test.parquet": labels(held, 7).to_frame(),
        "artifacts/features/F_test.parquet": scope["with_features"](held),
        "artifacts/train/model.pkl": model,
    }
    for path, value in artifacts.items():
        _store(pipeline / path, value)
    if engineered:
        (pipeline / "churn" / "features.py").write_text(module, encoding="utf-8")
        (pipeline / "churn" / "predict.py").write_text(FUNCTION, encoding="utf-8")
    _record(pipeline, artifacts, engineered)
    if contract:
        (pipeline / "production.yaml").write_text(contract, encoding="utf-8")
    return pipeline


def _store(path: Path, value: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(value, pd.DataFrame):
        value.to_parquet(path)
    else:
        path.write_bytes(pickle.dumps(value))


def _record(pipeline: Path, artifacts: dict[str, Any], engineered: bool) -> None:
    types = {name: _type(value) for name, value in artifacts.items()}
    outputs = [
        {"names": [Path(name).stem], "types": [types[name]], "path": name, "format": "parquet"} for name in artifacts
    ]
    manifest: dict[str, Any] = {
        "version": 1,
        "notebook": {"path": "../churn.ipynb", "code": "0" * 64},
        "package": "churn",
        "verdict": {"state": "same"},
        "stages": [{"name": "train", "outputs": outputs, "inputs": []}],
        "files": {},
    }
    if engineered:
        manifest["predict"] = {"function": "churn.predict:predict", "needs": ["artifacts/train/model.pkl"]}
    (pipeline / "conversion.json").write_text(json.dumps(manifest), encoding="utf-8")
    relock(pipeline)


def relock(pipeline: Path) -> None:
    """Record what is on disk."""
    outs = [
        f"    - path: {path.relative_to(pipeline).as_posix()}\n      hash: md5\n      md5: {_md5(path)}\n"
        for path in sorted((pipeline / "artifacts").rglob("*.*"))
    ]
    (pipeline / "dvc.lock").write_text("schema: '2.0'\nstages:\n  train:\n    cmd: x\n    outs:\n" + "".join(outs))


def _md5(path: Path) -> str:
    return hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()


def _type(value: Any) -> str:
    if isinstance(value, pd.DataFrame):
        return "pandas.Series" if value.shape[1] == 1 else "pandas.DataFrame"
    return "sklearn.pipeline.Pipeline"


def _notebook() -> dict[str, Any]:
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return {"cells": [], "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
