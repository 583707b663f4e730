"""Stages that a person edited: offered back to the notebook, as patches to its cells, before anything runs."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator
from typing import Any

from nb2prod.adapters.files import digest, read_text
from nb2prod.errors import Refused
from nb2prod.notebook.model import Cell, Notebook
from nb2prod.operations.memory import last
from nb2prod.operations.project import Project


def refuse_edited(project: Project, source: Notebook) -> None:
    """Raise Refused, with the patches, where a stage's copy of a cell is neither the notebook's nor what it was."""
    patches = [patch for path in _edited(project) for patch in _patches(project, source, path)]
    if patches:
        raise Refused(
            "stages were edited by hand; as changes of the notebook's cells:\n" + "\n".join(patches),
            hint="make them in the notebook and convert again, or take the notebook's cells with --overwrite; "
            "nothing was changed",
        )


def _edited(project: Project) -> Iterator[str]:
    """The stage notebooks whose bytes are not those that were written."""
    manifest = project.manifest or {}
    for path, known in manifest.get("files", {}).items():
        found = digest(project.folder / path) if path.startswith("stages/") else known
        if found is not None and found not in (known, *manifest.get("known", {}).get(path, ())):
            yield path


def _patches(project: Project, source: Notebook, path: str) -> Iterator[str]:
    now = {cell.id: cell for cell in source.cells}
    remembered = last(project)
    then = {cell.id: cell.source for cell in remembered.notebook.cells} if remembered else {}
    for name, text in sources_of(read_text(project.folder / path) or ""):
        # Of the parameters cell a stage may hold a part only.
        if (
            name in now
            and "parameters" not in now[name].tags
            and text not in (now[name].source, then.get(name, now[name].source))
        ):
            yield from _patch(source, path, now[name], then.get(name, now[name].source), text)


def sources_of(text: str) -> list[tuple[str, str]]:
    """(id, source) of a stage notebook's cells; nothing for what is no notebook."""
    try:
        cells: list[dict[str, Any]] = json.loads(text)["cells"]
        return [(str(cell.get("id", "")), "".join(cell["source"])) for cell in cells]
    except (ValueError, KeyError, TypeError):
        return []


def _patch(source: Notebook, path: str, cell: Cell, base: str, edited: str) -> Iterator[str]:
    """What was edited; where the notebook's cell changed as well, that too, both from what they were."""
    name = f"{source.file}, {cell.label}"
    yield from _diff(base, edited, name, f"{name}, as edited in {path}")
    if cell.source != base:
        yield "the notebook's cell changed too, since it was converted:"
        yield from _diff(base, cell.source, f"{name}, as converted", name)


def _diff(before: str, after: str, old: str, new: str) -> Iterator[str]:
    yield from difflib.unified_diff(before.splitlines(), after.splitlines(), old, new, lineterm="", n=2)
