"""Large data between stages: what will be written is said before it is, with what would be cheaper.

`tests/long/large_crossing.py` does the same with 2 GB, and looks at the memory.
"""

from __future__ import annotations

import json

import pytest

from integration.projects import dvc, git, nb2prod, notebook, write

pytestmark = pytest.mark.slow

WORK = notebook(
    ("setup", "import numpy as np\nimport pandas as pd"),
    (
        "stage:load",
        "frame = pd.DataFrame(np.random.default_rng(0).standard_normal((1_100_000, 8)), columns=list('abcdefgh'))",
    ),
    ("stage:sum", "total = float(frame['a'].sum())\nprint(total)"),
    ("metrics", "result = total"),
)


def test_what_is_heavy_is_said_before_it_is_moved(tmp_path):
    write(tmp_path / "work.ipynb", WORK)
    git(tmp_path, "init", "-q")
    dvc(tmp_path, "init", "-q")
    said = nb2prod(tmp_path, "convert", "work.ipynb").stderr
    (heavy,) = json.loads((tmp_path / "pipeline" / "conversion.json").read_text())["boundaries"]
    written = tmp_path / "pipeline" / "artifacts" / "load" / "frame.parquet"
    assert heavy["bytes"] == pytest.approx(written.stat().st_size, rel=0.2)
    assert heavy["proposal"].endswith(
        "remove the tag `stage:sum`, and both are one stage, or tag what makes it `setup`, and each stage makes it itself"
    )
    assert said.index(heavy["proposal"]) < said.index("stage load")
