"""Missing names on adversarial notebooks, against what a fresh IPython shell says (kept in truth.json)."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from nb2prod.lint.context import Context
from nb2prod.lint.restart import missing_names
from nb2prod.notebook.model import Cell, Notebook
from tests.lint.restart.truth import read_cases, truths

TRUTH = Path(__file__).parent / "truth.json"


def found(cells: list[str]) -> set[tuple[int, str]]:
    """What nb2prod says is missing."""
    records = tuple(Cell(f"c{index}", index, "code", text) for index, text in enumerate(cells))
    notebook = Notebook("case", "case.ipynb", records, "python3")
    return {(one.cell_index, one.name) for one in missing_names(Context(notebook))}


def figures(found_by_title: dict[str, set[tuple[int, str]]]) -> tuple[float, float]:
    """(precision, recall) over all cases."""
    truth = {title: {(cell, name) for cell, name in one} for title, one in json.loads(TRUTH.read_text()).items()}
    right = sum(len(found_by_title[title] & truth[title]) for title in truth)
    said, wanted = sum(map(len, found_by_title.values())), sum(map(len, truth.values()))
    return right / said, right / wanted


def test_precision_and_recall(capsys):
    cases = read_cases()
    assert len(cases) >= 60
    precision, recall = figures({title: found(cells) for title, cells in cases.items()})
    with capsys.disabled():
        print(f"\nrestart errors, {len(cases)} cases: precision {precision:.3f}, recall {recall:.3f}")
    assert precision >= 0.95
    assert recall >= 0.95


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="forks")
def test_the_truth_is_what_a_fresh_shell_says():
    assert truths(read_cases()) == {
        title: [(cell, name) for cell, name in one] for title, one in json.loads(TRUTH.read_text()).items()
    }


if __name__ == "__main__":
    TRUTH.write_text(json.dumps(truths(read_cases()), indent=0) + "\n")
