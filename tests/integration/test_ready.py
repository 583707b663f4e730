"""Readiness of a pipeline that was really converted and run."""

from __future__ import annotations

import json

import pytest

from integration.projects import commit, edit, nb2prod, set_parameters

pytestmark = pytest.mark.slow


def answers(folder, code: int = 1) -> dict[str, tuple[str, str]]:
    done = nb2prod(folder, "ready", "pipeline", "--format", "json", "--level", "2", code=code)
    return {one["id"]: (one["status"], one["evidence"]) for one in json.loads(done.stdout)["criteria"]}


def test_what_a_conversion_gives_is_met_until_something_changes(sales):
    before = answers(sales)
    commit(sales)  # production.yaml was written
    first = answers(sales)
    met = {name for name, (status, _) in first.items() if status == "met"}
    assert met == {"reproducible", "environment", "code_versioned"}
    assert before["code_versioned"][0] == "not_met"
    assert "pipeline/production.yaml" in before["code_versioned"][1]

    (sales / "data" / "prices.json").write_text("[2, 2, 3, 5, 8, 13]\n", "utf-8")
    commit(sales)
    status, evidence = answers(sales)["reproducible"]
    assert status == "unknown"
    assert "stale: data or parameters changed after the last run" in evidence
    assert "stale: data/prices.json changed after the last run" in answers(sales)["data_versioned"][1]

    nb2prod(sales, "run", "pipeline")
    assert answers(sales)["reproducible"][0] == "met"

    set_parameters(sales / "pipeline", {"scale": 0.25})
    assert answers(sales)["reproducible"][0] == "unknown"


def test_the_notebook_went_on(sales):
    answers(sales)
    edit(sales / "sales.ipynb", "cell-2", "import", "import math\nimport")
    commit(sales)
    status, evidence = answers(sales)["reproducible"]
    assert status == "unknown"
    assert "stale: code changed after it: the code or the tags of sales.ipynb changed" in evidence


def test_the_pipelines_own_tests_are_run_and_recorded(sales):
    nb2prod(sales, "ready", "pipeline", "--level", "1", "--run-tests", code=1)
    evidence = answers(sales)["tests"][1]
    assert "tests passed: failed 0, tests " in evidence
    (sales / "pipeline" / "tests" / "test_own.py").write_text("def test_not_so():\n    assert not 1\n", "utf-8")
    nb2prod(sales, "ready", "pipeline", "--level", "1", "--run-tests", code=1)
    status, evidence = answers(sales)["tests"]
    assert status == "not_met"
    assert "failed 1" in evidence
    assert not list((sales / "pipeline" / "tests").glob("**/*.pyc"))
