"""Every hazard is `same`, or refused or called unverified as it must be; never green but wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from composed.warm_kernels import warm_kernels

from hazards.hazard import Hazard, write_project
from hazards.hazards import HAZARDS
from hazards.page import PATH, page
from hazards.rarities import RARITIES
from nb2prod.errors import Nb2prodError
from nb2prod.operations.convert import convert

# Every twelfth, and what varies from process to process, with kernels that are new processes; the others with kernels
# forked from a warm one, which is three times as fast.
SAMPLE = tuple(one for place, one in enumerate(HAZARDS) if place % 12 == 0 or one.verdict == "unverified")


@pytest.fixture(scope="module")
def forked() -> Iterator[None]:
    with warm_kernels():
        yield


def _title(hazard: Hazard) -> str:
    return f"{hazard.class_}: {hazard.title}"


@pytest.mark.slow
@pytest.mark.usefixtures("forked")
@pytest.mark.parametrize("hazard", [one for one in HAZARDS if one not in SAMPLE], ids=_title)
def test_hazard(hazard: Hazard, tmp_path: Path) -> None:
    check(hazard, tmp_path / "project")


def check(hazard: Hazard, folder: Path) -> None:
    """Convert it: the verdict, the stages and, for a refusal, the message are as the record says."""
    notebook = write_project(folder, hazard)
    if hazard.verdict == "refused":
        with pytest.raises(Nb2prodError) as refusal:
            convert(notebook, folder / "pipeline")
        _assert_helps(refusal.value, hazard)
        assert not (folder / "pipeline").exists()
        return
    done = convert(notebook, folder / "pipeline")
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
    assert {hazard.title for hazard in HAZARDS} >= RARITIES
    suite = [hazard for hazard in HAZARDS if hazard.title not in RARITIES]
    same = [hazard for hazard in suite if hazard.verdict.startswith("same")]
    assert len(same) >= 0.97 * len(suite)
    assert sum(hazard.stages < hazard.tagged for hazard in same) <= 0.15 * len(suite)


def test_the_page_is_up_to_date() -> None:
    assert PATH.read_text("utf-8") == page(), "PYTHONPATH=tests python -m hazards.page"
