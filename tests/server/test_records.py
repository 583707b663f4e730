"""The panel's types are those of the Python records."""

from __future__ import annotations

import dataclasses
import runpy
from pathlib import Path

from nb2prod.readiness.judging import Judged, Readiness
from nb2prod.readiness.registry import criteria
from nb2prod.readiness.report.json import record_of
from nb2prod.server.wire import CriterionRecord, ReadinessRecord

_RECORDS = Path(__file__).parents[2] / "labextension" / "records.py"


def test_the_committed_types_are_current():
    made = runpy.run_path(str(_RECORDS))
    assert made["FILE"].read_text(encoding="utf-8") == made["typescript"](), "run `python labextension/records.py`"


def test_readiness_on_the_wire_has_the_fields_that_ready_writes():
    written = record_of(Readiness("churn", 0, "2026-11-21T00:00:00Z", (Judged(next(iter(criteria())), "met"),)))
    assert set(written) - {"version"} == {field.name for field in dataclasses.fields(ReadinessRecord)}
    assert set(written["criteria"][0]) == {field.name for field in dataclasses.fields(CriterionRecord)}
