"""`nb2prod ready`: look at everything, execute nothing of the notebook, say which criteria are met.

1. The path is a notebook, a pipeline's folder, or a folder that holds one of them.
2. `check` reads the notebook as it is now.
3. Where there is a pipeline: conversion, contract (written as a proposal where there is none), evidence, git's tags,
   files.
4. The criteria of the level are judged by what was seen.
"""

from __future__ import annotations

import re
from pathlib import Path

from nb2prod.adapters import git
from nb2prod.adapters.clock import timestamp
from nb2prod.adapters.sources import notebooks
from nb2prod.errors import UsageError
from nb2prod.operations import project as projects
from nb2prod.operations.agreement import agreement, name_of
from nb2prod.operations.check import check
from nb2prod.operations.evidence_seen import Surroundings, pipeline_seen
from nb2prod.operations.project import Project
from nb2prod.operations.watched import remember_predictions
from nb2prod.readiness.criterion import LEVELS
from nb2prod.readiness.judging import Readiness, judge
from nb2prod.readiness.known import Found, Known, Repository

# What the verbs themselves write between two commits.
_BY_US = re.compile(r"/evidence/[^/]*\Z|/(MODEL_CARD|RUNBOOK)\.md\Z")


def ready(path: str | Path = ".", *, level: int = 0, run_tests: bool = False) -> Readiness:
    """The criteria that `level` asks. `run_tests`: the pipeline's own first, which are recorded; nothing else is
    executed.

    Raises UsageError for a path that means no notebook, or a level that is none; OutsideError where pytest is
    missing.
    """
    if level not in LEVELS:
        raise UsageError(f"there is no level {level}", hint=f"one of {', '.join(map(str, LEVELS))}")
    notebook, project = _meant(Path(path))
    if run_tests and project is None:
        raise UsageError(f"{path} is not converted: there are no tests", hint=f"`nb2prod convert {path}`")
    if run_tests and project:
        from nb2prod.operations.pipeline_tests import run_pipeline_tests

        run_pipeline_tests(project.folder)
    return judge(_known(notebook.resolve(), project), level)


def _meant(path: Path) -> tuple[Path, Project | None]:
    """The notebook, and its pipeline where it has one."""
    if path.is_file():
        return path, _pipeline_of(path.resolve())
    if path.is_dir() and _holds_pipelines(path.resolve()):
        project = projects.pipeline_folder(path)
        return project.notebook, project
    found = notebooks([path])
    if len(found) != 1:
        raise UsageError(
            f"{path} holds no pipeline and {len(found)} notebooks", hint="name one notebook, or a pipeline's folder"
        )
    return found[0], _pipeline_of(found[0].resolve())


def _holds_pipelines(folder: Path) -> bool:
    return (folder / projects.MANIFEST).exists() or any(folder.glob(f"*/{projects.MANIFEST}"))


def _pipeline_of(notebook: Path) -> Project | None:
    """The one beside the notebook that was made from it."""
    for manifest in sorted(notebook.parent.glob(f"*/{projects.MANIFEST}")):
        project = projects.pipeline_folder(manifest.parent)
        if project.notebook == notebook:
            return project
    return None


def _known(notebook: Path, project: Project | None) -> Known:
    top = project.git if project else git.root(notebook.parent)
    root = project.root if project else top or notebook.parent
    now = timestamp()
    findings, unread = _findings(notebook, needed=project is None)
    contract = agreement(project) if project else None  # before git is asked: it may be written now
    around = Surroundings(root.resolve(), top, git.state(top) if top else None)
    if project and top and contract:
        remember_predictions(project.folder, top, name_of(project), contract.log.retention_days)
    seen = pipeline_seen(project, contract, around) if project and contract else None
    name = name_of(project) if project else notebook.stem
    return Known(name, around.name(notebook), now, findings, unread, _repository(around, seen is not None), seen)


def _findings(notebook: Path, *, needed: bool) -> tuple[tuple[Found, ...] | None, str]:
    """Errors and warnings; what is only information asks nobody to act. `needed`: without it nothing can be said."""
    try:
        found = check(notebook)
    except UsageError as error:
        if needed:
            raise
        return None, error.message
    counted = [one for one in found.diagnostics if one.severity != "info"]
    return tuple(Found(one.code, f"in cell {one.cell_index + 1}: {one.message}") for one in counted), ""


def _repository(around: Surroundings, has_pipeline: bool) -> Repository | None:
    state = around.state
    if state is None:
        return None
    changed = tuple(path for path in state.changed if not (has_pipeline and _BY_US.search(f"/{path}")))
    return Repository(state.commit, state.at, changed, state.shallow)
