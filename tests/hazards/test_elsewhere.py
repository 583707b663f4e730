"""What lies beside the variables and changes only at other parameters: the pipeline gives the same, or says why not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from composed.notebooks import from_text
from composed.trial import judge
from composed.warm_kernels import Servers, warm_kernels

from hazards.elsewhere import CACHES, DRAWN, LIBRARIES, MODULES, REACHED, REPORTED, UNSEEN
from hazards.found import Found
from hazards.looked_at import LOOKED_AT

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def servers() -> Iterator[Servers]:
    with warm_kernels() as running:
        yield running


@pytest.mark.parametrize(
    "found",
    [*MODULES, *CACHES, *LIBRARIES, *REACHED, *UNSEEN, *REPORTED, *DRAWN, *LOOKED_AT],
    ids=lambda one: one.title,
)
def test_elsewhere(servers: Servers, found: Found) -> None:
    judgement = judge(servers, from_text(found.cells, found.others, found.beside))
    assert judgement.state == "same", judgement
    assert judgement.elsewhere == found.elsewhere, judgement
    assert found.told in judgement.detail, judgement
    assert judgement.stages >= found.stages, judgement
