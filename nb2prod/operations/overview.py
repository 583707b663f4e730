"""A pipeline as its files tell it: stages, what crosses, parameters, verdict, and whether it is stale. Runs nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nb2prod.adapters.files import read_text, write_text
from nb2prod.adapters.notebooks import read_notebook
from nb2prod.errors import Nb2prodError, Refused, UsageError
from nb2prod.operations.preflight import load_params
from nb2prod.operations.project import MANIFEST, Project, find_project, read_manifest
from nb2prod.operations.run import read_metrics
from nb2prod.operations.staleness import staleness

_MOST_LOG = 100_000


@dataclass(frozen=True, slots=True)
class Crossing:
    """What one stage hands on: names with their types, the file that holds them, why, and who needs it."""

    names: tuple[str, ...]
    types: tuple[str, ...]
    path: str
    format: str
    rung: str
    why: str
    bytes: int | None
    made_in: tuple[str, ...]
    needed_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StageView:
    """One stage. `cells`: ids of the notebook's. `needs`: stages whose outputs it reads. `differences`: sentences.

    `ran`: seconds since the epoch when it last ran, None where it never did. `has_log`: `stage_log` has something.
    """

    name: str
    cells: tuple[str, ...]
    needs: tuple[str, ...]
    parameters: tuple[str, ...]
    outputs: tuple[Crossing, ...]
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    metrics: tuple[str, ...]
    differences: tuple[str, ...]
    compared: str
    ran: float | None
    has_log: bool


@dataclass(frozen=True, slots=True)
class ParameterView:
    """A parameter as `params.yaml` has it. `type`: text, integer, number, truth, list, mapping or nothing."""

    name: str
    value: Any
    type: str
    stages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Overview:
    """`folder` and `notebook`: absolute. `exists`: there is a pipeline. `stale`: why it is, empty where it is not.

    `stale_kind`: `results` where only parameters or data changed, `prose` where only prose did, else `code`.
    """

    notebook: Path
    folder: Path
    exists: bool
    name: str = ""
    stale: str = ""
    stale_kind: str = ""
    verdict: str = ""
    verdict_reason: str = ""
    stages: tuple[StageView, ...] = ()
    parameters: tuple[ParameterView, ...] = ()
    merges: tuple[str, ...] = ()
    metrics: Mapping[str, Any] | None = None
    has_git: bool = False
    has_dvc: bool = False


def overview(notebook: Path) -> Overview:
    """The pipeline of the notebook. Raises UsageError for a `conversion.json` that cannot be read."""
    notebook = notebook.resolve()
    folder = pipeline_of(notebook)
    project = find_project(notebook, folder)
    manifest = project.manifest
    if manifest is None:
        return Overview(notebook, folder, False, has_git=project.git is not None, has_dvc=project.dvc is not None)
    stale, kind = _stale(project)
    recorded = manifest["verdict"]
    return Overview(
        notebook,
        folder,
        True,
        str(manifest["package"]),
        stale,
        kind,
        str(recorded["state"]),
        str(recorded.get("reason", "")),
        _stages(project, manifest),
        _parameters(project, manifest),
        tuple(f"{' + '.join(one['stages'])}: {one['reason']}" for one in manifest["merges"]),
        read_metrics(project),
        project.git is not None,
        project.dvc is not None,
    )


def pipeline_of(notebook: Path) -> Path:
    """The folder whose `conversion.json` names the notebook; `pipeline` beside it where there is none."""
    folders = [notebook.parent / "pipeline", *sorted(path.parent for path in notebook.parent.glob(f"*/{MANIFEST}"))]
    for folder in folders:
        known = read_manifest(folder)
        if known and (folder / str(known["notebook"]["path"])).resolve() == notebook:
            return folder
    default = folders[0]
    return default if not (default / MANIFEST).exists() else default.with_name(f"pipeline-{notebook.stem}")


def _stale(project: Project) -> tuple[str, str]:
    try:
        found = staleness(project, read_notebook(project.notebook))
    except Nb2prodError as error:
        return error.message, "code"
    kind = "results" if found.only_results else "prose" if found.only_prose else "code"
    return found.reason, kind if found.reason else ""


def _stages(project: Project, manifest: Mapping[str, Any]) -> tuple[StageView, ...]:
    evidence = {one["stage"]: one for one in manifest["verdict"].get("evidence", ())}
    makers = {out["path"]: one["name"] for one in manifest["stages"] for out in one["outputs"]}
    makers |= {path: one["name"] for one in manifest["stages"] for path in one["writes"]}
    return tuple(_stage(project, one, makers, evidence.get(one["name"], {})) for one in manifest["stages"])


def _stage(
    project: Project, one: Mapping[str, Any], makers: Mapping[str, str], evidence: Mapping[str, Any]
) -> StageView:
    name = str(one["name"])
    needs = dict.fromkeys(makers[path] for path in (*one["inputs"], *one["reads"]) if path in makers)
    ran = project.folder / "runs" / f"{name}.ipynb"
    return StageView(
        name,
        tuple(one["cells"]),
        tuple(need for need in needs if need != name),
        tuple(one["parameters"]),
        tuple(_crossing(out) for out in one["outputs"]),
        tuple(one["reads"]),
        tuple(one["writes"]),
        tuple(one["metrics"]),
        tuple(evidence.get("differences", ())),
        _compared(evidence),
        ran.stat().st_mtime if ran.exists() else None,
        ran.with_suffix(".log").exists(),
    )


def _compared(evidence: Mapping[str, Any]) -> str:
    if not evidence:
        return ""
    return f"{evidence['variables']} variables, {evidence['cells']} outputs, {evidence['files']} files"


def _crossing(out: Mapping[str, Any]) -> Crossing:
    return Crossing(
        tuple(out["names"]),
        tuple(out["types"]),
        str(out["path"]),
        str(out["format"]),
        str(out["rung"]),
        str(out.get("why", "")),
        out.get("bytes"),
        tuple(out["made in"]),
        tuple(need["stage"] for need in out["needed by"]),
    )


_TYPES = ((bool, "truth"), (int, "integer"), (float, "number"), (str, "text"), (list, "list"), (dict, "mapping"))


def _parameters(project: Project, manifest: Mapping[str, Any]) -> tuple[ParameterView, ...]:
    try:
        current = load_params(read_text(project.folder / "params.yaml") or "", project.folder)
    except Nb2prodError:
        current = {}
    users = {
        name: tuple(one["name"] for one in manifest["stages"] if name in one["parameters"])
        for name in manifest["parameters"]
    }
    values = {name: current.get(name, value) for name, value in manifest["parameters"].items()}
    return tuple(ParameterView(name, value, type_of(value), users[name]) for name, value in values.items())


def type_of(value: object) -> str:
    """The word for a parameter's type in a form."""
    return next((word for kind, word in _TYPES if isinstance(value, kind)), "nothing")


def set_parameters(notebook: Path, values: Mapping[str, Any]) -> Overview:
    """Write values into `params.yaml`, comments kept. Raises UsageError for an unknown name or another type."""
    from io import StringIO

    from ruamel.yaml import YAML

    found = overview(notebook)
    known = {one.name: one for one in found.parameters}
    for name, value in values.items():
        _expect(known, name, value)
    file = found.folder / "params.yaml"
    yaml = YAML()
    document = yaml.load(read_text(file) or "") or {}
    document.update(values)
    text = StringIO()
    yaml.dump(document, text)
    write_text(file, text.getvalue())
    return overview(notebook)


def _expect(known: Mapping[str, ParameterView], name: str, value: object) -> None:
    if name not in known:
        raise UsageError(f"the pipeline has no parameter `{name}`", hint=f"it has {', '.join(known) or 'none'}")
    wanted, given = known[name].type, type_of(value)
    if given != wanted and "nothing" not in (given, wanted) and (wanted, given) != ("number", "integer"):
        raise UsageError(f"`{name}` is {wanted}, and {json.dumps(value)} is {given}", hint=f"give it a {wanted}")


def stage_log(notebook: Path, stage: str) -> str:
    """What the stage's last run said, at most its end. Raises Refused where there is no log."""
    found = overview(notebook)
    if stage not in {one.name for one in found.stages}:
        raise UsageError(f"there is no stage `{stage}`", hint="choose one of the pipeline's")
    text = read_text(found.folder / "runs" / f"{stage}.log")
    if text is None:
        raise Refused(f"stage `{stage}` has no log yet", hint="run the pipeline")
    return text[-_MOST_LOG:]
