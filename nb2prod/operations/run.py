"""`nb2prod run`: bring a pipeline's outputs up to date, with DVC as the engine of record."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nb2prod.adapters.files import read_text, write_text
from nb2prod.errors import Stale, UsageError
from nb2prod.operations.progress import Progress, Silent
from nb2prod.operations.project import Project, pipeline_folder

if TYPE_CHECKING:
    from nb2prod.operations.warm import Warm

_SWITCH = "NB2PROD_WARM"


@dataclass(frozen=True, slots=True)
class Run:
    """What a run did. `folder` is the pipeline's, or the scratch copy's for overridden parameters."""

    folder: Path
    executed: tuple[str, ...]
    skipped: tuple[str, ...]
    metrics: Mapping[str, object]
    retried: tuple[str, ...] = ()

    @property
    def nothing_to_do(self) -> bool:
        """Whether everything was up to date."""
        return not self.executed


def run(
    folder: str | Path = ".",
    *,
    parameters: Mapping[str, object] | None = None,
    keep: bool = False,
    force: bool = False,
    stage: str | None = None,
    jobs: int | None = None,
    allow_undeclared: bool = False,
    progress: Progress | None = None,
    warm: Warm | None = None,
) -> Run:
    """Run what is out of date.

    `parameters` are tried in a scratch copy that leaves tracked state alone, unless `keep`. `stage` runs that one only.
    `jobs`: how many stages may run side by side, as far as memory goes; by default as many as there are processors.
    Their kernels are forked from a warm process; where that is not safe, and where the environment variable
    NB2PROD_WARM is 0, `dvc repro` runs the stages one by one. `warm` keeps that process for the next run.
    A stage that opens a file of the project that it does not declare fails, unless `allow_undeclared` (which
    `dvc repro` runs).
    Raises UsageError for an unknown parameter or stage, CellFailed where a cell raises, OutsideError where DVC fails,
    Stale where the last conversion was interrupted.
    """
    project = pipeline_folder(Path(folder))
    if project.dvc is None:
        raise UsageError(
            f"{project.folder} is in no DVC repository",
            hint="`dvc init` (or `dvc init --no-scm`) in the project's root",
        )
    _check_stage(project, stage)
    if (project.manifest or {}).get("unfinished"):
        raise Stale("the last conversion of this pipeline was interrupted", hint="convert the notebook again")
    if parameters:
        project = _with_parameters(project, parameters, keep)
    asked = Asked(force, stage, jobs, allow_undeclared)
    progress = progress or Silent()
    return _run_dvc(project, asked, progress) if _is_dvc(asked) else _run_warm(project, asked, progress, warm)


@dataclass(frozen=True, slots=True)
class Asked:
    """How to run: whatever DVC says or not, one stage or all, how many side by side (None: as many as cores)."""

    force: bool = False
    stage: str | None = None
    jobs: int | None = None
    allow_undeclared: bool = False


def _run_warm(project: Project, asked: Asked, progress: Progress, warm: Warm | None) -> Run:
    """Nothing to do is known from a stamp; else DVC's own reproduction in this process, stages in forked kernels.

    Where kernels cannot be forked, or this DVC is another one than was tested, `dvc repro` runs them.
    """
    from nb2prod.adapters import stamp

    assert project.dvc is not None
    clean = None if asked.force else stamp.clean_stages(project.dvc, project.folder)
    if clean is not None:
        return Run(project.folder, (), (asked.stage,) if asked.stage else clean, read_metrics(project))
    from nb2prod.adapters.machine import cores
    from nb2prod.adapters.reproduction import UnknownDvc
    from nb2prod.operations.execution import why_not_forked
    from nb2prod.operations.imports import read_needs
    from nb2prod.operations.reproduce import Order, reproduce

    needs = read_needs(project.folder, project.manifest or {}, asked.stage)
    if reason := why_not_forked(needs):
        return _run_dvc(project, asked, progress, reason)
    order = Order(force=asked.force, single=asked.stage, jobs=asked.jobs or cores())
    try:
        done = reproduce(project, needs, order, progress, warm)
    except UnknownDvc as unknown:
        return _run_dvc(project, asked, progress, f"this version of DVC has another `{unknown}`")
    return Run(project.folder, done.executed, done.skipped, read_metrics(project), done.retried)


def _run_dvc(project: Project, asked: Asked, progress: Progress, reason: str = "") -> Run:
    """`dvc repro`: one stage after the other, each in a papermill process of its own."""
    from nb2prod.adapters.settings import stage_rules
    from nb2prod.operations.dvc_repro import dvc_repro

    if reason:
        progress.note(f"`dvc repro` runs the stages: {reason}")
    if stage_rules(project.folder):
        progress.note("[tool.nb2prod.stages] is left out: `dvc repro` has neither timeouts nor retries")
    arguments = [*(["--force"] if asked.force else []), *(["--single-item", asked.stage] if asked.stage else [])]
    extra = {"NB2PROD_ALLOW_UNDECLARED": "1"} if asked.allow_undeclared else {}
    executed, skipped = dvc_repro(project, arguments, extra, progress)
    return Run(project.folder, tuple(executed), tuple(skipped), read_metrics(project))


def _is_dvc(asked: Asked) -> bool:
    """Whether everything is left to `dvc repro` because somebody asked for it."""
    return asked.allow_undeclared or os.environ.get(_SWITCH) == "0"


def current_parameters(folder: str | Path) -> dict[str, object]:
    """The parameters' values in a pipeline's `params.yaml`."""
    from nb2prod.operations.preflight import load_params

    project = pipeline_folder(Path(folder))
    return load_params(read_text(project.folder / "params.yaml") or "{}", project.folder)


def _check_stage(project: Project, stage: str | None) -> None:
    names = [one["name"] for one in (project.manifest or {}).get("stages", ())]
    if stage is not None and stage not in names:
        raise UsageError(f"there is no stage `{stage}`", hint=f"there are: {', '.join(names)}")


def _with_parameters(project: Project, parameters: Mapping[str, object], keep: bool) -> Project:
    """The project with changed parameters: itself, or a copy that shares its DVC cache."""
    from nb2prod.adapters.params import updated_params
    from nb2prod.operations.preflight import load_params
    from nb2prod.pipeline.parameters import overridden

    path = project.folder / "params.yaml"
    text = read_text(path) or "{}"
    values = overridden(load_params(text, project.folder), parameters)
    if not keep:
        project = _scratch_copy(project)
    write_text(project.folder / "params.yaml", updated_params(text, values))
    return project


def _scratch_copy(project: Project) -> Project:
    from nb2prod.adapters.tree import copy_files, project_files

    root = Path(tempfile.mkdtemp(prefix="nb2prod-run-")) / project.root.name
    copy_files(project.root, root, project_files(project.root))
    top = project.dvc or project.root
    place = root / top.relative_to(project.root) if top.is_relative_to(project.root) else root
    if not (place / ".dvc").exists():
        shutil.copytree(top / ".dvc", place / ".dvc", ignore=shutil.ignore_patterns("cache", "tmp"))
    cache = (top / ".dvc" / "cache").resolve()
    write_text(place / ".dvc" / "config.local", f"[core]\n    no_scm = true\n[cache]\n    dir = {cache}\n")
    return Project(root, root / project.layout.notebook, root / project.layout.folder, None, place)


def read_metrics(project: Project) -> dict[str, object]:
    """All metrics of the pipeline by name."""
    import json

    found: dict[str, object] = {}
    for path in sorted((project.folder / "metrics").glob("*.json")):
        found |= json.loads(path.read_text(encoding="utf-8"))
    return found
