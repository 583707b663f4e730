"""`nb2prod debug`: a stage in a scratch copy, its inputs loaded and its kernel alive where it failed."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nb2prod.adapters.confidential import redacted
from nb2prod.adapters.files import read_text, write_text
from nb2prod.adapters.kernels import Session
from nb2prod.adapters.lasting_kernel import open_lasting_session
from nb2prod.adapters.notebooks import read_notebook
from nb2prod.adapters.papermill import executed, parameterised
from nb2prod.adapters.tree import copy_files, project_files
from nb2prod.errors import CellFailed, UsageError
from nb2prod.operations.keeping_secrets import secret_values
from nb2prod.operations.preflight import load_params
from nb2prod.operations.progress import Progress, Silent
from nb2prod.operations.project import Project, pipeline_folder


@dataclass(frozen=True, slots=True)
class Debugging:
    """Where a stage stands. `cell`: the one that raised, or that is next; empty at the stage's end.

    `notebook`: the scratch copy of the stage's notebook, executed so far. `connection`: the kernel's file, for
    `jupyter console --existing`. `inputs`: what is loaded. `process`: the kernel's id.
    """

    stage: str
    folder: Path
    notebook: Path
    connection: Path
    process: int
    cell: str
    inputs: tuple[str, ...]
    failed: CellFailed | None = None


def debug(
    stage: str, folder: str | Path = ".", *, at: str | None = None, progress: Progress | None = None
) -> Debugging:
    """Run the stage in a copy of the project up to the cell that fails, or up to `at` (a cell's number or id).

    The kernel stays alive; the pipeline stays as it is. Raises UsageError for an unknown stage or cell, and for inputs
    that are not there.
    """
    project = pipeline_folder(Path(folder))
    record = _record(project, stage)
    text = read_text(project.folder / "stages" / f"{stage}.ipynb")
    if text is None:
        raise UsageError(f"{project.folder / 'stages' / f'{stage}.ipynb'} is missing", hint="convert the notebook")
    document = parameterised(text, load_params(read_text(project.folder / "params.yaml") or "", project.folder))
    labels = _labels(project, document)
    stop = _position(document, labels, at, stage)
    scratch = Path(tempfile.mkdtemp(prefix="nb2prod-debug-"))
    place = scratch / project.root.name
    copy_files(project.root, place, _files(project, record))
    copy = place / project.layout.notebook_folder
    copy.mkdir(parents=True, exist_ok=True)
    for name in ("artifacts", "metrics"):  # DVC makes the folders of outputs, too
        (place / project.layout.folder / name / stage).mkdir(parents=True, exist_ok=True)
    connection, notebook = scratch / "kernel.json", copy / f"debug_{stage}.ipynb"
    kernel = str(document.metadata["kernelspec"]["name"])
    with open_lasting_session(kernel, copy, connection) as (session, process):
        number, failed = _run_until(session, document, labels, stop, progress or Silent())
    text = executed(document)
    if values := secret_values(project):
        text = values.redacted(text)
        failed = redacted(failed, values) if failed else None
    write_text(notebook, text)
    cell = labels[number] if number < len(document.cells) else ""
    return Debugging(stage, place, notebook, connection, process, cell, _inputs(project, record), failed)


def _record(project: Project, stage: str) -> Mapping[str, Any]:
    stages = (project.manifest or {}).get("stages", ())
    found = next((one for one in stages if one["name"] == stage), None)
    if found is None:
        raise UsageError(f"there is no stage `{stage}`", hint=f"there are: {', '.join(one['name'] for one in stages)}")
    missing = [path for path in (*found["inputs"], *found["reads"]) if not (project.folder / path).exists()]
    if missing and "$" not in missing[0]:
        raise UsageError(
            f"stage `{stage}` needs {missing[0]}, which is not there",
            hint=f"`dvc pull`, or `nb2prod run {project.folder}`, which makes what comes before",
        )
    return dict(found)


def _files(project: Project, record: Mapping[str, Any]) -> Iterable[Path]:
    """The project's files without the stage's own outputs: DVC removes them before a run, too."""
    made = [*(one["path"] for one in record["outputs"]), *record["writes"], f"metrics/{record['name']}.json"]
    left_out = [(project.folder / path).resolve() for path in made]
    return project_files(project.root, left_out)


def _labels(project: Project, document: Any) -> dict[int, str]:
    """What each code cell is called: the notebook's own number and id, or what it is there for."""
    own = {cell.id: cell.label for cell in read_notebook(project.notebook).cells} if project.notebook.exists() else {}
    found = {}
    for number, cell in enumerate(document.cells):
        kind = next((tag for tag in cell.metadata.get("tags", ()) if tag.startswith("nb2prod-")), "parameters")
        found[number] = own.get(cell.id) or f"the {kind.removeprefix('nb2prod-')} cell"
    return found


def _position(document: Any, labels: Mapping[int, str], at: str | None, stage: str) -> int:
    """The position of the cell to stop at; past the end where none is asked for."""
    if at is None:
        return len(document.cells)
    code = [number for number, cell in enumerate(document.cells) if cell.cell_type == "code"]
    for number in code:
        if at == document.cells[number].id or labels[number].startswith(f"cell {at} ("):
            return number
    known = ", ".join(labels[number] for number in code if labels[number].startswith("cell "))
    raise UsageError(f"stage `{stage}` has no cell {at}", hint=f"there are: {known}")


def _run_until(
    session: Session, document: Any, labels: Mapping[int, str], stop: int, progress: Progress
) -> tuple[int, CellFailed | None]:
    """(position of the cell that failed or comes next, its error)."""
    from nbformat import from_dict

    for number, cell in enumerate(document.cells[:stop]):
        if cell.cell_type != "code":
            continue
        progress.cell(labels[number], number + 1, len(document.cells))
        try:
            run = session.run(cell.source, labels[number], tuple(cell.metadata.get("tags", ())))
        except CellFailed as failed:
            return number, failed
        cell.outputs = [from_dict(output) for output in run.outputs]
    return stop, None


def _inputs(project: Project, record: Mapping[str, Any]) -> tuple[str, ...]:
    """The names that the stage's inputs bind."""
    stages = (project.manifest or {}).get("stages", ())
    names = {out["path"]: out["names"] for one in stages for out in one["outputs"]}
    found = [name for path in record["inputs"] for name in names.get(path, ())]
    return tuple(name for name in found if not name.startswith("$"))
