"""An editor's session: after each change it says what a fresh check says."""

from __future__ import annotations

import random

import pytest

from nb2prod.lint.context import Context
from nb2prod.lint.engine import diagnose
from nb2prod.lint.registry import rules
from nb2prod.lint.session import Session
from nb2prod.notebook.model import Notebook
from tests.lint.tables import CASES, cases, notebook_of

_SOURCES = [
    cell.source
    for file in sorted(CASES.glob("NB*.txt"))
    for case in cases(file)
    for cell in notebook_of(case.notebook).cells
    if len(cell.source) < 500
]


@pytest.mark.parametrize("seed", range(8))
def test_a_changed_cell_gives_what_a_fresh_check_gives(seed):
    chance = random.Random(seed)
    notebook = notebook_of(
        "".join(f"# %% count={at + 1}\n{text}\n" for at, text in enumerate(chance.sample(_SOURCES, 12)))
    )
    session = Session(notebook, rules())
    assert session.diagnostics() == diagnose(Context(notebook), rules())
    cells = list(notebook.cells)
    for _ in range(6):
        at, text = chance.randrange(len(cells)), chance.choice(_SOURCES)
        found = session.changed(at, text)
        cells[at] = type(cells[at])(
            cells[at].id, at, cells[at].kind, text, cells[at].tags, cells[at].count, cells[at].outputs
        )
        fresh = Notebook(notebook.name, notebook.file, tuple(cells), notebook.kernel)
        assert found == diagnose(Context(fresh), rules())
