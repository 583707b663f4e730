"""`nb2prod run -p`: parameters are tried in a scratch place."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from integration.projects import artifacts, contents, dvc, git, is_clean, nb2prod

pytestmark = pytest.mark.slow


def _mean(folder: Path) -> float:
    return float(json.loads((folder / "metrics" / "report.json").read_text())["mean"])


def test_tried_in_a_scratch_copy_then_kept(sales):
    pipeline = sales / "pipeline"
    before, mean = contents(sales), _mean(pipeline)

    tried = nb2prod(sales, "run", "pipeline", "-p", "scale", "4")
    assert "ran: train, report" in tried.stdout
    assert contents(sales) == before
    assert git(sales, "status", "--porcelain") == ""
    assert is_clean(pipeline)
    scratch = Path(next(line for line in tried.stdout.splitlines() if line.startswith("tried in ")).split()[2][:-1])
    assert _mean(scratch) > mean

    nb2prod(sales, "run", "pipeline", "-p", "scale", "4.0", "--keep")
    assert _mean(pipeline) == _mean(scratch)
    assert artifacts(pipeline) == artifacts(scratch)
    assert "scale: 4.0" in (pipeline / "params.yaml").read_text()
    assert is_clean(pipeline)
    assert git(sales, "status", "--porcelain") != ""


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("scal", "3", "did you mean `scale`?"),
        ("scale", "much", "`scale` is a number (2.0), not text ('much')"),
        ("n", "1.5", "`n` is a whole number (12), not a number (1.5)"),
        ("n", "true", "`n` is a whole number (12), not true or false (True)"),
    ],
)
@pytest.mark.parametrize("keep", [[], ["--keep"]], ids=["scratch", "keep"])
def test_wrong_names_and_types_are_refused(converted_sales, name, value, said, keep):
    before = contents(converted_sales)
    refused = nb2prod(converted_sales, "run", "pipeline", "-p", name, value, *keep, code=2)
    assert said in refused.stderr
    assert "Traceback" not in refused.stderr
    assert contents(converted_sales) == before


@pytest.mark.parametrize("title", ["Report #3", "north: east", "2026", "'quoted'", ""])
def test_text_is_taken_as_it_is(sales, title):
    """The command line's words are not YAML where the parameter is text."""
    done = nb2prod(sales, "run", "pipeline", "-p", "title", title, "--keep")
    assert "ran: report" in done.stdout
    assert (sales / "report.txt").read_text().startswith(f"{title}: ")


def test_one_stage_is_run_alone(sales):
    assert "nothing to do" in nb2prod(sales, "stage", "train", "pipeline").stdout
    alone = nb2prod(sales, "stage", "train", "pipeline", "--force")
    assert alone.stdout.startswith("ran: train")
    assert "stage report" not in alone.stderr
    assert "stage load" not in alone.stderr
    assert "there are: load, clean, train, report" in nb2prod(sales, "stage", "trian", "pipeline", code=2).stderr
    assert json.loads(dvc(sales / "pipeline", "status", "--json", "dvc.yaml").stdout or "{}") == {}


def test_a_part_is_run(sales):
    pipeline = sales / "pipeline"
    ran = lambda *options, code=0: nb2prod(sales, "run", "pipeline", "--force", *options, code=code)  # noqa: E731
    assert ran("--to", "clean").stdout.startswith("ran: load, clean\n")
    assert ran("--from", "train").stdout.startswith("ran: train, report\n")
    assert ran("--from", "clean", "--to", "train").stdout.startswith("ran: clean, train\n")
    assert "does not depend on stage `train`" in ran("--from", "train", "--to", "load", code=2).stderr
    assert "there are: load, clean" in ran("--from", "trian", code=2).stderr
    assert "leave out --jobs" in ran("--to", "train", "--jobs", "2", code=2).stderr
    assert is_clean(pipeline)


def test_only_the_last_scratch_copy_is_left(sales):
    tried = [nb2prod(sales, "run", "pipeline", "-p", "title", title).stdout for title in ("One", "Two")]
    first, second = (
        Path(next(line for line in said.splitlines() if line.startswith("tried in ")).split()[2][:-1]) for said in tried
    )
    assert not first.exists()
    assert (second / "params.yaml").exists()
