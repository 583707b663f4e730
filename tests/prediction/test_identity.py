"""Ids of predictions, and which days of a log are over."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from nb2prod.prediction.identity import PredictionId, batch_name, day_of, parse_id
from nb2prod.prediction.journal import Plan, plan_of, text_of
from nb2prod.prediction.retention import days_over

BATCH = "20261121T145012Z-3f9a1c07"


def test_a_batch_is_named_by_its_moment():
    assert batch_name(datetime(2026, 11, 21, 14, 50, 12, tzinfo=UTC), "3f9a1c07") == BATCH
    assert day_of(BATCH) == "2026-11-21"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"{BATCH}.0", PredictionId(BATCH, 0)),
        (f" {BATCH}.9999999\n", PredictionId(BATCH, 9_999_999)),
        (f"{BATCH}.007", None),
        (f"{BATCH}.", None),
        (BATCH, None),
        (f"{BATCH}.-1", None),
        ("v2", None),
        ("20261121T145012Z-3F9A1C07.1", None),
    ],
)
def test_what_is_an_id(text, found):
    assert parse_id(text) == found
    assert found is None or parse_id(str(found)) == found


def test_a_plan_survives_writing_and_a_cut_one_is_none():
    plan = Plan(BATCH, "/log/lock", (("/a b", "/ü"), ("/c", "/d")))
    assert plan_of(text_of(plan)) == plan
    assert [plan_of(text_of(plan)[:end]) for end in (0, 10, -1)] == [None, None, None]


def test_days_are_kept_at_least_as_long_as_asked():
    days = ["2026-11-19", "2026-11-20", "2026-11-21", "journal", "work", "2025-01-01"]
    assert days_over(days, date(2026, 11, 21), 1) == ("2025-01-01", "2026-11-19")
    assert days_over(days, date(2026, 11, 21), 365) == ("2025-01-01",)
