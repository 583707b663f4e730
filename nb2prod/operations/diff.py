"""`nb2prod convert --diff`: what changed in the notebook since its conversion, and what converting again will do."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from nb2prod.adapters import git
from nb2prod.adapters.kernels import stage_file
from nb2prod.adapters.notebooks import read_notebook
from nb2prod.errors import Nb2prodError, UsageError
from nb2prod.notebook.model import Notebook
from nb2prod.operations import preflight
from nb2prod.operations.memory import last
from nb2prod.operations.project import Project, find_project
from nb2prod.operations.stages import stages_of
from nb2prod.operations.staleness import staleness
from nb2prod.pipeline.build import Request, build
from nb2prod.pipeline.changes import Version, cell_changes, pipeline_changes
from nb2prod.writers.generated import code_of_file
from nb2prod.writers.manifest import notebook_digests
from nb2prod.writers.project import stage_files

_VERSIONS = 50


@dataclass(frozen=True, slots=True)
class Changes:
    """`cells`, `pipeline`: sentences. `reason`: why the pipeline is stale, empty where it is not.

    `affected`, `kept`: stages that will, and that will not, be proved again; None where the notebook as it was
    converted is not known. `only_results`: parameters or data changed, the notebook did not.
    """

    project: Project
    reason: str
    cells: tuple[str, ...] = ()
    pipeline: tuple[str, ...] = ()
    affected: tuple[str, ...] | None = ()
    kept: tuple[str, ...] = ()
    only_results: bool = False


def diff(notebook: str | Path, out: str | Path | None = None) -> Changes:
    """What changed since the conversion. Runs nothing and writes nothing. Raises as `convert` does before it runs."""
    source = read_notebook(Path(notebook))
    project = find_project(Path(notebook), Path(out) if out else None)
    if project.manifest is None:
        raise UsageError(f"{project.folder} holds no pipeline yet", hint="convert the notebook first")
    found = staleness(project, source)
    if found.is_current:
        return Changes(project, "")
    if found.only_results:
        return Changes(project, found.reason, only_results=True)
    converted = _converted(project)
    if converted is None:
        return Changes(project, found.reason, affected=None)
    old, new = (_version(project, one) for one in (converted, source))
    affected = () if found.only_prose else _affected(project, old, new)
    kept = tuple(stage.name for stage in new.pipeline.stages if stage.name not in affected)
    return Changes(
        project,
        found.reason,
        cell_changes(old, new),
        pipeline_changes(old.pipeline, new.pipeline),
        affected,
        kept,
    )


def _converted(project: Project) -> Notebook | None:
    """The notebook as it was converted: as remembered on this machine, or from git's history."""
    wanted = (project.manifest or {})["notebook"]["text"]
    known = last(project)
    if known is not None and notebook_digests(known.notebook)["text"] == wanted:
        return known.notebook
    if project.git is None:
        return None
    with tempfile.TemporaryDirectory(prefix="nb2prod-") as scratch:
        place = Path(scratch) / project.notebook.name
        for text in git.versions(project.git, project.notebook, _VERSIONS):
            place.write_bytes(text)
            try:
                found = read_notebook(place)
            except Nb2prodError:
                continue
            if notebook_digests(found)["text"] == wanted:
                return found
    return None


def _version(project: Project, notebook: Notebook) -> Version:
    cut, _ = stages_of(notebook)
    values = preflight.current_values(project, notebook, cut)
    tree = preflight.project_tree(project)
    request = Request(notebook, cut, project.layout, project.name, project.package, values, tree)
    return Version(notebook, cut, build(request))


def _affected(project: Project, old: Version, new: Version) -> tuple[str, ...]:
    """Stages whose code is another one, and all that need what these make."""
    module = stage_file().read_text(encoding="utf-8")
    texts = [
        {file.path: code_of_file(file) for file in stage_files(one.pipeline, one.notebook, module)}
        for one in (old, new)
    ]
    folder, package = project.layout.folder, new.pipeline.package
    found: list[str] = []
    made: set[str] = set()
    for stage in new.pipeline.stages:
        paths = [stage.notebook, *(f"{package}/{name}.py" for name in stage.modules)]
        changed = any(texts[0].get(f"{folder}/{path}") != texts[1].get(f"{folder}/{path}") for path in paths)
        needs = {one.path for one in stage.inputs} | {file.path for file in stage.reads}
        if changed or needs & made:
            found.append(stage.name)
            made |= {one.path for one in stage.outputs} | {file.path for file in stage.writes}
    return tuple(found)
