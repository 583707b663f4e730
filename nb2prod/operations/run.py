"""`nb2prod run`: bring a pipeline's outputs up to date, with DVC as the engine of record.

Nothing to do is known from a stamp of the files, without DVC. Otherwise DVC says what is out of date, looks into its
run cache, and records what was executed; kernels are forked from a process that has the stages' libraries imported.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nb2prod.adapters import stamp
from nb2prod.adapters.files import read_text, write_text
from nb2prod.errors import Stale, UsageError
from nb2prod.operations.progress import Progress, Silent
from nb2prod.operations.project import Project, pipeline_folder

if TYPE_CHECKING:
    from nb2prod.operations.warm import Warm


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
    progress: Progress | None = None,
    warm: Warm | None = None,
) -> Run:
    """Run what is out of date.

    `parameters` are tried in a scratch copy that leaves tracked state alone, unless `keep`. `stage` runs that one only.
    `jobs`: how many stages may run side by side (default: the number of cores). `warm` keeps the kernels' warm process
    for the next run.
    Raises UsageError for an unknown parameter or stage, CellFailed where a cell raises, OutsideError where DVC fails,
    Stale where the last conversion was interrupted.
    """
    project = pipeline_folder(Path(folder))
    if project.dvc is None:
        raise UsageError(
            f"{project.folder} is in no DVC repository",
            hint="`dvc init` (or `dvc init --no-scm`) in the project's root",
        )
    manifest = project.manifest or {}
    _check_stage(manifest, stage)
    if manifest.get("unfinished"):
        raise Stale("the last conversion of this pipeline was interrupted", hint="convert the notebook again")
    if parameters:
        project = _with_parameters(project, parameters, keep)
    clean = None if force else stamp.clean_stages(_top(project), project.folder)
    if clean is not None:
        return Run(project.folder, (), (stage,) if stage else clean, read_metrics(project))
    from nb2prod.operations.reproduce import Order, reproduce

    order = Order(force=force, single=stage, jobs=jobs or os.cpu_count() or 1)
    done = reproduce(project, manifest, order, progress or Silent(), warm)
    return Run(project.folder, done.executed, done.skipped, read_metrics(project), done.retried)


def current_parameters(folder: str | Path) -> dict[str, object]:
    """The parameters' values in a pipeline's `params.yaml`."""
    from nb2prod.operations.preflight import load_params

    project = pipeline_folder(Path(folder))
    return load_params(read_text(project.folder / "params.yaml") or "{}", project.folder)


def _top(project: Project) -> Path:
    assert project.dvc is not None
    return project.dvc


def _check_stage(manifest: Mapping[str, Any], stage: str | None) -> None:
    names = [one["name"] for one in manifest.get("stages", ())]
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
    found: dict[str, object] = {}
    for path in sorted((project.folder / "metrics").glob("*.json")):
        found |= json.loads(path.read_text(encoding="utf-8"))
    return found
