"""What a conversion will run, and how long it took the last time: said before anything runs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from nb2prod.adapters.notebooks import durations
from nb2prod.notebook.model import Notebook
from nb2prod.notebook.same_code import code_of
from nb2prod.operations.memory import last
from nb2prod.operations.project import Project

_WORTH_NAMING = 10.0


@dataclass(frozen=True, slots=True)
class Forecast:
    """`seconds`: of the cells of which a time is known; `unknown`: how many there are besides.

    `slowest`: the cells that took long, by label.
    """

    seconds: float
    unknown: int
    slowest: tuple[tuple[str, float], ...] = ()

    def sentence(self) -> str:
        """For people."""
        if not self.seconds:
            return "to run: the notebook once, then each stage once; how long that takes is not known yet"
        slow = "".join(f", {label} {duration(seconds)}" for label, seconds in self.slowest)
        rest = f" ({self.unknown} cells not counted)" if self.unknown else ""
        took = duration(self.seconds)
        return f"to run: the notebook once, {took} the last time{rest}{slow}; then each stage once, together as long"


def forecast(project: Project, notebook: Notebook) -> Forecast:
    """From the last conversion on this machine, or the times that Jupyter or papermill noted in the notebook."""
    known = last(project)
    cells = known.notebook.code_cells if known else ()
    seen = known.observed.observation.seconds if known else {}
    by_code = {code_of(cell.source): seen[cell.index] for cell in cells if cell.index in seen}
    noted = durations(Path(project.notebook))
    found = {
        cell.label: seconds
        for cell in notebook.code_cells
        if (seconds := by_code.get(code_of(cell.source), noted.get(cell.index))) is not None
    }
    slowest = sorted((pair for pair in found.items() if pair[1] >= _WORTH_NAMING), key=lambda pair: -pair[1])
    return Forecast(sum(found.values()), len(notebook.code_cells) - len(found), tuple(slowest[:3]))


def duration(seconds: float) -> str:
    """A length of time, as people say it."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
