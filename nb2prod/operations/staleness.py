"""Whether the pipeline on disk is what the notebook gives now. Runs nothing and needs no data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import nb2prod
from nb2prod.adapters.files import digest, md5_of, read_text
from nb2prod.notebook.model import Notebook
from nb2prod.operations.preflight import load_params
from nb2prod.operations.project import Project
from nb2prod.operations.stages import stages_of
from nb2prod.pipeline.verdict import DIFFERENT, NOT_RUN, OVER_BUDGET, TRUSTED, UNVERIFIED, Verdict
from nb2prod.writers.manifest import cut_digest, notebook_digests


@dataclass(frozen=True, slots=True)
class Staleness:
    """`reason` is empty where the pipeline is current.

    `only_results`: the files are what the notebook gives, but they were not run with the parameters and data of now.
    `only_prose`: the pipeline computes what the notebook computes; prose or comments are not the notebook's.
    """

    reason: str
    verdict: Verdict
    only_results: bool = False
    only_prose: bool = False

    @property
    def is_current(self) -> bool:
        """Whether nothing has to be done."""
        return not self.reason


def staleness(project: Project, notebook: Notebook) -> Staleness:
    """Compare the notebook, the generated files, the parameters and the lock with what was recorded."""
    manifest = project.manifest
    if manifest is None:
        return Staleness("there is no pipeline yet", Verdict(UNVERIFIED))
    recorded = manifest["verdict"]
    verdict = Verdict(str(recorded["state"]), (), str(recorded.get("reason", "")))
    reason = _changed(project, notebook, manifest)
    if reason:
        return Staleness(reason, verdict)
    if locked := _lock_changed(project):
        return Staleness(locked, verdict, only_results=True)
    if notebook_digests(notebook)["text"] != manifest["notebook"]["text"]:
        return Staleness(f"prose or comments of {notebook.file} changed, its code did not", verdict, only_prose=True)
    return Staleness("", verdict)


def _changed(project: Project, notebook: Notebook, manifest: dict[str, Any]) -> str:
    if manifest.get("unfinished"):
        return "its last conversion was interrupted"
    digests = notebook_digests(notebook)
    if digests["code"] != manifest["notebook"]["code"]:
        return f"the code or the tags of {notebook.file} changed"
    if digests["text"] != manifest["notebook"]["text"] and _stages(notebook) != manifest["notebook"].get("stages"):
        return f"the stages of {notebook.file} changed with its headings"
    if manifest.get("nb2prod") != nb2prod.__version__:
        return f"it was written by nb2prod {manifest.get('nb2prod')}, this is {nb2prod.__version__}"
    why = str(manifest["verdict"].get("reason", ""))
    if manifest["verdict"]["state"] == DIFFERENT or why == NOT_RUN or why.startswith((OVER_BUDGET, TRUSTED)):
        return f"it was never proved: {why or DIFFERENT}"
    for path, known in manifest["files"].items():
        found = digest(project.folder / path)
        if found != known:
            return f"{path} {'was edited' if found else 'is missing'}"
    return _parameters_changed(project, manifest)


def _stages(notebook: Notebook) -> str:
    cut, _ = stages_of(notebook)
    return cut_digest(notebook, cut)


def _parameters_changed(project: Project, manifest: dict[str, Any]) -> str:
    text = read_text(project.folder / "params.yaml")
    if text is None:
        return "params.yaml is missing"
    current = load_params(text, project.folder)
    return "" if current.keys() == manifest["parameters"].keys() else "params.yaml has other parameters"


def _lock_changed(project: Project) -> str:
    """`dvc.lock`, where there is one, must name the stages and commands of `dvc.yaml`."""
    text = read_text(project.folder / "dvc.lock")
    if text is None:
        return "dvc.lock is missing" if project.dvc else _values_changed(project)
    stages = load_params(read_text(project.folder / "dvc.yaml") or "", project.folder).get("stages", {})
    locked = load_params(text, project.folder).get("stages", {})
    assert isinstance(stages, dict) and isinstance(locked, dict)
    for name, stage in stages.items():
        if name not in locked:
            return f"dvc.lock does not know stage `{name}`"
        if locked[name].get("cmd") != stage["cmd"]:
            return f"dvc.lock has another command for stage `{name}`"
        reason = _parameters_moved(project, name, locked[name]) or _dependencies_changed(project, name, locked[name])
        if reason:
            return reason
    return ""


def _values_changed(project: Project) -> str:
    """Without a lock the values at the last conversion are the ones that were proved."""
    current = load_params(read_text(project.folder / "params.yaml") or "", project.folder)
    recorded = (project.manifest or {}).get("parameters", {})
    moved = sorted(name for name, value in recorded.items() if current.get(name) != value)
    return f"it was converted with other values of {', '.join(moved)}" if moved else ""


def _parameters_moved(project: Project, name: str, locked: dict[str, Any]) -> str:
    current = load_params(read_text(project.folder / "params.yaml") or "", project.folder)
    for parameter, value in locked.get("params", {}).get("params.yaml", {}).items():
        if current.get(parameter) != value:
            return f"stage `{name}` was run with {parameter}={value!r}, params.yaml has {current.get(parameter)!r}"
    return ""


def _dependencies_changed(project: Project, name: str, locked: dict[str, Any]) -> str:
    """What is in git can be compared where there is no data; data are compared where they are."""
    for entry in locked.get("deps", ()):
        found = md5_of(project.folder / str(entry["path"])) if "md5" in entry else None
        if found and found != entry["md5"]:
            return f"stage `{name}` was run with another {entry['path']}"
    return ""
