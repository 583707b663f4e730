"""What random composed notebooks found stays mended: the pipeline gives the same, or says that it cannot."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from composed.conversion import convert_only
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


UNREAD = {
    "a file that is only written": "open('o.txt', 'w').write('1')",
    "a log": "import logging\nlogging.basicConfig(filename='o.txt', level=20)\nlogging.info('begin')",
}


@pytest.mark.usefixtures("servers")
@pytest.mark.parametrize("title", UNREAD)
def test_what_nobody_reads_is_no_dependency(title: str, tmp_path: Path) -> None:
    cells = f"# %% stage:a\n{UNREAD[title]}\n# %% stage:b\nx = len('b')\n# %% stage:c\nprint(x)\n"
    done = convert_only(from_text(cells, {}, {}).write(tmp_path))
    assert done.pipeline is not None
    assert done.repairs == []
    assert [(one.name, one.reads) for one in done.pipeline.stages] == [("a", ()), ("b", ()), ("c", ())]


@pytest.mark.usefixtures("servers")
def test_a_file_that_is_asked_for_and_not_there_is_told(tmp_path: Path) -> None:
    cells = "# %% stage:a\nfrom pathlib import Path\nx = Path('extra.csv').exists()\n# %% stage:b\nprint(x)\n"
    done = convert_only(from_text(cells, {}, {}).write(tmp_path))
    assert done.pipeline is not None
    assert done.pipeline.notes == (
        "stage `a` asks whether extra.csv is there, and it is not: convert again when you add it",
    )


def test_a_cache_that_lasts_from_run_to_run_is_refused(servers: Servers) -> None:
    cells = "# %% stage:a\nfrom joblib import Memory\nf = Memory('store', verbose=0).cache(len)\nx = f('ab')\n# %% stage:b\nprint(x)\n"
    judgement = judge(servers, from_text(cells, {}, FILES))
    assert judgement.state == "refused"
    assert "stage `a` keeps results of earlier runs in `store`, by `joblib.Memory`" in judgement.detail
