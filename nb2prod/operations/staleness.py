"""Whether the pipeline on disk is what the notebook gives now. Runs nothing and needs no data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import nb2prod
from nb2prod.adapters.files import digest, read_text
from nb2prod.notebook.model import Notebook
from nb2prod.operations.preflight import load_params
from nb2prod.operations.project import Project
from nb2prod.pipeline.verdict import DIFFERENT, UNVERIFIED, Verdict
from nb2prod.writers.manifest import notebook_digests


@dataclass(frozen=True, slots=True)
class Staleness:
    """`reason` is empty where the pipeline is current."""

    reason: str
    verdict: Verdict

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
    reason = _changed(project, notebook, manifest)
    return Staleness(reason, Verdict(str(recorded["state"]), (), str(recorded.get("reason", ""))))


def _changed(project: Project, notebook: Notebook, manifest: dict[str, Any]) -> str:
    if manifest.get("unfinished"):
        return "its last conversion was interrupted"
    digests = notebook_digests(notebook)
    if digests["code"] != manifest["notebook"]["code"]:
        return f"the code or the tags of {notebook.file} changed"
    if digests["text"] != manifest["notebook"]["text"]:
        return f"the text of {notebook.file} changed"
    if manifest.get("nb2prod") != nb2prod.__version__:
        return f"it was written by nb2prod {manifest.get('nb2prod')}, this is {nb2prod.__version__}"
    if manifest["verdict"]["state"] in (UNVERIFIED, DIFFERENT):
        return "it was never proved: " + str(manifest["verdict"].get("reason", ""))
    for path, known in manifest["files"].items():
        found = digest(project.folder / path)
        if found != known:
            return f"{path} {'was edited' if found else 'is missing'}"
    return _parameters_changed(project, manifest) or _lock_changed(project)


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
        return "dvc.lock is missing" if project.dvc else ""
    stages = load_params(read_text(project.folder / "dvc.yaml") or "", project.folder).get("stages", {})
    locked = load_params(text, project.folder).get("stages", {})
    assert isinstance(stages, dict) and isinstance(locked, dict)
    for name, stage in stages.items():
        if name not in locked:
            return f"dvc.lock does not know stage `{name}`"
        if locked[name].get("cmd") != stage["cmd"]:
            return f"dvc.lock has another command for stage `{name}`"
        reason = _dependencies_changed(project, name, locked[name])
        if reason:
            return reason
    return ""


def _dependencies_changed(project: Project, name: str, locked: dict[str, Any]) -> str:
    """Notebooks and code are in git, so their hashes can be compared where there is no data."""
    import hashlib

    for entry in locked.get("deps", ()):
        path = str(entry["path"])
        source = (
            read_text(project.folder / path) if path.endswith((".ipynb", ".py")) and "artifacts/" not in path else None
        )
        if source is not None and hashlib.md5(source.encode(), usedforsecurity=False).hexdigest() != entry.get("md5"):
            return f"dvc.lock knows another {path} for stage `{name}`: `nb2prod run`"
    return ""
