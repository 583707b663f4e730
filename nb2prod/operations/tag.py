"""`nb2prod tag`: propose stages, say why, write them only when told to."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from nb2prod.adapters.notebooks import read_notebook, write_tags
from nb2prod.errors import UsageError
from nb2prod.notebook.stages import cut
from nb2prod.pipeline.proposal import Proposed, propose


@dataclass(frozen=True, slots=True)
class Tagging:
    """The proposal with each cell's label; `written` says whether it stands in the notebook now."""

    proposal: tuple[tuple[Proposed, str], ...]
    written: bool


def tag(notebook: str | Path, *, write: bool = False) -> Tagging:
    """Propose stages for an untagged notebook. Raises UsageError for one that has stage tags already."""
    path = Path(notebook)
    source = read_notebook(path)
    tagged = cut(source)
    if tagged.is_tagged:
        names = ", ".join(stage.name for stage in tagged.stages)
        raise UsageError(f"{path} has stage tags already: {names}", hint="convert it, or remove them first")
    proposal = propose(source)
    if write and proposal:
        write_tags(path, {one.cell: f"stage:{one.name}" for one in proposal})
    return Tagging(tuple((one, source.cells[one.cell].label) for one in proposal), write and bool(proposal))
