"""What there is to be seen of a pipeline, without running anything: for `ready`, and for whoever shows it."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nb2prod.adapters import evidence, git, tags
from nb2prod.adapters.clock import timestamp
from nb2prod.adapters.documents import read_document
from nb2prod.adapters.files import md5_of, read_text
from nb2prod.contract.model import FILE, Contract
from nb2prod.errors import UsageError
from nb2prod.operations.agreement import name_of
from nb2prod.operations.locked import Locked, Tracked, locked_files
from nb2prod.operations.project import MANIFEST, Project, read_manifest
from nb2prod.operations.staleness import staleness
from nb2prod.operations.subject import lockfile_of, subject_of
from nb2prod.readiness.known import Conversion, Dated, Deployment, Input, Pipeline, Release
from nb2prod.release.ledger import Ledger, ledger, told

_DELIVERY = ("nb2prod release", "nb2prod deploy", '"$tool/bin/nb2prod" release', '"$tool/bin/nb2prod" deploy')


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The project's root, git's work tree and its state, where there are any."""

    root: Path
    top: Path | None
    state: git.State | None

    def name(self, path: Path) -> str:
        """As people find it, from the root."""
        return os.path.relpath(path, self.root).replace(os.sep, "/")

    def dated(self, path: Path | None) -> Dated | None:
        """The file, with the time of the commit that changed it last; of the disk where that is newer than any
        commit.
        """
        if path is None or not path.exists():
            return None
        name = self.name(path)
        if not self._is_changed(name) and self.top and (at := git.last_change(self.top, [name]).get(name)):
            return Dated(name, at)
        return Dated(name, timestamp(datetime.fromtimestamp(path.stat().st_mtime, UTC)))

    def _is_changed(self, name: str) -> bool:
        changed = self.state.changed if self.state else ()
        return any(
            one == name or one.startswith(f"{name}/") or (one[-1] == "/" and name.startswith(one)) for one in changed
        )


def pipeline_seen(project: Project, contract: Contract, around: Surroundings) -> Pipeline:
    """Everything about the pipeline, whose `contract` it is. Raises UsageError, OutsideError for unreadable files."""
    manifest = project.manifest or {}
    locked = locked_files(project)
    model = _model(project, locked, contract.model.artifact)
    stored = evidence.stored(project.folder)
    name = name_of(project)
    history = ledger(name, tags.read_tags(around.top)) if around.top else Ledger(name)
    workflows = [path for path in _workflows(project, manifest) if path.exists()]
    return Pipeline(
        folder=around.name(project.folder),
        conversion=_conversion(project, manifest, around, _tampered(locked, contract.model.artifact, model)),
        subject=subject_of(project, contract),
        inputs=_inputs(project, locked, around) if locked else None,
        lock=around.dated(project.folder / "dvc.lock"),
        model=model,
        contract=contract,
        contract_file=around.dated(project.folder / FILE),
        evidence={one.kind: one for one in stored.evidence},
        unreadable={one.path.stem: one.why for one in stored.unreadable},
        releases=_releases(history),
        deployments=_deployments(history),
        lockfile=around.dated(lockfile_of(project)),
        schema=around.dated(project.folder / contract.validation.schema),
        card=around.dated(project.folder / "MODEL_CARD.md"),
        runbook=around.dated(project.folder / "RUNBOOK.md"),
        workflow=around.dated(workflows[0]) if workflows else None,
        delivers=any(words in (read_text(path) or "") for path in workflows for words in _DELIVERY),
        shared=_shared(project, around),
    )


def _conversion(project: Project, manifest: dict[str, Any], around: Surroundings, tampered: str) -> Conversion:
    verdict = manifest["verdict"]
    record = around.dated(project.folder / MANIFEST)
    assert record is not None  # it made this folder a pipeline's
    compared = [sum(one[what] for one in verdict.get("evidence", ())) for what in ("variables", "cells", "files")]
    said = "{} variables, {} cells' outputs and {} files compared".format(*compared) if any(compared) else ""
    stale, behind = _stale(project)
    return Conversion(str(verdict["state"]), str(verdict.get("reason", "")), record, said, stale, behind or tampered)


def _tampered(locked: Locked | None, artifact: str | None, model: str | None) -> str:
    """Why the model on disk is none that a run made; empty where it is, or where nobody can tell."""
    made = locked.outputs.get(artifact) if locked and artifact else None
    return f"{artifact} changed after the run that made it" if made and model != made else ""


def _stale(project: Project) -> tuple[str, str]:
    """(why the verdict is of other code, why the results are not those of now)."""
    try:
        found = staleness(project, read_document(project.notebook))
    except UsageError as error:
        return error.message, ""
    if found.is_current or found.only_prose:
        return "", ""
    return (
        ("", f"data or parameters changed after the last run: {found.reason}")
        if found.only_results
        else (
            f"code changed after it: {found.reason}",
            "",
        )
    )


def _inputs(project: Project, locked: Locked, around: Surroundings) -> tuple[Input, ...]:
    named = {one.path: around.name((project.folder / one.path).resolve()) for one in locked.inputs}
    tracked = set(git.tracked(around.top, named.values())) if around.top else set()
    made = _made_elsewhere(project)
    return tuple(
        Input(name, _kept_by(project.folder / one.path, name, tracked, made), one.is_changed)
        for one, name in ((one, named[one.path]) for one in locked.inputs)
    )


def _kept_by(path: Path, name: str, tracked: Iterable[str], made: set[Path]) -> str | None:
    if any(one == name or one.startswith(f"{name}/") for one in tracked):
        return "git"
    above = (path.resolve(), *path.resolve().parents)
    return (
        "DVC" if any(one.with_name(f"{one.name}.dvc").is_file() or one in made for one in above if one.name) else None
    )


def _made_elsewhere(project: Project) -> set[Path]:
    """The outputs of the project's other pipelines."""
    found = set()
    for folder in _pipelines(project):
        locked = locked_files(_with_folder(project, folder)) if folder != project.folder else None
        found |= {(folder / path).resolve() for path in (locked.outputs if locked else ())}
    return found


def _model(project: Project, locked: Locked | None, artifact: str | None) -> str | None:
    if artifact is None:
        return None
    return md5_of(project.folder / artifact) or (locked.outputs.get(artifact) if locked else None)


def _releases(history: Ledger) -> tuple[Release, ...]:
    return tuple(
        Release(one.tag.name, told(one.number), one.at, one.binding.artifact.md5 if one.binding else None)
        for one in history.releases
    )


def _deployments(history: Ledger) -> tuple[Deployment, ...]:
    return tuple(
        Deployment(one.tag.name, told(one.version), one.environment, one.at, one.kind) for one in history.deployments
    )


def _workflows(project: Project, manifest: dict[str, Any]) -> list[Path]:
    """The pipeline's own in CI, and others of the project that call nb2prod."""
    offered = [project.folder / path for path in manifest.get("offered", ()) if path.endswith(".yml")]
    own = [path.resolve() for path in offered]
    others = [*project.root.glob(".github/workflows/*.y*ml"), *project.root.glob(".gitlab-ci.yml")]
    return [*own, *(path for path in sorted(others) if path not in own)]


def _shared(project: Project, around: Surroundings) -> tuple[str, ...]:
    """`module (pipeline, pipeline)` for modules of this pipeline that another one uses too."""
    users: dict[Path, set[str]] = defaultdict(set)
    folders = _pipelines(project)
    for folder in folders if len(folders) > 1 else ():
        for module in _modules(_with_folder(project, folder)):
            users[module].add(around.name(folder))
    mine = around.name(project.folder)
    shared = {module: names for module, names in users.items() if mine in names and len(names) > 1}
    return tuple(f"{around.name(module)} ({', '.join(sorted(names))})" for module, names in sorted(shared.items()))


def _modules(project: Project) -> list[Path]:
    locked = locked_files(project)
    found: Iterable[Tracked] = locked.modules if locked else ()
    return [(project.folder / one.path).resolve() for one in found if one.path.endswith(".py")]


def _pipelines(project: Project) -> list[Path]:
    """Folders of the project that hold a pipeline: this one, and those that are committed."""
    tracked = git.tracked(project.git, [f"*{MANIFEST}"]) if project.git else []
    found = {(project.git / path).parent.resolve() for path in tracked if project.git and Path(path).name == MANIFEST}
    return sorted(found | {project.folder})


def _with_folder(project: Project, folder: Path) -> Project:
    manifest = read_manifest(folder) or {}
    notebook = (folder / str(manifest.get("notebook", {}).get("path", "."))).resolve()
    return Project(project.root, notebook, folder, project.git, project.dvc)
