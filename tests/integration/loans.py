"""A small project with a model, released once: who changes what, and what becomes of the next version."""

from __future__ import annotations

import hashlib
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from integration import projects
from nb2prod.adapters.contract_file import edit_contract, write_contract
from nb2prod.contract.proposal import propose
from nb2prod.operations.convert import convert
from nb2prod.operations.project import pipeline_folder
from nb2prod.operations.schema import infer_schema
from nb2prod.operations.served import facts_of

NAME = "loans"
MODEL = "artifacts/train/model.pkl"

_CELLS = (
    ("parameters", "columns = 2\nseed = 3"),
    (
        "stage:load",
        "import pandas as pd\n\ndata = pd.read_csv('data/loans.csv', index_col='loan')",
    ),
    (
        "stage:split",
        "test = data.sample(frac=0.4, random_state=seed)\ntrain = data.drop(index=test.index)\n"
        "X_train, y_train = train.drop(columns='repaid'), train['repaid']\n"
        "X_test, y_test = test.drop(columns='repaid'), test['repaid']",
    ),
    (
        "stage:train",
        "from sklearn.linear_model import LogisticRegression\n\n"
        "model = LogisticRegression().fit(X_train[list(X_train)[:columns]], y_train)",
    ),
    (
        "stage:evaluate metrics",
        "from sklearn.metrics import roc_auc_score\n\n"
        "auc = float(roc_auc_score(y_test, model.predict_proba(X_test[list(X_train)[:columns]])[:, 1]))",
    ),
)


def make(folder: Path, *more: tuple[str, str]) -> None:
    """Converted, its contract answered, committed; DVC's remote is the folder `store` beside the repository.

    `more`: cells (tags, source) at the notebook's end.
    """
    root = folder / NAME
    notebook = projects.write(root / "loans.ipynb", projects.notebook(*_CELLS, *more))
    data = _data()
    (root / "data").mkdir()
    data.to_csv(root / "data" / "loans.csv")
    projects.git(root, "init", "-q")
    projects.git(root, "config", "user.name", "team-a")
    projects.git(root, "config", "user.email", "team-a@example.org")
    done = convert(notebook, root / "pipeline", init=True)
    assert done.verdict.state == "same", done.verdict
    pipeline = root / "pipeline"
    write_contract(pipeline, propose(facts_of(pipeline_folder(pipeline))))
    edit_contract(
        pipeline,
        {
            "output.positive": 1,
            "gate.slices": ["region"],
            "gate.minimum_effect": -0.05,
            "input.features": ["x0", "x1"],
            "log.inputs": "whole",
        },
    )
    infer_schema(pipeline)
    shutil.rmtree(pipeline / "evidence")
    config = root / ".dvc" / "config"
    config.write_text(config.read_text() + "    remote = store\n['remote \"store\"']\n    url = ../../store\n")
    (folder / "store").mkdir()
    projects.commit(root, "loans")


def _data() -> pd.DataFrame:
    random = np.random.default_rng(5)
    rows = 400
    frame = pd.DataFrame({f"x{at}": random.normal(size=rows) for at in range(5)})
    frame["region"] = random.integers(0, 3, rows)
    hidden = frame.x0 + frame.x1 + 2 * frame.x2 + random.normal(scale=1.0, size=rows)
    frame["repaid"] = (hidden > 0).astype(int)
    frame.index = pd.Index([f"L{number:04}" for number in range(rows)], name="loan")
    return frame


def replace_artifact(root: Path, path: str, data: bytes) -> None:
    """As if the pipeline had made these bytes: in the work tree, in DVC's cache and in `dvc.lock`."""
    file = root / "pipeline" / path
    before = hashlib.md5(file.read_bytes()).hexdigest()
    file.unlink()
    file.write_bytes(data)
    md5 = hashlib.md5(data).hexdigest()
    cached = root / ".dvc" / "cache" / "files" / "md5" / md5[:2] / md5[2:]
    cached.parent.mkdir(parents=True, exist_ok=True)
    cached.write_bytes(data)
    lock = root / "pipeline" / "dvc.lock"
    size = str(len(data))
    lines = lock.read_text().splitlines()
    for at, line in enumerate(lines):
        if before in line:
            lines[at] = line.replace(before, md5)
            lines[at + 1] = lines[at + 1].split("size:")[0] + f"size: {size}"
    lock.write_text("\n".join(lines) + "\n")


def refit(root: Path, fit: Callable[[pd.DataFrame, pd.Series], Any]) -> None:
    """Another model in the pipeline's place, the columns that it takes in the contract; committed."""
    split = root / "pipeline" / "artifacts" / "split"
    rows = pd.read_parquet(split / "X_train.parquet")
    truth = pd.read_parquet(split / "y_train.parquet").squeeze("columns")
    model = fit(rows, truth)
    replace_artifact(root, MODEL, pickle.dumps(model))
    edit_contract(root / "pipeline", {"input.features": [str(name) for name in model.feature_names_in_]})
    projects.commit(root, "another model")


def refit_on(root: Path, columns: int) -> None:
    """The same estimator on the first columns."""
    from sklearn.linear_model import LogisticRegression

    refit(root, lambda rows, truth: LogisticRegression().fit(rows[list(rows)[:columns]], truth))


def rows(path: Path, count: int) -> Path:
    """Rows to predict, as CSV."""
    random = np.random.default_rng(6)
    pd.DataFrame({f"x{at}": random.normal(size=count).clip(-2, 2) for at in range(5)}).to_csv(path, index=False)
    return path


def parquet(frame: pd.DataFrame) -> bytes:
    """A frame's bytes."""
    import io

    out = io.BytesIO()
    frame.to_parquet(out)
    return out.getvalue()


def copied(made: Path, target: Path) -> Path:
    """A copy of the project and its store; the repository's root."""
    shutil.copytree(made, target, symlinks=True)
    return target / NAME


def stored(place: Path, data: bytes) -> Path:
    """Where DVC keeps these bytes, in its cache or at a remote."""
    md5 = hashlib.md5(data).hexdigest()
    return place / "files" / "md5" / md5[:2] / md5[2:]
