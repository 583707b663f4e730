"""What random composed notebooks found stays mended: the pipeline gives the same, or says that it cannot."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from composed.kinds import FILES
from composed.notebooks import from_text
from composed.trial import judge
from composed.warm_kernels import Servers, warm_kernels

from hazards.found import FOUND, Found

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def servers() -> Iterator[Servers]:
    with warm_kernels() as running:
        yield running


@pytest.mark.parametrize("found", FOUND, ids=lambda one: one.title)
def test_found(servers: Servers, found: Found) -> None:
    judgement = judge(servers, from_text(found.cells, found.others, FILES))
    assert judgement.state == "same", judgement
    assert judgement.elsewhere == found.elsewhere, judgement
    assert found.told in judgement.detail, judgement
    assert judgement.stages >= found.stages, judgement
    assert not judgement.missed, judgement


def test_a_user_file_that_is_removed_is_refused(servers: Servers) -> None:
    cells = "# %% stage:a\nimport os\nos.remove('numbers.txt')\n# %% stage:b\nprint(1)\n"
    judgement = judge(servers, from_text(cells, {}, FILES))
    assert judgement.state == "refused"
    assert "removes `numbers.txt`" in judgement.detail
