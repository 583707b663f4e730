"""The loop: what an edit runs, counted in the cells themselves."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from integration.projects import (
    commit,
    contents,
    dvc,
    edit,
    git,
    is_clean,
    nb2prod,
    notebook,
    reran,
    set_parameters,
    write,
)

pytestmark = pytest.mark.slow


def counted(count: Path) -> dict[str, Any]:
    """Four stages that each leave a line in a file of theirs in `count`, outside of the project, when they run."""

    def note(name: str) -> str:
        return f"\nopen({str(count / name)!r}, 'a').write('{name}\\n')  # so that runs can be counted"

    return notebook(
        "#md # Rows",
        ("parameters", "n = 12  # rows"),
        (
            "stage:load",
            "import random\nfrom pathlib import Path\n\nrandom.seed(3)\nrows = [random.random() for _ in range(n)]"
            + note("load"),
        ),
        "#md Some prose.",
        (
            "stage:train",
            "def mean(values):\n    # the usual one\n    return sum(values) / len(values)\n\n\nmodel = mean(rows)"
            + note("train"),
        ),
        ("stage:score", "score = sum(abs(row - model) for row in rows)\nprint(f'{score:.3f}')" + note("score")),
        ("stage:report", "Path('report.txt').write_text(f'{score:.6f}')" + note("report")),
    )


@pytest.fixture
def count(tmp_path: Path) -> Path:
    (tmp_path / "count").mkdir()
    return tmp_path / "count"


def ran(count: Path) -> list[str]:
    """What ran since the last question, sorted."""
    found = sorted(word for path in count.iterdir() for word in path.read_text().split())
    for path in count.iterdir():
        path.unlink()
    return found


@pytest.fixture
def rows(tmp_path: Path, count: Path) -> Path:
    """The counted notebook, converted and committed."""
    folder = tmp_path / "rows"
    write(folder / "rows.ipynb", counted(count))
    git(folder, "init", "-q")
    dvc(folder, "init", "-q")
    commit(folder)
    nb2prod(folder, "convert", "rows.ipynb")
    commit(folder)
    assert ran(count) == sorted(["load", "train", "score", "report"] * 2)
    return folder


def changed_document(change: Callable[[dict[str, Any]], None]) -> Callable[[Path], None]:
    def apply(path: Path) -> None:
        document = json.loads(path.read_text("utf-8"))
        change(document)
        write(path, document)

    return apply


def _reheaded(document: dict[str, Any]) -> None:
    document["cells"].insert(3, {"cell_type": "markdown", "id": "new", "metadata": {}, "source": "More prose."})
    del document["cells"][4]
    document["cells"][5]["metadata"]["tags"].append("hide-input")


def _resaved(document: dict[str, Any]) -> None:
    document["metadata"] |= {"language_info": {"name": "python", "version": "3.99"}, "widgets": {}}
    for number, cell in enumerate(document["cells"]):
        cell["metadata"]["collapsed"] = True
        if cell["cell_type"] == "code":
            cell["execution_count"] = 7 - number
            cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "old\n"}]


#: What a person does to a notebook, and whether its pipeline's files show it.
NO_CODE = {
    "a typo in Markdown": (lambda path: edit(path, "cell-3", "prose", "better prose"), True),
    "a comment": (lambda path: edit(path, "cell-4", "# the usual one", "# the arithmetic one"), True),
    "a comment in the parameters": (lambda path: edit(path, "cell-1", "# rows", "# how many"), True),
    "blank lines": (lambda path: edit(path, "cell-5", "\nprint", "\n\n\nprint"), True),
    "prose inserted and removed, another tool's tag": (changed_document(_reheaded), True),
    "a re-save": (changed_document(_resaved), False),
}


@pytest.mark.parametrize("name", NO_CODE)
def test_what_is_no_code_runs_nothing(rows, count, name):
    change, shows = NO_CODE[name]
    change(rows / "rows.ipynb")
    before = contents(rows)
    assert "current" in nb2prod(rows, "convert", "rows.ipynb", "--check").stdout
    assert "nothing to do" in nb2prod(rows, "run", "pipeline").stdout
    said = nb2prod(rows, "convert", "rows.ipynb").stdout
    assert "verdict: same" in said
    assert ("taken over, nothing was run" in said) is shows
    nb2prod(rows, "convert", "rows.ipynb", "--check")
    assert is_clean(rows / "pipeline")
    assert reran(dvc(rows / "pipeline", "repro").stdout) == []
    assert "nothing to do" in nb2prod(rows, "run", "pipeline").stdout
    assert ran(count) == []
    assert (contents(rows) != before) is shows
    if name in ("a comment", "prose inserted and removed, another tool's tag"):
        # It is what a conversion from nothing would write.
        nb2prod(rows, "verify", "pipeline")


def test_other_data_is_not_taken_for_known_with_a_typo(sales):
    """The lock is committed anew for the text of a stage, and for nothing else."""
    edit(sales / "sales.ipynb", "cell-0", "Sales", "Sales of the year")
    (sales / "data" / "prices.json").write_text("[1, 2, 3]\n", "utf-8")
    assert not is_clean(sales / "pipeline")
    assert "another ../data/prices.json" in nb2prod(sales, "convert", "sales.ipynb", "--check", code=1).stderr
    nb2prod(sales, "convert", "sales.ipynb")
    assert is_clean(sales / "pipeline")
    report = (sales / "report.txt").read_bytes()
    dvc(sales / "pipeline", "repro", "-f")
    assert (sales / "report.txt").read_bytes() == report


def _with_front(document: dict[str, Any]) -> None:
    front = {"cell_type": "code", "id": "front", "metadata": {"tags": ["stage:front"]}, "execution_count": None}
    document["cells"].insert(2, {**front, "outputs": [], "source": "width = 3\nprint('front', width)"})


def test_a_stage_inserted_in_front_keeps_the_others(rows, count):
    """Their proof is kept, their results come from where they are, and nothing is left to run."""
    changed_document(_with_front)(rows / "rows.ipynb")
    artifacts = contents(rows, "pipeline/artifacts", "report.txt")
    said = nb2prod(rows, "convert", "rows.ipynb")
    assert "verdict: same" in said.stdout
    assert "stage front" in said.stderr
    assert "stage train" not in said.stderr
    # The notebook itself, once; `load` was the first stage and is not any more: its own text changed.
    assert ran(count) == ["load", "load", "report", "score", "train"]
    assert contents(rows, "pipeline/artifacts", "report.txt").items() >= artifacts.items()
    assert is_clean(rows / "pipeline")
    assert "nothing to do" in nb2prod(rows, "run", "pipeline").stdout
    assert ran(count) == []


def test_an_edit_that_is_taken_back_proves_nothing_again(rows, count):
    before = contents(rows, "pipeline/artifacts", "report.txt")
    edit(rows / "rows.ipynb", "cell-5", "sum(abs(row - model)", "sum(2 * abs(row - model)")
    nb2prod(rows, "convert", "rows.ipynb")
    assert ran(count) == ["load", "report", "report", "score", "score", "train"]
    assert contents(rows, "pipeline/artifacts", "report.txt") != before
    git(rows, "checkout", "-q", "rows.ipynb")
    nb2prod(rows, "convert", "rows.ipynb")
    assert ran(count) == ["load", "report", "score", "train"]
    assert contents(rows, "pipeline/artifacts", "report.txt") == before
    assert is_clean(rows / "pipeline")


def _edited(document: dict[str, Any]) -> None:
    cells = document["cells"]
    cells[1]["source"] += "\npower = 2"
    cells[3]["source"] = "Better prose."
    cells[5]["source"] = cells[5]["source"].replace("abs(row - model)", "abs(row - model) ** power")
    extra = {"cell_type": "code", "id": "extra", "metadata": {}, "execution_count": None, "outputs": []}
    cells.append({**extra, "source": "print(model)"})


@pytest.mark.parametrize("from_git", [False, True])
def test_diff_says_what_changed_and_what_will_run(rows, count, from_git):
    assert "nothing changed" in nb2prod(rows, "convert", "rows.ipynb", "--diff").stdout
    if from_git:  # as in a clone
        shutil.rmtree(rows / ".dvc" / "tmp")
    changed_document(_edited)(rows / "rows.ipynb")
    before = contents(rows)
    said = nb2prod(rows, "convert", "rows.ipynb", "--diff").stdout
    assert said.splitlines()[1:] == [
        "in the notebook:",
        "  before the first stage: cell 2 (cell-1) changed",
        "  stage `score`: cell 6 (cell-5) changed",
        "  stage `report`: cell 8 (extra) is new",
        "  prose or comments: cell 4 (cell-3)",
        "in the pipeline, as far as it can be told without running:",
        "  parameter `power` is new",
        "  stage `score` uses parameter `power`",
        "  stage `report` uses parameter `power`",
        "to run: the notebook, then at most stages load, train, score, report",
        "nothing was written",
    ]
    assert contents(rows) == before
    assert ran(count) == []


def test_diff_of_parameters_and_before_any_conversion(sales, tmp_path):
    set_parameters(sales / "pipeline", {"scale": 3.0})
    said = nb2prod(sales, "convert", "sales.ipynb", "--diff").stdout
    assert "stage `train` was run with scale=2.0, params.yaml has 3.0" in said
    assert "`nb2prod run pipeline`" in said
    write(tmp_path / "new.ipynb", notebook("x = 1"))
    assert "no pipeline yet" in nb2prod(tmp_path, "convert", "new.ipynb", "--diff", code=2).stderr
