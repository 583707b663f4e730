"""The prediction log, counted: what a clone without the log can still show."""

from __future__ import annotations

from pathlib import Path

from nb2prod.adapters.clock import now, timestamp
from nb2prod.adapters.evidence import evidence_of, record
from nb2prod.adapters.prediction_log import expire, log_folder, record_text
from nb2prod.contract.evidence import Evidence
from nb2prod.operations.watched import remember_predictions
from nb2prod.prediction.places import Places
from nb2prod.prediction.records import Batch


def logged(
    top: Path, name: str, at: str, rows: int, aside: int = 0, environment: str = "production", model: str = "v1"
):
    batch = Batch(
        name, at, "churn", model, environment, "champion", "", "", "hash", "d.csv", "", "o.csv", rows, aside, 1.0, 0.5
    )
    file = log_folder(top, "churn", environment) / Places(name).record
    file.parent.mkdir(exist_ok=True)
    file.write_text(record_text(batch), "utf-8")


def counted(top: Path) -> dict:
    remember_predictions(top, top, "churn", 10**5)
    (found,) = (one for one in evidence_of(top) if one.kind == "predictions")
    assert found.passed
    return {"at": found.at, **found.facts}


def test_rows_are_counted_per_day_and_environment(tmp_path):
    logged(tmp_path, "20261119T080000Z-00000001", "2026-11-19T08:00:00.000Z", 10, 1)
    logged(tmp_path, "20261120T080000Z-00000001", "2026-11-20T08:00:00.000Z", 5)
    logged(tmp_path, "20261120T090000Z-00000001", "2026-11-20T09:00:00.000Z", 7, 2)
    logged(tmp_path, "20261120T100000Z-00000001", "2026-11-20T10:00:00.000Z", 3, environment="staging")
    assert counted(tmp_path) == {
        "at": "2026-11-20T10:00:00.000Z",
        "rows": 25,
        "quarantined": 3,
        "last": "2026-11-20",
        "days": [
            {"environment": "production", "day": "2026-11-19", "rows": 10, "quarantined": 1},
            {"environment": "production", "day": "2026-11-20", "rows": 12, "quarantined": 2},
            {"environment": "staging", "day": "2026-11-20", "rows": 3, "quarantined": 0},
        ],
    }


def test_the_last_days_are_enough(tmp_path):
    for day in range(1, 29):
        logged(tmp_path, f"202611{day:02}T080000Z-00000001", f"2026-11-{day:02}T08:00:00.000Z", 1)
    assert counted(tmp_path)["rows"] == 14


def test_what_no_release_answered_does_not_count(tmp_path):
    logged(tmp_path, "20261119T080000Z-00000001", "2026-11-19T08:00:00.000Z", 10, model="unreleased")
    remember_predictions(tmp_path, tmp_path, "churn", 10**5)
    assert evidence_of(tmp_path) == ()


def test_a_clone_without_the_log_keeps_the_record(tmp_path):
    kept = Evidence("predictions", True, "2026-11-01T00:00:00Z", facts={"rows": 3})
    record(tmp_path, kept)
    remember_predictions(tmp_path, tmp_path, "churn", 10**5)
    assert evidence_of(tmp_path) == (kept,)


def test_the_file_is_written_for_something_new_only(tmp_path):
    logged(tmp_path, "20261119T080000Z-00000001", "2026-11-19T08:00:00.000Z", 10)
    counted(tmp_path)
    file = tmp_path / "evidence" / "predictions.json"
    before = file.stat().st_mtime_ns, file.stat().st_ino
    counted(tmp_path)
    assert (file.stat().st_mtime_ns, file.stat().st_ino) == before
    logged(tmp_path, "20261119T090000Z-00000001", "2026-11-19T09:00:00.000Z", 1)
    assert counted(tmp_path)["rows"] == 11


def test_what_is_kept_too_long_is_seen_in_the_log_itself(tmp_path):
    logged(tmp_path, "20260101T080000Z-00000001", "2026-01-01T08:00:00.000Z", 10)
    today = timestamp()
    logged(tmp_path, f"{today[:10].replace('-', '')}T080000Z-00000001", today, 10)
    assert _kept(tmp_path, 10**5) == (True, [])
    assert _kept(tmp_path, 30) == (False, ["production 2026-01-01"])
    expire(log_folder(tmp_path, "churn", "production"), now().date(), 30)
    assert _kept(tmp_path, 30) == (True, [])


def _kept(top: Path, keep: int) -> tuple[bool | None, object]:
    remember_predictions(top, top, "churn", keep)
    (found,) = (one for one in evidence_of(top) if one.kind == "retention")
    return found.passed, found.facts["over"]
