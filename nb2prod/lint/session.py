"""One notebook in an editor: told one changed cell, it answers from what it has.

1. A cell's trees, index, positions and events depend on its text alone: `Context` takes them over from before.
2. Rules run again over all cells, but only on what is there already. The facts of `dataflow`, which depend on the cells
   above, are taken over up to the changed cell.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from nb2prod.diagnostics import Diagnostic
from nb2prod.lint.context import Context
from nb2prod.lint.engine import diagnose
from nb2prod.lint.rule import Rule
from nb2prod.lint.suppression import unsuppressed
from nb2prod.lint.surroundings import Surroundings
from nb2prod.notebook.model import Notebook


class Session:
    """Mutable on purpose: the editor's side of the conversation."""

    def __init__(self, notebook: Notebook, rules: Sequence[Rule], surroundings: Surroundings | None = None) -> None:
        self._rules = tuple(rules)
        self._surroundings = surroundings
        self._context = Context(notebook, surroundings, lasting=True)

    def diagnostics(self) -> list[Diagnostic]:
        """What there is to say about the notebook as it is now."""
        with _uncollected():
            return unsuppressed(self._context.notebook, diagnose(self._context, self._rules))

    def changed(self, cell_index: int, source: str) -> list[Diagnostic]:
        """The diagnostics after one cell got another text."""
        notebook = self._context.notebook
        cells = tuple(replace(one, source=source) if one.index == cell_index else one for one in notebook.cells)
        return self.replaced(replace(notebook, cells=cells))

    def replaced(self, notebook: Notebook) -> list[Diagnostic]:
        """The diagnostics after any change; cells that stayed are taken over."""
        self._context = Context(notebook, self._surroundings, self._context)
        return self.diagnostics()


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without looking for cycles: there are many objects, which stay, and the search takes a tenth of the answer."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
