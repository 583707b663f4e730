"""Every hazard is `same`, or refused or called unverified as it must be; never green but wrong."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hazards.hazard import Hazard, write_notebook, write_project
from hazards.hazards import HAZARDS
from hazards.page import PATH, page
from nb2prod.errors import Nb2prodError
from nb2prod.operations.convert import convert
from nb2prod.operations.verify import verify


@pytest.mark.slow
@pytest.mark.parametrize("hazard", HAZARDS, ids=lambda hazard: f"{hazard.class_}: {hazard.title}")
def test_hazard(hazard: Hazard, tmp_path: Path) -> None:
    notebook = write_project(tmp_path / "project", hazard)
    if hazard.verdict == "refused":
        with pytest.raises(Nb2prodError) as refusal:
            convert(notebook, tmp_path / "project" / "pipeline")
        _assert_helps(refusal.value, hazard)
        assert not (tmp_path / "project" / "pipeline").exists()
        return
    done = convert(notebook, tmp_path / "project" / "pipeline")
    assert done.verdict.state == hazard.verdict, done.verdict
    assert done.pipeline is not None
    assert len(done.pipeline.stages) >= hazard.stages, done.merges
    assert all(merge.reason for merge in done.merges)


def _assert_helps(refusal: Nb2prodError, hazard: Hazard) -> None:
    """A refusal names the place, the reason and the remedy."""
    assert re.search(r"\bcell \d+|stage `\w+`", refusal.message), refusal.message
    assert refusal.hint, refusal.message
    assert [name for name in hazard.names if name not in str(refusal)] == []


def test_the_suite_is_large_and_its_titles_are_unique() -> None:
    titles = [f"{hazard.class_}: {hazard.title}" for hazard in HAZARDS]
    assert len(titles) == len(set(titles)) >= 150


def test_the_page_is_up_to_date() -> None:
    assert PATH.read_text("utf-8") == page(), "PYTHONPATH=tests python -m hazards.page"


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
