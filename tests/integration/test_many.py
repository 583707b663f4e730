"""Two notebooks in one repository, the second reading what the first one writes: one graph to DVC, run in order."""

from __future__ import annotations

from pathlib import Path

import pytest
from writers import linters

from integration.projects import clone, commit, dvc, git, is_clean, nb2prod, notebook, write

pytestmark = pytest.mark.slow

# Named so that order by name is not the order of need.
MODEL = notebook(
    ("stage:load", "text = open('data/clean.txt').read()\nvalues = [int(one) for one in text.split()]"),
    ("stage:fit", "mean = sum(values) / len(values)\nopen('mean.txt', 'w').write(str(mean))\nprint(mean)"),
)
PREPARE = notebook(
    ("stage:read", "rows = open('data/raw.txt').read().split()"),
    ("stage:write", "open('data/clean.txt', 'w').write(' '.join(row for row in rows if row != 'x'))"),
)


@pytest.fixture
def two(tmp_path: Path) -> Path:
    top = tmp_path / "two"
    (top / "data").mkdir(parents=True)
    (top / "data" / "raw.txt").write_text("1 x 3", "utf-8")
    write(top / "prepare.ipynb", PREPARE)
    write(top / "model.ipynb", MODEL)
    git(top, "init", "-q")
    dvc(top, "init", "-q")
    commit(top)
    for name, out in (("prepare", "z"), ("model", "a")):
        assert "verdict: same" in nb2prod(top, "convert", f"{name}.ipynb", "--out", out).stdout
    commit(top)
    return top


def test_the_second_reads_what_the_first_one_writes(two: Path, tmp_path: Path) -> None:
    arrows = [line.replace('"', "").strip(" ;") for line in dvc(two, "dag", "--dot", "a/dvc.yaml").stdout.splitlines()]
    assert "z/dvc.yaml:write -> a/dvc.yaml:load" in arrows
    idle = nb2prod(two, "run", "--all").stdout
    assert [line.partition(":")[0] for line in idle.splitlines()] == ["z", "a"]
    assert idle.count("nothing to do") == 2

    (two / "data" / "raw.txt").write_text("1 x 6", "utf-8")
    said = nb2prod(two, "run", "--all").stdout.splitlines()
    assert said[0] == "z: ran: read, write"
    assert said[1].startswith("a: ran: load, fit")
    assert (two / "mean.txt").read_text("utf-8") == "3.5"
    assert is_clean(two / "a")
    assert is_clean(two / "z")

    commit(two)
    fresh = clone(two, tmp_path / "fresh")
    (fresh / "data" / "raw.txt").write_text("1 x 8", "utf-8")
    nb2prod(fresh, "run", "a")  # what it needs of the other one too
    assert (fresh / "mean.txt").read_text("utf-8") == "4.5"
    back = notebook(("stage:back", "text = open('mean.txt').read()\nopen('data/raw.txt', 'w').write(text)"))
    write(two / "back.ipynb", back)
    git(two, "rm", "-q", "--cached", "data/raw.txt")
    refused = nb2prod(two, "convert", "back.ipynb", "--out", "b", code=1).stderr
    assert "stage `back` reads mean.txt, which is made from data/raw.txt (by stage `read` of z/dvc.yaml)" in refused
    assert not (two / "b").exists()
    refused = nb2prod(two, "run", "--all", "--to", "fit", code=2).stderr
    assert "--all and --to do not go together" in refused

    workflows = sorted(str(path) for path in (two / ".github" / "workflows").glob("*.yml"))
    assert [Path(path).name for path in workflows] == ["model.yml", "prepare.yml"]
    linters.schema("vendor.github-workflows", workflows)
    linters.zizmor(workflows)
