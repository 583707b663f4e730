"""Cells tagged `report`: one stage after all others, so that changing a plot trains nothing again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from integration import projects
from integration.projects import dvc, nb2prod, reran
from nb2prod.operations.convert import convert

pytestmark = pytest.mark.slow

HEIGHTS = projects.notebook(
    "import matplotlib.pyplot as plt\nimport pandas as pd",
    ("parameters", "scale = 2.0"),
    ("stage:load", "frame = pd.DataFrame({'a': range(50), 'b': [n % 7 for n in range(50)]})"),
    ("report", "fig, ax = plt.subplots()\nax.hist(frame['b'])\nax.set_title('before')\nplt.show()"),
    "frame = frame.assign(c=frame['a'] * scale)",
    ("stage:train", "model = frame['c'].mean()"),
    ("report", "fig, ax = plt.subplots(figsize=(3, 2))\nax.plot(frame['c'])\nfor n in range(3):\n    print(n, model)"),
    "n = 10\nbest = model + n",
    ("report", "print('best', best)\nframe.describe()"),
    ("metrics", "score = float(best)"),
)


@pytest.fixture(scope="module")
def heights(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("heights") / "heights"
    path = projects.write(root / "heights.ipynb", HEIGHTS)
    projects.git(root, "init", "-q")
    dvc(root, "init", "-q")
    done = convert(path, root / "pipeline")
    assert done.verdict.state == "same"
    assert [note for note in done.notes if "report" in note] == [
        "cell 4 (cell-3), tagged `report`, stays in its stage: later cells change `frame`, which it uses"
    ]
    projects.commit(root)
    return root


def _stages(root: Path) -> dict[str, list[str]]:
    found = json.loads((root / "pipeline" / "conversion.json").read_text())["stages"]
    return {stage["name"]: stage["cells"] for stage in found}


def test_what_can_move_is_one_stage_at_the_end(heights):
    assert _stages(heights) == {
        "load": ["cell-0", "cell-1", "cell-2", "cell-3", "cell-4"],
        "train": ["cell-5", "cell-7", "cell-9"],
        "report": ["cell-6", "cell-8"],
    }
    run = json.loads((heights / "pipeline" / "runs" / "report.ipynb").read_text())
    shown = [str(cell["outputs"]) for cell in run["cells"] if cell.get("id") in ("cell-6", "cell-8")]
    assert "0 " in shown[0]
    assert "image/png" in shown[0]
    assert "best" in shown[1]


def test_another_plot_trains_nothing(heights):
    projects.edit(heights / "heights.ipynb", "cell-6", "figsize=(3, 2)", "figsize=(4, 2)")
    assert convert(heights / "heights.ipynb", heights / "pipeline").verdict.state == "same"
    projects.commit(heights)
    notebook = heights / "pipeline" / "stages" / "report.ipynb"
    notebook.write_text(notebook.read_text().replace("figsize=(4, 2)", "figsize=(5, 2)"))
    assert reran(dvc(heights / "pipeline", "repro").stdout) == ["report"]


#: (the cell tagged `report`, what follows it, why it stays)
STAYING = [
    ("print(len(rows))", "rows = rows[:2]", "`rows`"),
    ("print(len(more))", "more.append(4)", "`more`"),
    ("top = rows[0]\nprint(top)", "best = top", "`top`"),
    ("more.reverse()\nprint(more)", "best = more[0]", "`more`"),
    ("print(random.random())", "best = random.random()", "the random generator"),
    ("np.set_printoptions(precision=2)\nprint(np.ones(1) / 3)", "print(np.ones(1) / 3)", "settings"),
    ("_ = Path('a.txt').write_text('x')\nprint('x')", "best = Path('a.txt').read_text()", "`a.txt`"),
    ("print(Path('b.txt').exists())", "_ = Path('b.txt').write_text('x')", "`b.txt`"),
    ("print(eval('len(rows)'))", "best = 3", "nobody can tell"),
]


def test_what_cannot_move_stays(tmp_path):
    cells = [cell for shows, later, _ in STAYING for cell in (("report", shows), later)]
    head = "import random\nfrom pathlib import Path\nimport numpy as np"
    load = ("stage:load", "random.seed(1)\nrows = [3, 1, 2]\nmore = [1, 2, 3]")
    path = projects.write(tmp_path / "moved.ipynb", projects.notebook(head, load, *cells, ("stage:end", "print(best)")))
    done = convert(path, tmp_path / "pipeline")
    assert done.verdict.state == "same"
    assert "report" not in [stage.name for stage in done.pipeline.stages]
    notes = [note for note in done.notes if "`report`" in note]
    for number, (_, _, named) in enumerate(STAYING):
        (note,) = [one for one in notes if f"(cell-{2 + 2 * number})" in one]
        assert named in note


def test_cells_that_only_show_something_are_proposed(tmp_path):
    path = projects.write(
        tmp_path / "a.ipynb", HEIGHTS | {"cells": [cell | {"metadata": {}} for cell in HEIGHTS["cells"]]}
    )
    said = nb2prod(tmp_path, "tag", "a.ipynb", "--write").stdout
    tags = {cell["id"]: cell["metadata"].get("tags", []) for cell in json.loads(path.read_text())["cells"]}
    assert "report on cell 7 (cell-6): it only shows something" in said
    assert tags["cell-6"] == ["report"]
    assert tags["cell-3"] != ["report"]  # `frame` changes below it
    assert tags["cell-7"] != ["report"]
