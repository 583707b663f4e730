"""Files that are read before the notebook writes them: an earlier run left them there."""

from __future__ import annotations

from collections.abc import Iterator

from nb2prod.lint.context import Context
from nb2prod.lint.running.evidence import Evidence, Fact
from nb2prod.lint.running.places import first_line


def leftovers(context: Context, evidence: Evidence) -> Iterator[Fact]:
    """One fact per file."""
    views = {view.index: view for view in context.views}
    marks = [(cell.index, cell.mark) for cell in evidence.first.cells.values() if cell.mark is not None]
    for index, mark in marks:
        for path in sorted(mark.reads & evidence.tree):
            later = [at for at, other in marks if at > index and path in other.writes]
            earlier = [at for at, other in marks if at <= index and path in other.writes]
            if later and not earlier:
                message = f"reads `{path}`, which only cell {later[0] + 1} writes: in a fresh copy it is not there"
                hint = "let the cell that writes it come first, or keep the input under another name"
                yield Fact("missing-input", index, first_line(views[index]), message, hint, path)
