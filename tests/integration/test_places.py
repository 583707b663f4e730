"""Where a project may lie: with and without git and DVC, below somebody's root, beside other pipelines."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from integration.projects import SALES, artifacts, commit, contents, dvc, git, is_clean, nb2prod, notebook, reran, write
from nb2prod.errors import Refused, UsageError
from nb2prod.operations.convert import convert
from nb2prod.operations.run import run

pytestmark = pytest.mark.slow

TINY = notebook(
    ("parameters", "n = 3"), ("stage:load", "rows = list(range(n))"), ("stage:sum metrics", "total = sum(rows)")
)


def _notebook(folder: Path, name: str = "sales.ipynb") -> Path:
    path = write(folder / name, SALES)
    (folder / "data").mkdir(exist_ok=True)
    (folder / "data" / "prices.json").write_text("[1, 2, 3, 5, 8, 13]\n", "utf-8")
    return path


def test_without_git_and_without_dvc(tmp_path):
    path = write(tmp_path / "tiny.ipynb", TINY)
    done = convert(path)
    assert done.verdict.state == "same"
    assert any("no git repository" in note for note in done.notes)
    assert any("no DVC repository" in note for note in done.notes)
    assert not (tmp_path / ".git").exists()
    assert not (tmp_path / ".dvc").exists()
    assert "dvc init" in nb2prod(tmp_path, "run", "pipeline", code=2).stderr
    dvc(tmp_path, "init", "--no-scm", "-q")
    assert reran(dvc(tmp_path / "pipeline", "repro").stdout) == ["load", "sum"]
    assert "nothing to do" in nb2prod(tmp_path, "run", "pipeline").stdout


def test_with_git_only_then_init(tmp_path):
    git(tmp_path, "init", "-q")
    path = write(tmp_path / "work" / "tiny.ipynb", TINY)
    done = convert(path)
    assert done.verdict.state == "same"
    assert not list(tmp_path.rglob(".dvc"))
    assert not (done.project.folder / "dvc.lock").exists()
    with pytest.raises(UsageError, match="dvc init"):
        run(done.project.folder)
    nb2prod(tmp_path, "convert", "work/tiny.ipynb", "--init")
    assert (tmp_path / ".dvc" / "config").exists()
    nb2prod(tmp_path, "run", "work/pipeline")
    assert is_clean(done.project.folder)


def test_init_makes_both_and_tells_nobody(tmp_path):
    path = write(tmp_path / "tiny.ipynb", TINY)
    done = convert(path, init=True)
    assert is_clean(done.project.folder)
    config = (tmp_path / ".dvc" / "config").read_text()
    assert "analytics = false" in config
    assert "check_update = false" in config
    assert git(tmp_path, "rev-parse", "--show-toplevel").strip() == str(tmp_path.resolve())


def test_init_leaves_a_configuration_that_is_there(tmp_path):
    git(tmp_path, "init", "-q")
    dvc(tmp_path, "init", "-q")
    dvc(tmp_path, "remote", "add", "-d", "team", "../store")
    before = contents(tmp_path, ".dvc")
    convert(write(tmp_path / "deep" / "tiny.ipynb", TINY), init=True)
    assert contents(tmp_path, ".dvc") == before


@pytest.mark.parametrize("scm", ["git", "no-scm", "subdir"])
def test_with_a_root_above(tmp_path, scm):
    """DVC's root may be git's, may be alone, or may lie below git's."""
    top = tmp_path / "team"
    team = top / "area" if scm == "subdir" else top
    team.mkdir(parents=True)
    if scm != "no-scm":
        git(top, "init", "-q")
    dvc(team, "init", "-q", *{"git": [], "no-scm": ["--no-scm"], "subdir": ["--subdir"]}[scm])
    done = convert(_notebook(team / "models" / "spring"), team / "pipelines" / "sales")
    folder = done.project.folder
    assert done.verdict.state == "same"
    assert is_clean(folder)
    before = contents(top)
    scratch = run(folder, parameters={"title": "Tried"})
    assert scratch.executed == ("report",)
    assert contents(top) == before
    if scm != "subdir":
        return
    made = artifacts(folder)
    assert run(folder, force=True).executed == ("load", "clean", "train", "report")
    assert artifacts(folder) == made


def test_two_pipelines_in_one_repository(tmp_path):
    git(tmp_path, "init", "-q")
    dvc(tmp_path, "init", "-q")
    first = convert(_notebook(tmp_path, "sales.ipynb"), tmp_path / "pipelines" / "sales").project.folder
    tiny = write(tmp_path / "tiny.ipynb", TINY)
    before = contents(tmp_path)
    second = convert(tiny, tmp_path / "pipelines" / "tiny").project.folder
    after = contents(tmp_path)
    assert {name for name in before if after[name] != before[name]} == set()
    assert is_clean(first)
    assert is_clean(second)
    commit(tmp_path)
    nb2prod(first, "run", "-p", "scale", "9.0", "--keep")
    assert artifacts(second) == {k.removeprefix("pipelines/tiny/"): v for k, v in after.items() if _is_result(k)}
    assert reran(dvc(second, "repro").stdout) == []


def _is_result(name: str) -> bool:
    return name.startswith(("pipelines/tiny/artifacts", "pipelines/tiny/metrics")) and not name.endswith(".gitignore")


def test_two_notebooks_of_one_name_do_not_collide(tmp_path):
    git(tmp_path, "init", "-q")
    dvc(tmp_path, "init", "-q")
    for area in ("north", "south"):
        path = write(tmp_path / area / "model.ipynb", TINY)
        assert convert(path).verdict.state == "same"
    for area in ("north", "south"):
        assert is_clean(tmp_path / area / "pipeline")
        nb2prod(tmp_path, "convert", f"{area}/model.ipynb", "--check")
    text = "".join(path.read_text() for path in (tmp_path / ".github" / "workflows").glob("*.yml"))
    assert "north/pipeline" in text
    assert "south/pipeline" in text


def test_a_pipeline_is_not_replaced_by_another_notebook_s(tmp_path):
    convert(write(tmp_path / "one.ipynb", TINY))
    before = contents(tmp_path)
    with pytest.raises(UsageError, match=r"one\.ipynb"):
        convert(write(tmp_path / "two.ipynb", TINY))
    (tmp_path / "two.ipynb").unlink()
    assert contents(tmp_path) == before
    (tmp_path / "one.ipynb").rename(tmp_path / "renamed.ipynb")
    assert convert(tmp_path / "renamed.ipynb").verdict.state == "same"


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path):
    path = write(tmp_path / "tiny.ipynb", TINY)
    (tmp_path / "pipeline").mkdir()
    (tmp_path / "pipeline" / "mine.txt").write_text("mine")
    with pytest.raises(UsageError, match="holds something else"):
        convert(path)
    assert [file.name for file in (tmp_path / "pipeline").iterdir()] == ["mine.txt"]
    (tmp_path / "pipeline" / "mine.txt").rename(tmp_path / "pipeline" / ".conversion.json.x1y2z3")
    assert convert(path).verdict.state == "same"  # that was the first moment of a conversion that was killed


@pytest.mark.parametrize(("rules", "path"), [
    ("data\n*.yaml\n", "pipeline/dvc.yaml"),
    ("data\n*.py\n", "pipeline/sales/_stage.py"),
    ("data\npipeline/\n", "pipeline/dvc.yaml"),
])  # fmt: skip
def test_files_that_git_ignores_are_refused_and_the_remedy_works(tmp_path, rules, path):
    source = _notebook(tmp_path)
    git(tmp_path, "init", "-q")
    dvc(tmp_path, "init", "-q")
    (tmp_path / ".gitignore").write_text(rules)
    refused = nb2prod(tmp_path, "convert", source.name, code=1).stderr
    assert f"git ignores {path}" in refused
    assert f"line 2 of .gitignore says `{rules.split()[1]}`" in refused
    assert not (tmp_path / "pipeline").exists()
    (tmp_path / ".gitignore").write_text(rules + "\n".join(re.findall(r"`(!.+?)`", refused)) + "\n")
    assert convert(source, run=False).verdict.state == "unverified"


def test_an_input_that_neither_git_nor_dvc_holds_is_said(tmp_path):
    source = _notebook(tmp_path)
    git(tmp_path, "init", "-q")
    dvc(tmp_path, "init", "-q")
    assert not _said_of_clones(source)
    (tmp_path / ".gitignore").write_text("*.csv\n/data\n")
    assert _said_of_clones(source) == [
        "stage `load` reads data/prices.json, which no clone will have: git ignores it (line 2 of .gitignore: `/data`) "
        "and DVC does not hold it; take the line out and `dvc add data/prices.json`"
    ]
    (tmp_path / ".gitignore").write_text("credentials.json\n")
    (tmp_path / "credentials.json").write_text("{}")
    secret = write(tmp_path / "own.ipynb", notebook("known = open('credentials.json').read()"))
    (said,) = [note for note in convert(secret, tmp_path / "own", run=False).notes if "no clone" in note]
    assert "put one beside each clone" in said
    assert "dvc add" not in said
    (tmp_path / ".gitignore").unlink()
    dvc(tmp_path, "add", "-q", "data")
    assert not _said_of_clones(source)


def _said_of_clones(source: Path) -> list[str]:
    return [note for note in convert(source, run=False).notes if "no clone" in note]


# ── Whose file is it ─────────────────────────────────────────────────────────────────────────────────────


def test_an_output_that_git_tracks_is_refused_with_the_remedy(tmp_path):
    path = _notebook(tmp_path)
    git(tmp_path, "init", "-q")
    dvc(tmp_path, "init", "-q")
    (tmp_path / "report.txt").write_text("old")
    commit(tmp_path)
    before = contents(tmp_path)
    refused = nb2prod(tmp_path, "convert", "sales.ipynb", code=1)
    assert "`report` writes report.txt, which git tracks" in refused.stderr
    assert "git rm --cached report.txt" in refused.stderr
    assert contents(tmp_path) == before
    git(tmp_path, "rm", "-q", "--cached", "report.txt")
    assert convert(path).verdict.state == "same"
    assert is_clean(tmp_path / "pipeline")


def test_a_file_written_by_two_stages_merges_them(tmp_path):
    git(tmp_path, "init", "-q")
    dvc(tmp_path, "init", "-q")
    path = write(
        tmp_path / "log.ipynb",
        notebook(
            ("stage:load", "n = 4\nwith open('log.txt', 'w') as file:\n    file.write('loaded\\n')"),
            ("stage:train", "m = n * 2"),
            ("stage:save", "with open('log.txt', 'a') as file:\n    file.write(f'trained {m}\\n')"),
            ("stage:show", "print(open('log.txt').read())"),
        ),
    )
    done = convert(path)
    assert done.verdict.state == "same"
    owners = [stage.name for stage in done.pipeline.stages for file in stage.writes if file.root_path == "log.txt"]
    assert len(owners) == 1
    assert any("log.txt" in merge.reason for merge in done.merges)
    assert (tmp_path / "log.txt").read_text() == "loaded\ntrained 8\n"
    assert run(done.project.folder, force=True).executed == tuple(stage.name for stage in done.pipeline.stages)
    assert (tmp_path / "log.txt").read_text() == "loaded\ntrained 8\n"
    assert is_clean(done.project.folder)


def test_a_file_outside_the_project_is_refused(tmp_path):
    project = tmp_path / "project"
    source = notebook(("stage:load", "n = 4"), ("stage:save", "open('../outside.txt', 'w').write(str(n))"))
    path = write(project / "out.ipynb", source)
    git(project, "init", "-q")
    with pytest.raises(Refused, match="outside"):
        convert(path)
    assert not (project / "pipeline").exists()
