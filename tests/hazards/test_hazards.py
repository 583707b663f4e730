"""Every hazard is `same`, or refused or called unverified as it must be; never green but wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hazards.hazards import HAZARDS, Hazard
from nb2prod.errors import Refused
from nb2prod.operations.convert import convert
from nb2prod.operations.verify import verify


def write_notebook(path: Path, cells: str) -> Path:
    """A notebook from percent text, whose markers carry tags."""
    parts = [part.partition("\n") for part in cells.split("# %%")[1:]]
    document = {
        "cells": [
            {
                "cell_type": "code",
                "id": f"cell-{number}",
                "metadata": {"tags": tags.split()},
                "execution_count": None,
                "outputs": [],
                "source": source.strip("\n"),
            }
            for number, (tags, _, source) in enumerate(parts)
        ],
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


@pytest.mark.slow
@pytest.mark.parametrize("hazard", HAZARDS, ids=lambda hazard: hazard.title)
def test_hazard(hazard: Hazard, tmp_path: Path) -> None:
    notebook = write_notebook(tmp_path / "hazard.ipynb", hazard.cells)
    if hazard.verdict == "refused":
        with pytest.raises(Refused):
            convert(notebook, tmp_path / "pipeline")
        return
    done = convert(notebook, tmp_path / "pipeline")
    assert done.verdict.state == hazard.verdict, done.verdict
    assert done.pipeline is not None
    assert len(done.pipeline.stages) >= hazard.stages, done.merges


@pytest.mark.slow
def test_what_an_earlier_run_left_behind_changes_nothing(tmp_path: Path) -> None:
    """A folder that the notebook makes is there at the second conversion: the stages must be the same to the byte."""
    cells = "# %% stage:a\nimport os\nos.makedirs('out/x', exist_ok=True)\n# %% stage:b\nopen('out/x/f.txt', 'w').write('1')\n"
    notebook = write_notebook(tmp_path / "left.ipynb", cells)
    convert(notebook, tmp_path / "pipeline", init=True)
    first = {path.name: path.read_bytes() for path in (tmp_path / "pipeline" / "stages").iterdir()}
    assert verify(tmp_path / "pipeline").verdict.state == "same"
    (tmp_path / "pipeline" / "stages" / "b.ipynb").unlink()
    convert(notebook, tmp_path / "pipeline")
    assert {path.name: path.read_bytes() for path in (tmp_path / "pipeline" / "stages").iterdir()} == first
