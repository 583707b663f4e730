"""Cut a notebook into stages by its tags, as people read them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from nb2prod.errors import Refused, UsageError
from nb2prod.notebook.model import Cell, Notebook
from nb2prod.notebook.tags import Role, roles_of


@dataclass(frozen=True, slots=True)
class StageCells:
    """A stage's name and its cells' indices in document order, prose included."""

    name: str
    cells: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Cut:
    """A notebook cut into stages.

    `preamble` holds the code cells before the first stage; `skipped` the cells that are no part of the pipeline;
    `report` those that run as one stage after all others.
    """

    roles: dict[int, Role]
    preamble: tuple[int, ...]
    stages: tuple[StageCells, ...]
    skipped: tuple[int, ...]
    report: tuple[int, ...] = ()

    @property
    def report_name(self) -> str:
        """The name of the stage that holds the report's cells."""
        return "plots" if any(stage.name.lower() == "report" for stage in self.stages) else "report"

    def with_back(self, cells: tuple[int, ...]) -> Cut:
        """The cut with these cells of the report back among those that they stand between."""
        preamble, stages = self.preamble, list(self.stages)
        for cell in cells:
            before = [number for number, stage in enumerate(stages) if stage.cells[0] < cell]
            if before:
                stage = stages[before[-1]]
                stages[before[-1]] = replace(stage, cells=tuple(sorted((*stage.cells, cell))))
            else:
                preamble = tuple(sorted((*preamble, cell)))
        left = tuple(cell for cell in self.report if cell not in cells)
        return replace(self, preamble=preamble, stages=tuple(stages), report=left)

    @property
    def parameters(self) -> int | None:
        """The index of the parameters cell."""
        return next((index for index, role in self.roles.items() if role.parameters), None)

    @property
    def is_tagged(self) -> bool:
        """Whether any cell opens a stage."""
        return bool(self.stages)


def cut(notebook: Notebook) -> Cut:
    """Cut by tags. Raises UsageError for contradictory tags, Refused for a stage that comes back after another."""
    roles = roles_of(notebook)
    preamble: list[int] = []
    stages: list[tuple[str, list[int]]] = []
    skipped: list[int] = []
    report: list[int] = []
    for cell in notebook.cells:
        role = roles[cell.index]
        if role.skip:
            skipped.append(cell.index)
            continue
        if role.report:
            report.append(cell.index)
            continue
        if role.stage and (not stages or stages[-1][0] != role.stage):
            _refuse_return(notebook, cell, role.stage, stages)
            stages.append((role.stage, _pull_heading(notebook, preamble, stages)))
        (stages[-1][1] if stages else preamble).append(cell.index)
    _refuse_case_clash([name for name, _ in stages])
    cells = tuple(StageCells(name, tuple(indices)) for name, indices in stages)
    return Cut(roles, tuple(preamble), cells, tuple(skipped), tuple(report))


def _pull_heading(notebook: Notebook, preamble: list[int], stages: list[tuple[str, list[int]]]) -> list[int]:
    """Prose right above the cell that opens a stage is that stage's heading."""
    previous = stages[-1][1] if stages else preamble
    heading: list[int] = []
    while previous and not notebook.cells[previous[-1]].is_code:
        heading.insert(0, previous.pop())
    return heading


def _refuse_return(notebook: Notebook, cell: Cell, name: str, stages: list[tuple[str, list[int]]]) -> None:
    for known, indices in stages:
        if known == name:
            first = notebook.cells[indices[0]].label
            raise Refused(
                f"stage `{name}` opens at {first} and again at {cell.label}, after stage `{stages[-1][0]}`",
                hint=f"give the second part a name of its own, or move its cells up to the rest of `{name}`",
            )


def _refuse_case_clash(names: list[str]) -> None:
    seen: dict[str, str] = {}
    for name in names:
        other = seen.setdefault(name.lower(), name)
        if other != name:
            raise UsageError(
                f"stages `{other}` and `{name}` differ only in case",
                hint="their files would be one on macOS and Windows: rename one",
            )
