"""git and DVC around a project: what was found, and what `--init` does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from nb2prod.adapters import dvc, git
from nb2prod.adapters.confidential import holds_credentials
from nb2prod.adapters.tree import project_files
from nb2prod.operations.dvc_yaml import reads_and_makes
from nb2prod.operations.project import Project
from nb2prod.pipeline.model import Pipeline


def found(project: Project, *, init: bool) -> tuple[str, ...]:
    """What people should know about the starting point."""
    notes = []
    if project.git is None and not init:
        notes.append("no git repository here: `--init` makes one")
    if project.dvc is None and not init:
        notes.append("no DVC repository here: `--init` makes one; until then the lock cannot be recorded")
    if project.dvc is not None and project.dvc != project.root:
        notes.append(f"the DVC repository is {project.dvc}")
    return tuple(notes)


def unheld(project: Project, pipeline: Pipeline) -> Iterator[str]:
    """Inputs that neither git nor DVC holds, and so no clone will have."""
    if project.git is None:
        return
    made = {file.root_path for stage in pipeline.stages for file in stage.writes}
    reads = {file.root_path: stage.name for stage in reversed(pipeline.stages) for file in stage.reads}
    places = {str(project.root / path): path for path in reads if path not in made}
    missing = git.ignored(project.git, places)
    held = _held_by_dvc(project) if missing else set()
    for one in missing:
        path = places[one.path]
        if not held.intersection((Path(one.path), *Path(one.path).parents)):
            what = f"stage `{reads[path]}` reads {path}, which no clone will have: git ignores it"
            if holds_credentials(path):
                yield f"{what}, as it should; put one beside each clone that runs the pipeline"
            else:
                yield (
                    f"{what} (line {one.line} of {one.source}: `{one.rule}`) and DVC does not hold it; "
                    f"take the line out and `dvc add {path}`"
                )


def _held_by_dvc(project: Project) -> set[Path]:
    """Files and folders that were added to DVC, or that pipelines make."""
    files = [project.root / path for path in project_files(project.root)]
    added = {file.with_suffix("") for file in files if file.suffix == ".dvc"}
    pipelines = [file.parent for file in files if file.name == "dvc.yaml"]
    return added | {Path(path) for folder in pipelines for path in reads_and_makes(folder)[1]}


def initialise(project: Project) -> Project:
    """Make the repositories that are missing; touch no configuration that is there."""
    if project.git is None:
        git.init(project.root)
    if project.dvc is None:
        dvc.init(project.root, scm=True)
    return replace(project, git=project.git or project.root, dvc=project.dvc or project.root)
