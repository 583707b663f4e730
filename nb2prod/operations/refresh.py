"""`nb2prod run --refresh`: look at the sources again, and note what changed where DVC sees it.

The stage's own code is run up to its last read, in a scratch copy: only it knows its addresses, statements and
credentials, of which nothing is stored. What it reads is hashed and thrown away; what it would write is refused. A
database in a file is hashed as it stands, and nothing is run.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from nb2prod.adapters.confidential import Values, redacted
from nb2prod.adapters.database_files import database_token
from nb2prod.adapters.files import read_text, write_text
from nb2prod.adapters.kernels import Session, open_session, read_sources, stage_file
from nb2prod.adapters.notebooks import read_notebook
from nb2prod.adapters.papermill import parameterised
from nb2prod.adapters.tree import copy_files
from nb2prod.errors import CellFailed, OutsideError
from nb2prod.operations.observe import OBSERVED, place_of_run, recording
from nb2prod.operations.preflight import load_params
from nb2prod.operations.progress import Progress
from nb2prod.operations.project import Project
from nb2prod.pipeline.observation import DATABASE_FILE, Source
from nb2prod.writers.sources import sources_text

# As `sources.py` in the kernel says it.
_NO_WRITING = "nothing is written to a source while it is only looked at"


def refresh(project: Project, progress: Progress) -> tuple[str, ...]:
    """The stages whose sources changed: DVC will run them. Raises OutsideError where one cannot be looked at."""
    changed = []
    for stage in (project.manifest or {}).get("stages", ()):
        if stage.get("sources"):
            progress.phase(f"sources of stage {stage['name']}")
            path = project.folder / "sources" / f"{stage['name']}.json"
            text = sources_text(_look(project, stage, _known(read_text(path))))
            if text != read_text(path):
                write_text(path, text)
                changed.append(str(stage["name"]))
    return tuple(changed)


def _known(text: str | None) -> list[Source]:
    entries = json.loads(text)["sources"] if text else []
    return [Source(-1, entry["name"], entry["token"]) for entry in entries]


def _look(project: Project, stage: Mapping[str, Any], known: list[Source]) -> list[Source]:
    """The sources as they are now."""
    files = [one for one in known if one.is_file]
    others = [one for one in known if one not in files]
    return [*(_of_file(stage["name"], one) for one in files), *(_asked(project, stage, others) if others else ())]


def _of_file(stage: str, source: Source) -> Source:
    try:
        return replace(source, token=database_token(Path(source.name.removeprefix(DATABASE_FILE))))
    except OSError as error:
        raise OutsideError(
            f"the sources of stage `{stage}` could not be looked at: {error}",
            hint="nothing was run, and what is known of the sources stays as it was",
        ) from error


def _asked(project: Project, stage: Mapping[str, Any], known: list[Source]) -> list[Source]:
    """Those that the stage's own code must ask; what lies behind a write stays as it was known."""
    with tempfile.TemporaryDirectory(prefix="nb2prod-") as scratch:
        tree = place_of_run(Path(scratch))
        document = _document(project, stage)
        _lay_out(project, stage, tree)
        folder = tree / project.layout.notebook_folder
        with open_session(document.metadata.kernelspec.name, folder, Path(scratch)) as session:
            session.observe(stage_file(), tree, project.manifest["package"] if project.manifest else "", OBSERVED)
            session.guard(tree, [project.root], offline=False)
            session.record(recording(Path(scratch)), "look")
            whole = _run(project, session, document, stage)
            values = Values(session.confidential())
        read = read_sources(recording(Path(scratch)))
        found = [replace(one, name=values.redacted(one.name)) for one in read]
    seen = {one.name for one in found}
    return found if whole else [*found, *(one for one in known if one.name not in seen)]


def _document(project: Project, stage: Mapping[str, Any]) -> Any:
    text = read_text(project.folder / "stages" / f"{stage['name']}.ipynb")
    if text is None:
        raise OutsideError(f"stage `{stage['name']}` has no notebook", hint="convert the notebook again")
    values = load_params(read_text(project.folder / "params.yaml") or "{}", project.folder)
    return parameterised(text, values)


def _lay_out(project: Project, stage: Mapping[str, Any], tree: Path) -> None:
    """What the stage depends on, as `dvc.yaml` has it."""
    stages = load_params(read_text(project.folder / "dvc.yaml") or "{}", project.folder).get("stages")
    entry = stages.get(stage["name"], {}) if isinstance(stages, dict) else {}
    package = f"{(project.manifest or {}).get('package')}/__init__.py"
    for dependency in (*entry.get("deps", ()), package):
        path = Path(os.path.normpath(Path(project.layout.folder) / str(dependency)))
        if (project.root / path).is_dir():
            shutil.copytree(project.root / path, tree / path, dirs_exist_ok=True)
        elif (project.root / path).exists() and not path.is_absolute():
            copy_files(project.root, tree, [path])
    (tree / project.layout.notebook_folder).mkdir(parents=True, exist_ok=True)


def _run(project: Project, session: Session, document: Any, stage: Mapping[str, Any]) -> bool:
    """Run the cells up to the last one that reads a source; False where one of them would have written."""
    places = {cell.id: cell.index for cell in read_notebook(project.notebook).cells}
    asked = [source for source in stage["sources"] if not source["name"].startswith(DATABASE_FILE)]
    reading = {cell for source in asked for cell in source["cells"]}
    code = [cell for cell in document.cells if cell.cell_type == "code"]
    last = max((number for number, cell in enumerate(code) if cell.id in reading), default=len(code) - 1)
    for cell in code[: last + 1]:
        if cell.id in places:
            session.pin(cell.id, places[cell.id])
        try:
            session.run(cell.source, f"cell {cell.id}", tuple(cell.metadata.get("tags", ())))
        except CellFailed as failed:
            if _NO_WRITING in failed.value:
                return False
            known = redacted(failed, Values(session.confidential()))
            raise CellFailed(
                f"the sources of stage `{stage['name']}` could not be looked at: {known.message}",
                hint="nothing was run, and what is known of the sources stays as it was",
                traceback=known.traceback,
                name=known.name,
            ) from None
    return True
