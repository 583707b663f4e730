"""What checking one notebook gave."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

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


def checked_of(path: str, notebook: Notebook, diagnostics: Iterable[Diagnostic]) -> Checked:
    """The record, with the cells that are shown."""
    found = tuple(diagnostics)
    wanted = {one.cell_index for one in found}
    return Checked(path, found, tuple((cell.index, cell.source) for cell in notebook.cells if cell.index in wanted))
