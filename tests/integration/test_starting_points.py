"""The matrix: where a project may start from, and whose its outputs may be. Each converts, or refuses before it runs."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from integration.projects import commit, contents, dvc, git, is_clean, nb2prod, notebook, reran, write

pytestmark = pytest.mark.slow

CONFIG = """[core]
    remote = team
    autostage = true
[cache]
    dir = ../../elsewhere
    type = "hardlink,copy"
['remote "team"']
    url = s3://nobody/there
"""


def _nothing(top: Path) -> None:
    top.mkdir()


def _git(top: Path) -> None:
    top.mkdir()
    git(top, "init", "-q")


def _root_above(top: Path) -> None:
    _git(top)
    dvc(top, "init", "-q")
    (top / "work").mkdir()


def _team(top: Path) -> None:
    _root_above(top)
    (top / ".dvc" / "config").write_text(CONFIG)
    commit(top)


def _no_remote(top: Path) -> None:
    _root_above(top)
    assert dvc(top, "remote", "list").stdout == ""
    commit(top)


def _uncommitted(top: Path) -> None:
    _root_above(top)
    (top / "mine.txt").write_text("one\n")
    commit(top)
    (top / "mine.txt").write_text("two\n")
    git(top, "add", "mine.txt")
    (top / "mine.txt").write_text("three\n")
    (top / "new.txt").write_text("new\n")


#: What is there, the project's folder below it, what is said, and whether DVC can run it at once.
STARTS = {
    "no git": (_nothing, ".", "no git repository here: `--init` makes one", False),
    "git without DVC": (_git, ".", "no DVC repository here: `--init` makes one", False),
    "a DVC root above": (_root_above, "work/deep", "verdict: same", True),
    "a team's configuration": (_team, "work", "verdict: same", True),
    "no remote": (_no_remote, ".", "verdict: same", True),
    "uncommitted changes": (_uncommitted, ".", "verdict: same", True),
}
TINY = notebook(
    ("parameters", "n = 3"),
    ("stage:load", "rows = list(range(n))"),
    ("stage:sum", "open('total.txt', 'w').write(str(sum(rows)))"),
)


def _theirs(top: Path) -> dict[str, bytes]:
    """What is not ours to change: configuration, and files that were there."""
    found = contents(top, ".dvc", "mine.txt", "new.txt") if (top / ".dvc").exists() else {}
    return {name: data for name, data in found.items() if "/cache/" not in name and "/tmp/" not in name}


@pytest.mark.parametrize("name", STARTS)
def test_start(tmp_path, name):
    make, below, said, runs = STARTS[name]
    top = tmp_path / "top"
    make(top)
    path = write(top / below / "tiny.ipynb", TINY)
    before, staged = _theirs(top), _staged(top)
    done = nb2prod(path.parent, "convert", "tiny.ipynb")
    assert said in done.stdout
    assert "verdict: same" in done.stdout
    assert (path.parent / "total.txt").read_text() == "3"
    if not runs:
        refused = nb2prod(path.parent, "run", "pipeline", code=2).stderr
        assert "`dvc init`" in refused
        nb2prod(path.parent, "convert", "tiny.ipynb", "--init")
    else:
        nb2prod(path.parent, "convert", "tiny.ipynb", "--init")  # nothing is missing: nothing is made
        assert _theirs(top) == before
        assert {*staged} <= {*_staged(top)}
    assert is_clean(path.parent / "pipeline")
    assert reran(dvc(path.parent / "pipeline", "repro").stdout) == []


def _staged(top: Path) -> list[str]:
    """What is staged for the next commit."""
    if not (top / ".git").exists():
        return []
    return [line for line in git(top, "diff", "--cached").splitlines() if "mine" in line]


#: The last cell of a notebook, what is done before, whether it is refused, and what is said.
OWNERS = {
    "tracked by git": ("open('out.txt', 'w').write(str(n))", "out.txt", "git rm --cached out.txt"),
    "outside the repository": ("open('../out.txt', 'w').write(str(n))", None, "write below the notebook's folder"),
    "kept between runs": (
        "import json\nfrom pathlib import Path\n\nknown = Path('out.json')\n"
        "seen = json.load(open('out.json')) if known.exists() else []\n"
        "json.dump([*seen, n], open('out.json', 'w'))",
        "out.json",
        "rm out.json",
    ),
    "written by two stages": ("open('first.txt', 'a').write(str(n))", None, None),
}


@pytest.mark.parametrize("name", OWNERS)
def test_owner(tmp_path, name):
    source, there, remedy = OWNERS[name]
    top = tmp_path / "top"
    _root_above(top)
    count = tmp_path / "count.txt"
    first = f"n = 4\nopen('first.txt', 'w').write('1')\nopen({str(count)!r}, 'a').write('ran\\n')"
    write(top / "own.ipynb", notebook(("stage:load", first), ("stage:save", source)))
    if there:
        (top / there).write_text("[1]")
    if name == "tracked by git":
        commit(top)
    before = contents(top)
    if remedy is None:
        said = nb2prod(top, "convert", "own.ipynb").stdout
        assert "merged: load + save: both write `first.txt`" in said
        assert "verdict: same" in said
    else:
        refused = nb2prod(top, "convert", "own.ipynb", code=1).stderr
        assert remedy in refused
        assert not count.exists()  # found before anything ran
        assert contents(top) == before
    if there:  # the remedy is a command that settles it
        subprocess.run(remedy.split(), cwd=top, check=True, capture_output=True)
        assert "verdict: same" in nb2prod(top, "convert", "own.ipynb").stdout
    if there or remedy is None:
        assert is_clean(top / "pipeline")
        lock = json.dumps((top / "pipeline" / "dvc.lock").read_text())
        assert (there or "first.txt") in lock
