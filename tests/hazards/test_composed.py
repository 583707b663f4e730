"""A sample of the random composed notebooks; `tests/long/composed_notebooks.py` runs thousands.

Each is converted with real kernels (forked from a warm process), and its stages are then run again from scratch: what
they print must be what the notebook prints, with the parameters it was converted at and with others, or be refused.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from composed.trial import judge, runnable
from composed.warm_kernels import Servers, warm_kernels
from composed.writer import Writer

pytestmark = pytest.mark.slow
SEEDS = (11, 101, 107, 119, 130, 146, 151, 2072)


@pytest.fixture(scope="module")
def servers() -> Iterator[Servers]:
    with warm_kernels() as running:
        yield running


@pytest.mark.parametrize("seed", SEEDS)
def test_a_composed_notebook_is_same_or_refused(servers: Servers, seed: int) -> None:
    notebook = runnable(servers, seed)
    assert notebook is not None
    found = judge(servers, notebook)
    assert found.state in ("same", "refused", "unverified"), f"{found}\n{notebook.text()}"
    assert found.elsewhere in ("", "same", "refused", "undeclared"), f"{found}\n{notebook.text()}"
    assert not found.missed, notebook.text()


def test_the_same_notebook_gives_the_same_bytes(servers: Servers) -> None:
    """The kernels of the second conversion have other hash seeds."""
    notebook = runnable(servers, SEEDS[0])
    assert notebook is not None
    first, second = (judge(servers, notebook, only_digest=True).digest for _ in range(2))
    assert first == second != ""


def test_a_seed_gives_one_notebook() -> None:
    assert Writer(5).notebook() == Writer(5).notebook()
