"""A sample of the hazards with kernels that are processes of their own, as users have them."""

from __future__ import annotations

from pathlib import Path

import pytest

from hazards.hazard import Hazard, write_notebook
from hazards.test_hazards import SAMPLE, check
from nb2prod.operations.convert import convert
from nb2prod.operations.verify import verify

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("hazard", SAMPLE, ids=lambda hazard: f"{hazard.class_}: {hazard.title}")
def test_hazard(hazard: Hazard, tmp_path: Path) -> None:
    check(hazard, tmp_path / "project")


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
