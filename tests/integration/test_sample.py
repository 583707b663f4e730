"""`nb2prod run --profile sample`: a quick answer on a part of the data, which is said to be one."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from integration import projects
from integration.projects import contents, dvc, git, nb2prod
from nb2prod.cli.run import _say_sampled
from nb2prod.operations.convert import convert
from nb2prod.operations.run import run
from nb2prod.pipeline.profile import Sampled

pytestmark = pytest.mark.slow

MEANS = projects.notebook(
    ("parameters", "rounds = 3"),
    (
        "stage:load",
        "import csv\nfrom pathlib import Path\n\nwith open('data/prices.csv') as file:\n"
        "    rows = list(csv.DictReader(file))\nnames = Path('data/names.csv').read_text().splitlines()",
    ),
    ("stage:mean", "mean = sum(float(row['price']) for row in rows) / len(rows) * rounds"),
    ("metrics", "count = len(rows)\nmean = mean"),
    ("stage:report", "Path('report.txt').write_text(f'{mean} {len(names)}')"),
)


@pytest.fixture(scope="module")
def means(tmp_path_factory) -> Path:
    """A project whose data DVC tracks, converted and committed."""
    root = tmp_path_factory.mktemp("means") / "means"
    (root / "data").mkdir(parents=True)
    rows = "".join(f"{number},{number % 7}\n" for number in range(20_000))
    (root / "data" / "prices.csv").write_text("id,price\n" + rows)
    (root / "data" / "names.csv").write_text("name\na\nb\n")
    git(root, "init", "-q")
    dvc(root, "init", "-q")
    dvc(root, "add", "data/prices.csv")
    assert convert(projects.write(root / "means.ipynb", MEANS), root / "pipeline").verdict.state == "same"
    projects.commit(root)
    return root


def _metrics(folder: Path) -> dict[str, float]:
    return dict(json.loads((folder / "metrics" / "mean.json").read_text()))


def test_a_part_of_the_data_in_a_scratch_place(means):
    before = contents(means)
    told = nb2prod(means, "run", "pipeline", "--profile", "sample").stdout.splitlines()
    assert told[0] == "ran: load, mean, report"
    assert "no results of the pipeline" in told[1]
    assert told[2:5] == [
        "  data/names.csv: whole (it is small)",
        "  data/prices.csv: 2009 of 20001 rows",
        "metrics of that part:",
    ]
    assert "  count: 2008" in told
    scratch = Path(told[-1].split(";")[0].removeprefix("ran in "))
    assert _metrics(scratch)["count"] == 2008
    assert (scratch.parent / "report.txt").exists()
    assert contents(means) == before
    assert git(means, "status", "--porcelain") == ""
    assert _metrics(means / "pipeline")["count"] == 20_000


def test_what_did_not_change_is_not_run_again(means):
    """A profile's results are kept for the next run, apart from the pipeline's own."""
    cache = lambda: {path.name for path in (means / ".dvc" / "cache" / "files").rglob("*")}  # noqa: E731
    before = cache()
    run(means / "pipeline", profile="sample")
    again = run(means / "pipeline", profile="sample", parameters={"rounds": 5})
    assert (again.executed, again.profile) == (("mean", "report"), "sample")
    assert again.metrics["mean"] == pytest.approx(15, rel=0.1)
    assert cache() == before


def test_a_sample_stays_for_machines_without_the_data(means, tmp_path):
    root = Path(shutil.copytree(means, tmp_path / "means", symlinks=True))
    (root / "pyproject.toml").write_text(
        '[tool.nb2prod.profiles.sample]\nrows = 50\nat_least = 1\ntake = { "data/names.csv" = "all" }\n'
        "parameters = { rounds = 1 }\n"
    )
    kept = nb2prod(root, "run", "pipeline", "--profile", "sample", "--keep")
    assert "sample-data: look at them before you commit them" in kept.stdout
    projects.commit(root)
    clone = projects.clone(root, tmp_path / "clone")
    assert not (clone / "data" / "prices.csv").exists()
    told = nb2prod(clone, "run", "pipeline", "--profile", "sample").stdout
    assert "  count: 59" in told  # the first records of a table are always there
    assert "as pipeline/sample-data has it" in told
    shutil.rmtree(clone / "pipeline" / "sample-data")
    assert "data/prices.csv is not there" in nb2prod(clone, "run", "pipeline", "--profile", "sample", code=2).stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--profile", "tiny"], "there is no profile `tiny`"),
        (["--profile", "sample", "--from", "mean"], "--profile and --from do not go together"),
        (["--profile", "sample", "-p", "rounds", "2", "--keep"], "-p with --keep"),
        (["--profile", "sample", "--refresh"], "--refresh"),
        (["--all", "--profile", "sample"], "--all and --profile do not go together"),
    ],
)
def test_what_does_not_go_together(means, options, said):
    assert said in nb2prod(means, "run", "pipeline", *options, code=2).stderr


@pytest.mark.parametrize("others", [0, 1])
def test_joins_of_what_was_cut_are_spoken_of(capsys, others):
    cut = [
        Sampled("prices.csv", 10, 100),
        *[Sampled("orders.csv", 10, 100)] * others,
        Sampled("names.csv", why="small"),
    ]
    _say_sampled(SimpleNamespace(profile="sample", sampled=cut, metrics={}))
    assert ("a join of them finds fewer partners" in capsys.readouterr().out) is bool(others)
