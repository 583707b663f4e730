"""What can be known before anything runs."""

from __future__ import annotations

import os
from copy import deepcopy
from functools import lru_cache
from pathlib import Path
from typing import Any

from nb2prod.adapters import git
from nb2prod.adapters.files import read_text
from nb2prod.adapters.kernels import kernel_names
from nb2prod.adapters.tree import project_files
from nb2prod.errors import OutsideError, Refused, UsageError
from nb2prod.notebook.model import Notebook
from nb2prod.notebook.stages import Cut
from nb2prod.operations.project import Project
from nb2prod.pipeline.model import Pipeline
from nb2prod.pipeline.parameters import merged_values
from nb2prod.pipeline.program import literal_parameters

_KEPT = ("conversion.json", "requirements.txt", "Dockerfile", "README.md", "tests/conftest.py")


def check(project: Project, notebook: Notebook, cut: Cut, *, run: bool) -> None:
    """Raise UsageError, Refused or OutsideError for what would fail later anyway."""
    _check_writable(project.folder)
    _check_kept_by_git(project, cut)
    if run and notebook.kernel not in kernel_names():
        known = ", ".join(sorted(kernel_names())) or "none"
        raise OutsideError(
            f"there is no kernel `{notebook.kernel}` here (installed: {known})",
            hint=f"in its environment: `python -m ipykernel install --user --name {notebook.kernel}`; or --kernel NAME",
        )


def _check_kept_by_git(project: Project, cut: Cut) -> None:
    """A clone holds what git holds, and DVC refuses to work on a `dvc.yaml` that git ignores."""
    if project.git is None:
        return
    stages = [f"stages/{stage.name}.ipynb" for stage in cut.stages]
    names = ("dvc.yaml", "params.yaml", "dvc.lock", *stages, f"{project.package}/_stage.py", *_KEPT)
    found = git.ignored(project.git, [str(project.folder / name) for name in names])
    if found:
        first, folder = found[0], project.layout.folder
        path = Path(first.path).relative_to(project.root).as_posix()
        raise Refused(
            f"git ignores {path}, which every clone needs: line {first.line} of {first.source} says `{first.rule}`",
            hint=f"write `!{folder}/` and `!{folder}/**` below that line, or choose another folder with --out",
        )


def _check_writable(folder: Path) -> None:
    existing = next(parent for parent in (folder, *folder.parents) if parent.exists())
    if not os.access(existing, os.W_OK):
        raise OutsideError(f"{existing} is not writable", hint="choose another folder with --out; nothing was changed")


def current_values(project: Project, notebook: Notebook, cut: Cut) -> dict[str, object]:
    """The parameters' values: those of `params.yaml` where there is one, else the notebook's."""
    if cut.parameters is None:
        return {}
    defaults = {one.name: one.value for one in literal_parameters(notebook.cells[cut.parameters])}
    text = read_text(project.folder / "params.yaml")
    if text is None:
        return defaults
    manifest = project.manifest or {}
    return merged_values(defaults, load_params(text, project.folder), manifest.get("parameters", {}))


def load_params(text: str, folder: Path) -> dict[str, object]:
    """The mapping in `params.yaml`. Raises UsageError where it is none."""
    from ruamel.yaml.error import YAMLError

    try:
        found = deepcopy(_loaded(text)) or {}
    except YAMLError as error:
        raise UsageError(f"{folder / 'params.yaml'} is not valid YAML: {error}", hint="correct it") from error
    if not isinstance(found, dict):
        raise UsageError(
            f"{folder / 'params.yaml'} is not a mapping of names to values", hint="write `NAME: VALUE` lines"
        )
    return {str(name): value for name, value in found.items()}


@lru_cache(maxsize=8)
def _loaded(text: str) -> Any:
    """A verb looks at the same few files, `dvc.lock` above all, from several sides; reading YAML is what takes time."""
    from ruamel.yaml import YAML

    return YAML(typ="safe", pure=True).load(text)


def project_tree(project: Project) -> frozenset[str]:
    """The project's files, relative to its root."""
    return frozenset(path.as_posix() for path in project_files(project.root, [project.folder]))


def check_files(project: Project, pipeline: Pipeline) -> None:
    """Raise Refused for outputs that DVC could not own."""
    outputs = {file.root_path: stage.name for stage in pipeline.stages for file in stage.writes}
    outside = sorted(path for path in outputs if path.startswith("../"))
    if outside:
        raise Refused(
            f"stage `{outputs[outside[0]]}` writes {outside[0]}, outside the project",
            hint="write below the notebook's folder, or tag the cell `skip`",
        )
    tracked = git.tracked(project.git, outputs) if project.git else []
    if tracked:
        raise Refused(
            f"stage `{outputs[tracked[0]]}` writes {tracked[0]}, which git tracks; DVC cannot own it",
            hint=f"git rm --cached {tracked[0]}",
        )
