"""Two versions of a notebook → what changed in its cells."""

from __future__ import annotations

import pytest

from nb2prod.notebook.model import Cell, Notebook
from nb2prod.notebook.stages import cut
from nb2prod.pipeline.build import Request, build
from nb2prod.pipeline.changes import Version, cell_changes, pipeline_changes
from nb2prod.pipeline.model import Layout


def version(text: str) -> Version:
    """A notebook from lines `id tags | source`; no id, no tag that is needed: prose opens with `#md`."""
    cells = []
    for index, line in enumerate(text.strip().splitlines()):
        head, _, source = line.partition("|")
        name, *tags = head.split()
        kind = "markdown" if source.strip().startswith("#md") else "code"
        cells.append(Cell(name, index, kind, source.strip().replace(";", "\n"), tuple(tags)))
    notebook = Notebook("n", "n.ipynb", tuple(cells), "python3")
    found = cut(notebook)
    request = Request(notebook, found, Layout("pipeline", "n.ipynb"), "n", "n", {}, frozenset())
    return Version(notebook, found, build(request))


BASE = """
a stage:load  | x = [1]
b             | y = 2
c stage:train | z = x + [y]
d             | #md some prose
e             | print(z)
"""
CASES = {
    "nothing": (BASE, ()),
    "changed": (BASE.replace("y = 2", "y = 3"), ("stage `load`: cell 2 (b) changed",)),
    "a comment": (BASE.replace("y = 2", "y = 2  # two"), ("prose or comments: cell 2 (b)",)),
    "prose": (BASE.replace("some", "more"), ("prose or comments: cell 4 (d)",)),
    "gone": (BASE.replace("e             | print(z)", ""), ("stage `train`: cell 5 (e) is gone",)),
    "new": (BASE + "f | k = 1", ("stage `train`: cell 6 (f) is new",)),
    "another id": (BASE.replace("b   ", "bb  "), ()),
    "moved": (
        BASE.replace("b             | y = 2\n", "").replace("e    ", "b | y = 2\ne    "),
        ("stage `train`: cell 4 (b) moved here from stage `load`",),
    ),
    "swapped": (
        BASE.replace("a stage:load  | x = [1]\nb             | y = 2", "b stage:load | y = 2\na | x = [1]"),
        ("stage `load`: cell 1 (b) moved, cell 1 (b) changed, cell 2 (a) changed",),
    ),
    "another stage": (
        BASE.replace("stage:train", "stage:fit"),
        (
            "stage `fit`: cell 3 (c) moved here from stage `train`, cell 3 (c) changed, "
            "cell 5 (e) moved here from stage `train`",
        ),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_cells(name):
    text, said = CASES[name]
    assert cell_changes(version(BASE), version(text)) == said


def test_pipeline():
    new = version(BASE.replace("x + [y]", "[y]") + "f stage:show | open('a.txt', 'w').write(str(x))")
    assert pipeline_changes(version(BASE).pipeline, new.pipeline) == (
        "stage `show` is new",
        "stage `train` no longer needs `x`",
    )
