"""A project that is ready by all criteria, made of records and files: nothing is run for it."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from cli.notebooks import code, write
from ruamel.yaml import YAML

from nb2prod.adapters import evidence as store
from nb2prod.adapters.contract_file import write_contract
from nb2prod.contract.evidence import KINDS, Evidence
from nb2prod.contract.model import (
    Case,
    Consumer,
    Contract,
    Gate,
    Holdout,
    Model,
    Monitoring,
    Output,
    Owner,
    PersonalData,
)
from nb2prod.operations.convert import convert
from nb2prod.operations.project import pipeline_folder
from nb2prod.operations.subject import subject_of
from nb2prod.readiness.grounds.recorded import PROBES
from nb2prod.release.names import deployment_tag, release_tag

MODEL = "artifacts/train/model.pkl"
CONTRACT = Contract(
    name="churn",
    decision="whom to call before they leave",
    consumers=(Consumer("sales", "ranking"),),
    owner=Owner("team-d", "team-d@example.org", "the data team's channel"),
    schedule="weekly",
    failure="everybody is at the top of the list",
    retrain="monthly",
    retire="with the product",
    personal_data=PersonalData(False),
    oversight="sales may strike a name off the list",
    model=Model(MODEL, kind="ranking"),
    output=Output("ranking"),
    holdout=Holdout("artifacts/split/test.json"),
    gate=Gate("roc_auc", "higher", slices=("region",), cases=(Case("gone", {"calls": 0}, {"score_min": 0.9}),)),
    monitoring=Monitoring(drift=0.2, alerts="team-d@example.org"),
)
_NOTEBOOK = (
    code("import json\nfrom pathlib import Path\n\nimport features", execution_count=1),
    code("share = 0.5", "parameters", execution_count=2),
    code("rows = json.loads(Path('data/calls.json').read_text())", "stage:load", execution_count=3),
    code("model = {'mean': features.mean(rows) * share}", "stage:train", execution_count=4),
    code("print(model)", "stage:report", execution_count=5),
)
_FACTS: dict[str, Any] = {
    "probes": {"probes": [{"name": name, "passed": True} for name in PROBES]},
    "rollback": {"environment": "production", "version": "v1", "tag": "churn#production#4"},
}
_IDENTITY = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "team-d"), ("EMAIL", "team-d@example.org"), ("DATE", "2026-11-01T12:00:00Z"))
}


def make(folder: Path) -> Path:
    """The project in `folder`: notebook, pipeline, contract, evidence, tags; the notebook."""
    for name, text in {
        "data/calls.json": "[1, 2, 3]\n",
        "features.py": "def mean(rows):\n    return sum(rows) / len(rows)\n",
        ".dvc/config": "",
        ".gitignore": "/pipeline/artifacts\n",
        ".dvc/.gitignore": "/tmp\n/cache\n",
        ".github/workflows/deliver.yml": "on: push\njobs: {go: {steps: [{run: nb2prod release pipeline}]}}\n",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    notebook = write(folder / "churn.ipynb", *_NOTEBOOK)
    git(folder, "init", "-q")
    convert(notebook, folder / "pipeline", run=False)
    pipeline = folder / "pipeline"
    _prove(pipeline)
    lock(pipeline)
    for name in ("schema.yaml", "MODEL_CARD.md", "RUNBOOK.md"):
        (pipeline / name).write_text("# by hand\n", "utf-8")
    write_contract(pipeline, CONTRACT)
    _second_pipeline(folder / "other")
    commit(folder)
    record_all(pipeline)
    commit(folder)
    _history(folder)
    return notebook


def git(folder: Path, *arguments: str, text: str = "") -> str:
    """Git's answer."""
    done = subprocess.run(
        ["git", *arguments],
        cwd=folder,
        input=text,
        env={**os.environ, **_IDENTITY},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def commit(folder: Path) -> None:
    """Everything, if there is anything."""
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "--allow-empty", "-m", "work")


def edit_json(file: Path, change: Any) -> None:
    """Let `change` work on what the file holds."""
    data = json.loads(file.read_text("utf-8"))
    change(data)
    file.write_text(json.dumps(data, indent=1), "utf-8")


def record_all(pipeline: Path) -> None:
    """Evidence of every kind, about the pipeline as it is."""
    project = pipeline_folder(pipeline)
    now = subject_of(project, CONTRACT)
    for kind in KINDS:
        facts = _FACTS.get(kind, {"tried": 3})
        store.record(pipeline, Evidence(kind, True, "2026-11-01T12:00:00Z", now, facts, "team-d"))


def _prove(pipeline: Path) -> None:
    """What a conversion with `run=True` would have written."""

    def same(manifest: dict[str, Any]) -> None:
        stages = [stage["name"] for stage in manifest["stages"]]
        evidence = [{"stage": name, "variables": 2, "cells": 1, "files": 0} for name in stages]
        manifest["verdict"] = {"state": "same", "tolerance": "exact", "evidence": evidence}

    edit_json(pipeline / "conversion.json", same)


def lock(pipeline: Path) -> None:
    """What a run would have left: outputs, and `dvc.lock` over the files that are there."""
    yaml = YAML(typ="safe", pure=True)
    stages = yaml.load(pipeline / "dvc.yaml")["stages"]
    params = yaml.load(pipeline / "params.yaml") or {}
    locked = {}
    for name, stage in stages.items():
        entry = {"cmd": stage["cmd"], "deps": [], "params": {"params.yaml": {}}, "outs": []}
        for out in stage.get("outs", ()):
            (pipeline / out).parent.mkdir(parents=True, exist_ok=True)
            (pipeline / out).write_text(f'"{out}"\n', "utf-8")
            entry["outs"].append(_entry(pipeline, out))
        own = ["../features.py"] if name == "train" else []  # seen in a run only
        entry["deps"] = [_entry(pipeline, path) for path in [*stage.get("deps", ()), *own]]
        entry["params"]["params.yaml"] = {one: params[one] for one in stage.get("params", ())}
        locked[name] = entry
    with (pipeline / "dvc.lock").open("w") as stream:
        yaml.dump({"schema": "2.0", "stages": locked}, stream)


def _entry(pipeline: Path, path: str) -> dict[str, Any]:
    data = (pipeline / path).read_bytes()
    return {"path": path, "hash": "md5", "md5": hashlib.md5(data).hexdigest(), "size": len(data)}


def _second_pipeline(folder: Path) -> None:
    """Another pipeline that uses the same module."""
    folder.mkdir()
    manifest = {"version": 1, "notebook": {"path": "../other.ipynb"}, "package": "other", "stages": []}
    (folder / "conversion.json").write_text(json.dumps(manifest), "utf-8")
    entry = {"path": "../features.py", "hash": "md5", "md5": "0", "size": 1}
    with (folder / "dvc.lock").open("w") as stream:
        YAML(typ="safe").dump({"stages": {"one": {"cmd": "true", "deps": [entry]}}}, stream)


def _history(folder: Path) -> None:
    """Version 1 with another model, version 2 with the one on disk; deployments, and a way back that was gone."""
    md5 = hashlib.md5((folder / "pipeline" / MODEL).read_bytes()).hexdigest()
    head = git(folder, "rev-parse", "HEAD").strip()
    tag(folder, release_tag("churn", 1), release_body(1, "0" * 32, head))
    tag(folder, release_tag("churn", 2), release_body(2, md5, head))
    events = [("staging", "deploy", 2), ("production", "deploy", 1), ("production", "deploy", 2)]
    for number, (environment, kind, version) in enumerate([*events, ("production", "rollback", 1)], 1):
        body = {"version": 1, "action": kind, "number": version, "at": "2026-11-02T12:00:00Z", "by": "team-d"}
        tag(folder, deployment_tag("churn", environment, "champion", number), body)


def tag(folder: Path, name: str, body: Mapping[str, Any]) -> None:
    """An annotated tag, with data as ours have it."""
    git(folder, "tag", "-a", "--cleanup=verbatim", "-F", "-", name, text=f"{name}\n\n{json.dumps(body)}")


def release_body(number: int, md5: str, commit: str) -> dict[str, Any]:
    """What a version's tag binds."""
    from nb2prod.release.binding import Binding, File

    nothing: dict[str, Any] = {}
    binding = Binding(
        "churn", number, commit, "pipeline", "churn.ipynb", File(MODEL, md5), (), nothing, nothing, None, "", "", None,
        nothing, nothing, None, "2026-11-02T10:00:00Z", "team-d", "0.1.0",
    )  # fmt: skip
    return {"version": 1, "kind": "release", **asdict(binding)}
