"""A model's life on the example: convert, release, deploy, predict, lose, win, roll back, trace; and from a fresh clone.

Each answer is checked; what is said is printed. The git remote is a bare repository, DVC's remote a folder.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from places import scratch

ROWS = 100_000


def main() -> int:
    """0 where every answer was the expected one; the first other one is an AssertionError."""
    with scratch() as folder:
        root = _converted(folder)
        _first_version(root)
        first = _predicted(root, folder / "rows.csv", folder / "v1.parquet", ROWS, "v1.0.0")
        _loser(root)
        _winner(root)
        second = _predicted(root, folder / "few.csv", folder / "v2.parquet", 500, "v2.0.0")
        _back(root)
        _schema_came_back(root, folder / "few.csv")
        few = _some_rows(folder / "rows.csv", folder / "few-v1.csv", 500)
        third = _predicted(root, few, folder / "back.parquet", 500, "v1.0.0")
        _traced(root, first, second, third)
        _fresh_clone(folder, root, first)
    print("the story is told; every answer was the expected one")
    return 0


def _converted(folder: Path) -> Path:
    from integration.projects import commit, git, nb2prod

    root = folder / "project"
    _say(nb2prod(folder, "demo", "project").stdout.splitlines()[-2])
    for key, value in (("user.name", "team-a"), ("user.email", "team-a@example.org")):
        git(root, "config", key, value)
    git(folder, "init", "-q", "--bare", "origin.git")
    git(root, "remote", "add", "origin", str(folder / "origin.git"))
    (folder / "store").mkdir()
    config = root / ".dvc" / "config"
    text = f"    remote = store\n['remote \"store\"']\n    url = {folder / 'store'}\n"
    config.write_text(config.read_text() + text)
    _with(root, {"feature_group: worst": "feature_group: mean"})
    nb2prod(root, "run", "pipeline")
    commit(root, "the pipeline")
    return root


def _first_version(root: Path) -> None:
    """The contract is written, answered, and the first version beats a dummy."""
    from integration.projects import commit, git, nb2prod

    from nb2prod.adapters.contract_file import edit_contract

    said = nb2prod(root, "release", "pipeline", code=1).stderr
    assert "was not there and is now" in said and (root / "pipeline" / "schema.yaml").is_file()
    case = {
        "name": "large and rough",
        "like": 0,
        "input": {"radius": 25.0, "concavity": 0.4},
        "expect": {"decision": 1},
    }
    answers = {
        "decision": "whether a sample is looked at by a pathologist first",
        "owner.name": "Team Screening",
        "model.kind": "classification",
        "input.id": "patient",
        "output.form": "decision",
        "output.positive": 1,
        "output.review": [0.45, 0.55],
        "gate.metric": "roc_auc",
        "gate.minimum_effect": -0.03,
        "gate.slices": ["symmetry"],
        "gate.slice_tolerance": 0.2,
        "gate.cases": [case],
        "gate.latency_ms": 1000,
        "gate.size_mb": 1,
        "gate.approver": True,
    }
    edit_contract(root / "pipeline", answers)
    assert "the tree is dirty" in nb2prod(root, "release", "pipeline", code=1).stderr
    commit(root, "the contract")
    assert "nobody approved" in nb2prod(root, "release", "pipeline", code=1).stderr
    done = nb2prod(root, "release", "pipeline", "--approver", "approver")
    assert "released breast_cancer v1" in done.stdout, done.stdout
    _say(done.stdout.strip())
    assert "breast_cancer@v1.0.0" in git(root, "ls-remote", "--tags", "origin")
    card = (root / "pipeline" / "MODEL_CARD.md").read_text()
    assert "Team Screening" in card and "approved by approver (unsigned)" in card
    commit(root, "evidence of v1")
    _say(nb2prod(root, "deploy", "v1").stdout.strip())
    git(root, "push", "-q", "origin", "HEAD")


def _loser(root: Path) -> None:
    """Other data and another parameter: worse, and refused with the reason."""
    import pandas as pd
    from integration.projects import commit, git, nb2prod

    data = root / "data" / "breast_cancer.csv"
    frame = pd.read_csv(data)
    coarse = [name for name in frame if name.endswith("error")]
    frame[coarse] = frame[coarse].round(0)
    frame.to_csv(data, index=False)
    _with(root, {"feature_group: mean": "feature_group: error"})
    nb2prod(root, "run", "pipeline")
    commit(root, "coarser data, other features")
    before = git(root, "tag")
    said = nb2prod(root, "release", "pipeline", "--approver", "approver", code=1).stderr
    assert git(root, "tag") == before
    _say(said.strip().splitlines()[-4:])
    assert "failed its gate against v1" in said and "short by" in said, said


def _winner(root: Path) -> None:
    """The old data, better features: beats the champion, is deployed."""
    from integration.projects import commit, git, nb2prod

    git(root, "checkout", "-q", "HEAD~1", "--", "data")
    _with(root, {"feature_group: error": "feature_group: worst"})
    nb2prod(root, "run", "pipeline")
    commit(root, "the old data, other features")
    done = nb2prod(root, "release", "pipeline", "--approver", "approver")
    assert "released breast_cancer v2" in done.stdout and "against v1" in done.stdout, done.stdout
    _say(done.stdout.strip())
    commit(root, "evidence of v2")
    _say(nb2prod(root, "deploy", "v2", "--because", "better features").stdout.strip())
    assert _champion(root)["version"] == "v2"
    git(root, "push", "-q", "origin", "HEAD")


def _back(root: Path) -> None:
    from integration.projects import nb2prod

    _say(nb2prod(root, "rollback", "--because", "complaints").stdout.strip())
    assert _champion(root)["version"] == "v1"
    kinds = [(one["kind"], one["version"]) for one in _json(root, "history")["events"]]
    expected = [("release", "v1"), ("deploy", "v1"), ("release", "v2"), ("deploy", "v2"), ("rollback", "v1")]
    assert kinds == expected, kinds


def _schema_came_back(root: Path, data: Path) -> None:
    """Rows with the features of version 2 break the schema of version 1."""
    from integration.projects import nb2prod

    said = nb2prod(root, "predict", str(data), "--out", str(data.with_suffix(".refused.csv")), code=1).stderr
    assert "do not hold to that" in said and not data.with_suffix(".refused.csv").exists()
    _say(f"refused by the schema of v1: {said.strip().splitlines()[-2]}")


def _some_rows(data: Path, target: Path, rows: int) -> Path:
    """The first rows of a file."""
    target.write_text("".join(data.read_text().splitlines(keepends=True)[: rows + 1]))
    return target


def _predicted(root: Path, data: Path, out: Path, rows: int, version: str) -> dict[str, Any]:
    """Predict so many rows; the first answer, as the output has it, with the version that made it."""
    import pandas as pd
    from integration.projects import nb2prod

    if not data.exists():
        held = pd.read_parquet(root / "pipeline" / "artifacts" / "split" / "X_test.parquet")
        frame = held.sample(rows, replace=True, random_state=1).reset_index(drop=True)
        frame.insert(0, "patient", [f"P{number:06}" for number in range(rows)])
        frame.to_csv(data, index=False)
    _say(nb2prod(root, "predict", str(data), "--out", str(out)).stdout.strip().splitlines()[0])
    answers = pd.read_parquet(out)
    assert len(answers) == rows
    logged = list(
        (root / ".nb2prod" / "predictions" / "breast_cancer" / "production").glob(f"*/{_batch(answers)}.parquet")
    )
    assert len(logged) == 1 and len(pd.read_parquet(logged[0], columns=["row"])) == rows
    return {"version": version, **answers.iloc[rows // 2].to_dict()}


def _traced(root: Path, *predictions: dict[str, Any]) -> None:
    """Each prediction leads to its version, commit, data, parameters, approver and deployment."""
    from integration.projects import git

    for one in predictions:
        found = _json(root, "trace", str(one["prediction_id"]))
        assert found["model"]["version"] == f"breast_cancer@{one['version']}", found["model"]
        commit = git(root, "rev-parse", f"breast_cancer@{one['version']}^{{}}").strip()
        assert found["code"] == {"commit": commit, "notebook": "breast_cancer.ipynb"}
        group = {"v1.0.0": "mean", "v2.0.0": "worst"}[one["version"]]
        assert found["params"]["feature_group"] == group and found["approved_by"] == "approver"
        assert found["prediction"]["output"]["score"] == one["score"]
        assert found["data"][0]["path"] == "data/breast_cancer.csv" and found["environment"] == "production"
        assert found["deployed_at"] <= found["prediction"]["at"]
        _say(f"traced {one['prediction_id']} → {found['model']['version']}, commit {commit[:12]}, {group}")
    last, first = (
        _json(root, "trace", str(predictions[-1]["prediction_id"])),
        _json(root, "trace", str(predictions[0]["prediction_id"])),
    )
    assert last["deployed_at"] > first["deployed_at"], "after the rollback it is the rollback that was on"


def _fresh_clone(folder: Path, root: Path, first: dict[str, Any]) -> None:
    """Another machine: the same history, the model from the remote, a rollback that both see."""
    from integration.projects import git, nb2prod

    clone = folder / "clone"
    git(folder, "clone", "-q", str(folder / "origin.git"), "clone")
    for key, value in (("user.name", "team-b"), ("user.email", "team-b@example.org")):
        git(clone, "config", key, value)
    assert _json(clone, "history")["events"] == _json(root, "history")["events"]
    assert _json(clone, "trace", "v2")["model"] == _json(root, "trace", "v2")["model"]
    said = nb2prod(clone, "trace", str(first["prediction_id"]), code=2).stderr
    assert "the log of a prediction is where it was made" in said
    _say(
        nb2prod(
            clone, "predict", str(folder / "few-v1.csv"), "--out", str(folder / "clone.parquet")
        ).stdout.splitlines()[0]
    )
    _same(folder / "clone.parquet", folder / "back.parquet")
    _say(nb2prod(clone, "deploy", "v2").stdout.strip())
    git(root, "fetch", "-q", "--tags")
    assert _champion(root)["version"] == "v2" and _json(root, "history") == _json(clone, "history")


def _same(one: Path, other: Path) -> None:
    import pandas as pd

    drop = "prediction_id"
    pd.testing.assert_frame_equal(pd.read_parquet(one).drop(columns=drop), pd.read_parquet(other).drop(columns=drop))


def _batch(answers: Any) -> str:
    return str(answers["prediction_id"].iloc[0]).rpartition(".")[0]


def _champion(root: Path) -> dict[str, Any]:
    found: dict[str, Any] = _json(root, "status")["environments"][0]["champion"]
    return found


def _json(root: Path, *arguments: str) -> dict[str, Any]:
    from integration.projects import nb2prod

    found: dict[str, Any] = json.loads(nb2prod(root, *arguments, "--format", "json").stdout)
    return found


def _with(root: Path, changes: dict[str, str]) -> None:
    params = root / "pipeline" / "params.yaml"
    text = params.read_text()
    for old, new in changes.items():
        assert old in text, text
        text = text.replace(old, new)
    params.write_text(text)


def _say(what: str | list[str]) -> None:
    for line in [what] if isinstance(what, str) else what:
        print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
