"""Readiness of every example: as a notebook, as a pipeline, and after two releases, deployments and a way back.

1. The notebook as it is.
2. Converted and committed: what a conversion alone proves.
3. A person answers the contract; the pipeline's tests are run; two versions are released and deployed, rows are predicted,
   and production goes back.

Prints how many criteria of each level are met at each point, and what is missing in the end. A verb that refuses is
printed and counted, and the story goes on without it.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from places import NAMES, example_project, scratch

_ANSWERS: dict[str, Any] = {
    "decision": "who is looked at first",
    "consumers": [{"who": "the team that decides", "form": "score"}],
    "owner.name": "team-d",
    "owner.contact": "team-d@example.org",
    "owner.escalation": "the head of the team",
    "schedule": "weekly",
    "failure": "everybody gets the same score",
    "retrain": "monthly",
    "retire": "when the decision is taken otherwise",
    "personal_data.present": False,
    "oversight": "the team may decide otherwise",
    "monitoring.drift": 0.2,
    "monitoring.alerts": "team-d@example.org",
    # The second version need not be better: this is about the way, not the models.
    "gate.minimum_effect": -1000,
    "gate.approver": True,
}
_CLASSES = {
    "model.kind": "classification",
    "output.form": "score",
    "gate.metric": "roc_auc",
    "gate.direction": "higher",
}
_NUMBERS = {"model.kind": "regression", "output.form": "value", "gate.metric": "rmse", "gate.direction": "lower"}
#: What only somebody who knows the notebook can say; and a parameter that makes another version.
_OWN: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "breast_cancer": (_CLASSES, {"seed": 7}),
    "co2_forecast": ({**_NUMBERS, "holdout.target": "change", "training.target": "change"}, {"ridge_alpha": 1.0}),
    "diabetes_progression": (_NUMBERS, {"tail": 0.05}),
    "docstring_families": (
        {
            **_CLASSES,
            "gate.metric": "accuracy",
            "output.form": "value",
            "input.features": ["clean"],
            "holdout.target": "family",
            "training.target": "family",
        },
        {"strength": 1.0},
    ),
    "doctor_visits": ({**_CLASSES, "gate.metric": "average_precision"}, {"SEED": 21}),
}

#: What a release that was refused told to change: cell, text, other text. Training read all of `X` for its columns' names.
_CHANGED = {"diabetes_progression": (27, "index=X.columns", "index=X_train.columns")}

#: What a release that was refused told to write: after which cell, tags, source. One estimator shares its file with
#: other variables, one takes a column of texts, and a forecast that fits its model anew each time has none to ask.
_ADDED: dict[str, tuple[tuple[str, str, str], ...]] = {
    "doctor_visits": (("threshold", "predict", "def predict(rows):\n    return chosen.predict_proba(rows)[:, 1]"),),
    "docstring_families": (
        ("top-terms", "predict", 'def predict(rows):\n    return classifier.predict(rows["clean"])'),
    ),
    "co2_forecast": (
        (
            "write-forecast",
            "stage:rows",
            "months = lag_table(monthly, lags)\n"
            "rows_train, rows_test = months.iloc[:-test_months], months.iloc[-test_months:]",
        ),
        (
            "rows",
            "stage:fit",
            "month_ahead = make_pipeline(StandardScaler(), Ridge(alpha=ridge_alpha))\n"
            'month_ahead.fit(rows_train.drop(columns="change"), rows_train["change"])',
        ),
        ("fit", "predict", "def predict(rows):\n    return month_ahead.predict(rows)"),
        (
            "predict",
            "stage:judge",
            'missed = month_ahead.predict(rows_test.drop(columns="change")) - rows_test["change"]\n'
            'print(f"a month ahead: {missed.abs().mean():.3f} ppm")',
        ),
    ),
}


def main(names: list[str]) -> int:
    """The number of verbs that refused."""
    os.environ |= {
        f"GIT_{who}_{what}": value
        for who in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", "team-d"), ("EMAIL", "team-d@example.org"))
    }
    with scratch() as folder:
        return sum(_example(folder / name, name) for name in names or NAMES)


def _example(folder: Path, name: str) -> int:
    from integration.projects import commit, dvc

    from nb2prod.operations.convert import convert

    print(f"== {name}", flush=True)
    notebook = example_project(folder, name)
    if name in _CHANGED:
        _change(notebook, *_CHANGED[name])
    for after, tags, source in _ADDED.get(name, ()):
        _add(notebook, after, tags, source)
    dvc(folder, "remote", "add", "-q", "-d", "kept", str(folder.with_name(f"{name}-remote")))
    commit(folder, "a place for the data")
    _tell(folder, "notebook", notebook.name)
    convert(notebook)
    _ready(folder, "pipeline", 0)  # writes production.yaml
    commit(folder, "converted")
    _tell(folder, "pipeline", "pipeline")
    refused = _story(folder, name)
    _tell(folder, "released", "pipeline")
    _missing(folder)
    return refused


def _change(notebook: Path, cell: int, old: str, new: str) -> None:
    document = json.loads(notebook.read_text("utf-8"))
    source = "".join(document["cells"][cell]["source"])
    assert old in source
    document["cells"][cell]["source"] = source.replace(old, new)
    notebook.write_text(json.dumps(document, indent=1), "utf-8")


def _add(notebook: Path, after: str, tags: str, source: str) -> None:
    """A cell, whose id is its tag's last word."""
    document = json.loads(notebook.read_text("utf-8"))
    place = [one["id"] for one in document["cells"]].index(after)
    cell = {"cell_type": "code", "id": tags.rpartition(":")[2], "metadata": {"tags": tags.split()}, "source": source}
    document["cells"].insert(place + 1, {**cell, "execution_count": None, "outputs": []})
    notebook.write_text(json.dumps(document, indent=1), "utf-8")


def _story(folder: Path, name: str) -> int:
    from integration.projects import commit, set_parameters

    from nb2prod.adapters.contract_file import edit_contract

    own, other = _OWN[name]
    contract = edit_contract(folder / "pipeline", {**_ANSWERS, **own})
    commit(folder, "what only people know")
    refused = _verb(folder, "ready", "pipeline", "--run-tests", fine=(0, 1))
    refused += _probed(folder)
    refused += _version(folder, name, 1)
    refused += _verb(folder, "predict", _rows(folder, contract.holdout.data), "--out", "scores.parquet")
    (folder / "scores.parquet").unlink(missing_ok=True)
    set_parameters(folder / "pipeline", other)
    refused += _verb(folder, "run", "pipeline")
    commit(folder, "another version")
    refused += _probed(folder)
    refused += _version(folder, name, 2)
    refused += _verb(folder, "rollback", name, "--because", "a rehearsal")
    return refused + _verb(folder, "ready", "pipeline", "--run-tests", fine=(0, 1))


def _rows(folder: Path, artifact: str | None) -> str:
    """The held-out rows as a file that can be predicted, outside the project where they are kept otherwise."""
    import pandas as pd

    path = folder / "pipeline" / (artifact or "")
    if path.suffix == ".parquet":
        return str(path)
    rows = folder.with_name(f"{folder.name}-rows.csv")
    pd.read_pickle(path).to_csv(rows, index=False)
    return str(rows)


def _probed(folder: Path) -> int:
    """The schema is inferred, and committed: a version's tree holds nothing that is in no commit."""
    from integration.projects import commit, git

    refused = _verb(folder, "probe", "pipeline")
    if git(folder, "status", "--porcelain"):
        commit(folder, "what was tried")
    return refused


def _version(folder: Path, name: str, number: int) -> int:
    from integration.projects import commit, git

    refused = _verb(folder, "release", "pipeline", "--approver", "team-d")
    refused += _verb(folder, "deploy", f"{name}@v{number}")
    if git(folder, "status", "--porcelain"):
        commit(folder, f"what releasing version {number} left")
    return refused


def _verb(folder: Path, *arguments: str, fine: tuple[int, ...] = (0,)) -> int:
    from integration.projects import nb2prod

    done = nb2prod(folder, *arguments, code=None)
    if done.returncode in fine:
        return 0
    told = done.stderr.strip() or "\n".join(one for one in done.stdout.splitlines() if not one.startswith("ok"))
    print(f"   nb2prod {' '.join(arguments)}: {told[-600:]}", flush=True)
    return 1


def _ready(folder: Path, what: str, level: int) -> list[dict[str, str]]:
    from integration.projects import nb2prod

    done = nb2prod(folder, "ready", what, "--format", "json", "--level", str(level), code=None)
    found: list[dict[str, str]] = json.loads(done.stdout)["criteria"]
    return found


def _tell(folder: Path, label: str, what: str) -> None:
    counts = []
    for level in (0, 1, 2):
        found = [one["status"] for one in _ready(folder, what, level)]
        counts.append(f"level {level}: {found.count('met'):2} of {len(found)} met, {found.count('not_met'):2} not")
    print(f"   {label:9} {'; '.join(counts)}", flush=True)


def _missing(folder: Path) -> None:
    for one in _ready(folder, "pipeline", 2):
        if one["status"] != "met":
            print(f"   {one['status']:8} {one['id']}: {one['evidence'].partition(';')[0]}", flush=True)


if __name__ == "__main__":
    sys.exit(min(main(sys.argv[1:]), 125))
