"""The stages of an open notebook as its tags say, or as they are proposed. Writes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nb2prod.adapters.notebooks import notebook_from
from nb2prod.errors import Nb2prodError
from nb2prod.notebook.model import Notebook
from nb2prod.notebook.stages import cut
from nb2prod.pipeline.proposal import propose, with_tags
from nb2prod.pipeline.report import display_only

_WHY_REPORT = "they only show something: in a stage after all others, a change of them runs none"


@dataclass(frozen=True, slots=True)
class CutStage:
    """A stage of the notebook as it stands: the ids of its cells. `opens`: the cell that opens it. `why`: proposed.

    `is_report`: it has the cells tagged `report`, of which `opens` is the first, and runs after all others.
    """

    name: str
    opens: str
    cells: tuple[str, ...]
    why: str = ""
    is_report: bool = False


@dataclass(frozen=True, slots=True)
class Cutting:
    """`proposed`: no cell opens a stage yet, and these are a proposal. `problem`, `hint`: why there are no stages."""

    stages: tuple[CutStage, ...] = ()
    preamble: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    proposed: bool = False
    problem: str = ""
    hint: str = ""


def cutting(document: Mapping[str, Any], path: Path) -> Cutting:
    """The stages of the document as tagged, or as proposed. What forbids a cut is said in the record."""
    try:
        return _cutting(notebook_from({"nbformat": 4, **document}, path))
    except Nb2prodError as error:
        return Cutting(problem=error.message, hint=error.hint)


def _cutting(notebook: Notebook) -> Cutting:
    tagged = cut(notebook)
    proposal = () if tagged.is_tagged else propose(notebook)
    shown = cut(with_tags(notebook, proposal)) if proposal else tagged
    why = {one.name: one.why for one in proposal}
    openers = {role.stage: index for index, role in reversed(shown.roles.items()) if role.stage}
    ids = [cell.id for cell in notebook.cells]
    found = frozenset(display_only(notebook, shown)) if proposal else frozenset()
    stages = tuple(
        CutStage(one.name, ids[openers[one.name]], _named(ids, set(one.cells) - found), why.get(one.name, ""))
        for one in shown.stages
    )
    if report := _named(ids, found.union(shown.report)):
        stages += (CutStage(shown.report_name, report[0], report, _WHY_REPORT if found else "", is_report=True),)
    return Cutting(stages, _named(ids, shown.preamble), _named(ids, shown.skipped), bool(proposal))


def _named(ids: Sequence[str], cells: Iterable[int]) -> tuple[str, ...]:
    return tuple(ids[index] for index in sorted(cells))
