"""git and DVC around a project: what was found, and what `--init` does."""

from __future__ import annotations

from dataclasses import replace

from nb2prod.adapters import dvc, git
from nb2prod.operations.project import Project


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


def initialise(project: Project) -> Project:
    """Make the repositories that are missing; touch no configuration that is there."""
    if project.git is None:
        git.init(project.root)
    if project.dvc is None:
        dvc.init(project.root, scm=True)
    return replace(project, git=project.git or project.root, dvc=project.dvc or project.root)
