"""The panel's types are those of the Python records."""

from __future__ import annotations

import runpy
from pathlib import Path

_RECORDS = Path(__file__).parents[2] / "labextension" / "records.py"


def test_the_committed_types_are_current():
    made = runpy.run_path(str(_RECORDS))
    assert made["FILE"].read_text(encoding="utf-8") == made["typescript"](), "run `python labextension/records.py`"
