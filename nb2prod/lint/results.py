"""What checking one notebook gave."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, replace

from nb2prod.diagnostics import Diagnostic
from nb2prod.notebook.model import Notebook


@dataclass(frozen=True, slots=True)
class Checked:
    """One notebook's diagnostics. `sources`: (index, text) of the cells that they stand in. `error` and `hint`: why the
    file could not be read, empty where it could.
    """

    path: str
    diagnostics: tuple[Diagnostic, ...] = ()
    sources: tuple[tuple[int, str], ...] = ()
    error: str = ""
    hint: str = ""

    def source(self, cell_index: int) -> str:
        """The text of a cell that has a diagnostic; empty for others."""
        return next((text for index, text in self.sources if index == cell_index), "")


def shared_once(checked: Iterable[tuple[Hashable, Checked]]) -> list[Checked]:
    """The records, each with its project: what is about the project stays with the first notebook that says it."""
    said: set[tuple[Hashable, str]] = set()
    found = []
    for project, one in checked:
        repeated = {each.code for each in one.diagnostics if each.shared and (project, each.code) in said}
        said |= {(project, each.code) for each in one.diagnostics if each.shared}
        kept = tuple(each for each in one.diagnostics if not (each.shared and each.code in repeated))
        found.append(replace(one, diagnostics=kept) if repeated else one)
    return found


def checked_of(path: str, notebook: Notebook, diagnostics: Iterable[Diagnostic]) -> Checked:
    """The record, with the cells that are shown."""
    found = tuple(diagnostics)
    wanted = {one.cell_index for one in found}
    return Checked(path, found, tuple((cell.index, cell.source) for cell in notebook.cells if cell.index in wanted))
