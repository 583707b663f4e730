"""`nb2prod tag`: propose stages, say why, write them only when told to."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from nb2prod.adapters.notebooks import read_notebook, write_tags
from nb2prod.errors import UsageError
from nb2prod.notebook.stages import cut
from nb2prod.pipeline.proposal import Proposed, propose, with_tags
from nb2prod.pipeline.report import display_only


@dataclass(frozen=True, slots=True)
class Tagging:
    """The proposal with each cell's label; `written` says whether it stands in the notebook now.

    `report`: labels of the cells that only show something, and could be tagged so.
    """

    proposal: tuple[tuple[Proposed, str], ...]
    written: bool
    report: tuple[str, ...] = ()


def tag(notebook: str | Path, *, write: bool = False) -> Tagging:
    """Propose stages for an untagged notebook. Raises UsageError for one that has stage tags already."""
    path = Path(notebook)
    source = read_notebook(path)
    tagged = cut(source)
    if tagged.is_tagged:
        names = ", ".join(stage.name for stage in tagged.stages)
        raise UsageError(f"{path} has stage tags already: {names}", hint="convert it, or remove them first")
    proposal = propose(source)
    shown = tuple(display_only(source, cut(with_tags(source, proposal)))) if proposal else ()
    if write and proposal:
        stages = {one.cell: f"stage:{one.name}" for one in proposal}
        write_tags(path, dict.fromkeys(shown, "report") | stages)
    labels = tuple(source.cells[index].label for index in shown)
    return Tagging(tuple((one, source.cells[one.cell].label) for one in proposal), write and bool(proposal), labels)
