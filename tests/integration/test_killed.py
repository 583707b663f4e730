"""Killed at any moment: nothing half-written is taken for a result, and the next attempt gives the whole."""

from __future__ import annotations

import random
import signal
from pathlib import Path

import pytest

from integration.killing import kill_convert, kill_run
from integration.projects import artifacts, is_clean, nb2prod
from integration.projects import sales as sales_project

pytestmark = pytest.mark.slow

RUN = random.Random(20)


@pytest.mark.parametrize(
    ("seconds", "everything"),
    [(RUN.uniform(1.0, 3.0), True), (RUN.uniform(3.0, 6.0), False), (RUN.uniform(6.0, 10.0), True)],
    ids=["early, all", "middle, only nb2prod", "late, all"],
)
def test_a_killed_run_is_completed_by_the_next(sales, seconds, everything):
    expected = artifacts(sales / "pipeline"), (sales / "report.txt").read_bytes()
    lock = (sales / "pipeline" / "dvc.lock").read_bytes()
    kill_run(sales, seconds, everything=everything)
    assert (artifacts(sales / "pipeline"), (sales / "report.txt").read_bytes()) == expected
    assert (sales / "pipeline" / "dvc.lock").read_bytes() == lock
    assert is_clean(sales / "pipeline")


def _by_seconds(seconds: float):
    return lambda folder, elapsed: elapsed >= seconds


def _at(path: str):
    """As soon as this file is there."""
    return lambda folder, elapsed: (folder / "pipeline" / path).exists()


MOMENTS = [
    (signal.SIGKILL, _by_seconds(2.7)),
    (signal.SIGINT, _by_seconds(4.1)),
    (signal.SIGKILL, _at("artifacts/load/rows.json")),
    (signal.SIGKILL, _at("conversion.json")),
    (signal.SIGINT, _at("dvc.yaml")),
]


@pytest.mark.parametrize(
    ("sent", "moment"), MOMENTS, ids=["kill", "int", "kill at results", "kill at conversion.json", "int at files"]
)
def test_a_killed_conversion_is_made_good_by_the_next(tmp_path, converted_sales, sent, moment):
    folder = tmp_path / "sales"
    sales_project(folder)
    stopped = kill_convert(folder, sent, moment)
    if sent == signal.SIGINT:
        assert stopped.code in (0, 130)
        assert "Traceback" not in stopped.errors
        assert not list(Path(stopped.temporary).glob("nb2prod-*"))
    nb2prod(folder, "convert", "sales.ipynb")
    assert is_clean(folder / "pipeline")
    assert artifacts(folder / "pipeline") == artifacts(converted_sales / "pipeline")
    nb2prod(folder, "convert", "sales.ipynb", "--check")


def test_an_interrupted_conversion_is_no_pipeline(sales):
    """As left by a kill between two files: a record that says so."""
    from nb2prod.operations.install import _unfinished
    from nb2prod.operations.project import pipeline_folder

    record = sales / "pipeline" / "conversion.json"
    project = pipeline_folder(sales / "pipeline")
    record.write_text(_unfinished(project, record.read_text("utf-8")), "utf-8")
    (sales / "pipeline" / "stages" / "train.ipynb").unlink()
    for verb in (["run", "pipeline"], ["verify", "pipeline"], ["convert", "sales.ipynb", "--check"]):
        assert "interrupted" in nb2prod(sales, *verb, code=1).stderr
    assert "verdict: same" in nb2prod(sales, "convert", "sales.ipynb").stdout
    assert "unfinished" not in record.read_text("utf-8")
    assert is_clean(sales / "pipeline")
