"""What is kept of a run is not put back where something outside of the project changed that it may have looked at."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hazards.hazard import write_notebook

from nb2prod.operations import segments
from nb2prod.operations.convert import convert

pytestmark = pytest.mark.slow

CELLS = """
# %% stage:module
import sys
sys.path.append("{outside}")
import rates
# %% stage:rate
rate = rates.rate()
# %% stage:library
import pyarrow.parquet as pq
rows = pq.read_table("{outside}/table.parquet").num_rows
# %% stage:program
import subprocess
text = subprocess.check_output(["cat", "{outside}/text.txt"], text=True)
# %% stage:question
import os
there = os.path.exists("{outside}/flag")
# %% stage:report
print(rate, rows, text, there)
"""


def _change(outside: Path, number: int) -> None:
    outside.mkdir(exist_ok=True)
    (outside / "rates.py").write_text(f"def rate():\n    return {number}\n", "utf-8")
    (outside / "text.txt").write_text(f"{number}", "utf-8")
    pq.write_table(pa.table({"a": list(range(number))}), outside / "table.parquet")
    if number > 1:
        (outside / "flag").touch()


def test_what_lies_outside_of_the_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segments, "LONG_SECONDS", 0.0)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    outside, project = tmp_path / "outside", tmp_path / "project"
    project.mkdir()
    cells = CELLS.format(outside=outside)
    for number in (1, 2):
        _change(outside, number)
        path = write_notebook(project / "kept.ipynb", cells + f"# {number}\nnumber = {number}\n")
        assert convert(path).verdict.state == "same"
        assert list((tmp_path / "cache").rglob("segment.json.gz"))
    executed = json.loads((project / "pipeline" / "runs" / "report.ipynb").read_text("utf-8"))
    shown = [output["text"] for cell in executed["cells"] for output in cell.get("outputs", ()) if "text" in output]
    assert "".join(shown[-1]) == "2 2 2 True\n"
