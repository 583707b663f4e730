"""DVC is the engine of record: what it makes and what nb2prod makes is one and the same."""

from __future__ import annotations

import json

import pytest

from integration.projects import (
    artifacts,
    clone,
    commit,
    dvc,
    git,
    is_clean,
    nb2prod,
    reran,
    set_parameters,
    without_nb2prod,
)

pytestmark = pytest.mark.slow

STAGES = ["load", "clean", "train", "report"]


def test_after_conversion_nothing_is_to_be_done(sales):
    assert is_clean(sales / "pipeline")
    assert reran(dvc(sales / "pipeline", "repro").stdout) == []
    assert "nothing to do" in nb2prod(sales, "run", "pipeline").stdout
    assert git(sales, "status", "--porcelain") == ""


def test_a_clone_without_nb2prod_gives_the_same(sales, tmp_path):
    fresh = clone(sales, tmp_path / "fresh") / "pipeline"
    without = without_nb2prod(tmp_path / "shim")
    assert "nb2prod is not installed" in nb2prod(fresh, "--help", code=1, env=without).stderr
    assert reran(dvc(fresh, "repro", env=without).stdout) == STAGES
    assert artifacts(fresh) == artifacts(sales / "pipeline")
    assert (fresh.parent / "report.txt").read_bytes() == (sales / "report.txt").read_bytes()
    assert git(fresh, "status", "--porcelain") == ""
    assert "nothing to do" in nb2prod(fresh, "run").stdout
    assert is_clean(fresh)


def test_what_nb2prod_runs_in_a_clone_is_up_to_date_for_dvc(sales, tmp_path):
    fresh = clone(sales, tmp_path / "fresh") / "pipeline"
    assert f"ran: {', '.join(STAGES)}" in nb2prod(fresh, "run").stdout
    assert artifacts(fresh) == artifacts(sales / "pipeline")
    assert reran(dvc(fresh, "repro").stdout) == []
    assert is_clean(fresh)
    assert git(fresh, "status", "--porcelain") == ""


def test_forced_reproduction_leaves_the_lock_as_it_is(sales):
    before = (sales / "pipeline" / "dvc.lock").read_bytes()
    assert reran(dvc(sales / "pipeline", "repro", "-f").stdout) == STAGES
    assert (sales / "pipeline" / "dvc.lock").read_bytes() == before


@pytest.mark.parametrize(
    ("values", "stages"),
    [
        ({"title": "Turnover"}, ["report"]),
        ({"scale": 3.0}, ["train", "report"]),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_parameter_reruns_only_what_needs_it(sales, tmp_path, values, stages):
    fresh = clone(sales, tmp_path / "by-nb2prod")
    (fresh / ".dvc" / "config.local").write_text(f"[cache]\n    dir = {sales / '.dvc' / 'cache'}\n", "utf-8")
    dvc(fresh / "pipeline", "checkout")
    for folder in (fresh / "pipeline", sales / "pipeline"):
        set_parameters(folder, values)
    assert reran(dvc(sales / "pipeline", "repro", "--no-run-cache").stdout) == stages
    (sales / ".dvc" / "cache" / "runs").rename(tmp_path / "run-cache")  # or nb2prod would find these runs there
    assert f"ran: {', '.join(stages)}" in nb2prod(fresh / "pipeline", "run").stdout
    assert artifacts(fresh / "pipeline") == artifacts(sales / "pipeline")
    assert is_clean(fresh / "pipeline")
    assert is_clean(sales / "pipeline")


def test_metrics_and_experiments(sales):
    pipeline = sales / "pipeline"
    before = json.loads((pipeline / "metrics" / "report.json").read_text())
    dvc(pipeline, "exp", "run", "-S", "scale=3.5")
    after = json.loads((pipeline / "metrics" / "report.json").read_text())
    assert after["mean"] > before["mean"]
    found = json.loads(dvc(pipeline, "metrics", "diff", "--json").stdout)
    (changed,) = [metrics for path, metrics in found.items() if path.endswith("report.json")]
    assert changed["mean"]["old"] == before["mean"]
    assert changed["mean"]["new"] == after["mean"]
    assert "scale: 3.5" in (pipeline / "params.yaml").read_text()


def test_metrics_can_be_compared_in_a_fresh_clone(sales, tmp_path):
    set_parameters(sales / "pipeline", {"scale": 4.0})
    nb2prod(sales, "run", "pipeline")
    commit(sales)
    fresh = clone(sales, tmp_path / "fresh") / "pipeline"
    found = json.loads(dvc(fresh, "metrics", "diff", "--json", "HEAD~1", "HEAD").stdout)
    assert any("mean" in metrics for metrics in found.values())
