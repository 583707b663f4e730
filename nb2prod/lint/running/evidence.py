"""The records of runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from nb2prod.diagnostics import Span
from nb2prod.pipeline.observation import Mark, Output


@dataclass(frozen=True, slots=True)
class Failure:
    """An exception that ended a cell. `line`: of the cell's own statement, as the kernel counts (from 1)."""

    name: str
    value: str
    line: int = 1


@dataclass(frozen=True, slots=True)
class CellEvidence:
    """How one cell went. `status`: ran, failed, timed out, or not run (`reason` says why)."""

    index: int
    status: str
    outputs: tuple[Output, ...] = ()
    mark: Mark | None = None
    failures: tuple[Failure, ...] = ()
    reason: str = ""
    seconds: float = 0.0

    @property
    def ran(self) -> bool:
        """Whether it came to its end."""
        return self.status == "ran"


@dataclass(frozen=True, slots=True)
class RunEvidence:
    """One run from a fresh kernel: its cells in order."""

    cells: Mapping[int, CellEvidence]
    start: Mark | None = None

    def ran(self, index: int) -> bool:
        """Whether the cell came to its end in this run."""
        return index in self.cells and self.cells[index].ran

    def mark_before(self, index: int) -> Mark | None:
        """The state that the cell began with."""
        earlier = [cell.mark for at, cell in self.cells.items() if at < index and cell.mark is not None]
        return earlier[-1] if earlier else self.start


@dataclass(frozen=True, slots=True)
class Repeat:
    """A cell that ran a second time: the names that changed by it, or how it failed."""

    index: int
    names: tuple[str, ...] = ()
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """All runs of one notebook. `versions`: of the kernel's distributions; `tree`: the project's files before."""

    first: RunEvidence
    second: RunEvidence | None = None
    repeats: Mapping[int, Repeat] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    tree: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that a run showed. `rule`: the name of the rule that speaks of it; `subject`: what it is about."""

    rule: str
    cell_index: int
    span: Span
    message: str
    hint: str = ""
    subject: str = ""
