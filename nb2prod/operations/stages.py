"""The stages of a notebook: as tagged, or as proposed where it has no stage tags."""

from __future__ import annotations

from nb2prod.notebook.model import Notebook
from nb2prod.notebook.stages import Cut, cut
from nb2prod.pipeline.proposal import propose, with_tags


def stages_of(notebook: Notebook) -> tuple[Cut, tuple[str, ...]]:
    """The cut, and a note that says so where it rests on the proposal."""
    tagged = cut(notebook)
    if tagged.is_tagged:
        return tagged, ()
    proposal = propose(notebook)
    if not proposal:
        return tagged, ("the notebook has no stage tags and no cell that could open a stage: it runs as one",)
    names = ", ".join(one.name for one in proposal)
    note = f"the notebook has no stage tags: converted by the proposal of `nb2prod tag` ({names})"
    return cut(with_tags(notebook, proposal)), (note,)
