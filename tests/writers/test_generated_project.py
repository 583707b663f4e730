"""A project as `nb2prod convert` leaves it: linters on its files, and the steps of its check, run literally.

`tests/long/run_workflow_steps.py` runs all jobs, with their installations; here, the present environment stands in
for what `pip install` would bring.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from filelock import FileLock
from long import run_workflow_steps as runner
from writers import linters

pytestmark = pytest.mark.slow
BIN = Path(sys.executable).parent


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> runner.Project:
    """The tiny notebook, converted and committed once for all workers. Not to be changed."""
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "generated-project"
    with FileLock(f"{folder}.lock"):
        if not folder.exists():
            scratch = tmp_path_factory.mktemp("generated")
            env = runner.with_programs(runner.plain_environment(scratch), BIN)
            notebook = runner.tiny_notebook(scratch / "project")
            runner.make_project(notebook.parent, notebook, env)
            notebook.parent.rename(folder)
    return runner.Project(folder, Path("tiny.ipynb"))


@pytest.fixture
def check(project: runner.Project, tmp_path: Path) -> Callable[[Callable[[Path], None]], list[runner.Ran]]:
    """`check(change)`: the steps of job `check` in a fresh clone after `change(notebook)`."""

    def run(change: Callable[[Path], None]) -> list[runner.Ran]:
        env = runner.with_programs(runner.plain_environment(tmp_path), BIN)
        clone = tmp_path / "clone"
        runner.call(["git", "clone", "-q", "--depth", "1", project.root.as_uri(), str(clone)], tmp_path, env)
        change(clone / project.notebook)
        workflow = yaml.safe_load(project.github.read_text("utf-8"))
        return list(runner.run_github_job(workflow, "check", clone, runner.Machine(tmp_path, env, installed)))

    return run


def installed(script: str) -> str:
    """The script, with what pip would install taken from the present environment."""
    nb2prod = shutil.which("nb2prod", path=str(BIN))
    assert nb2prod is not None
    lines = [_replaced(line, nb2prod) for line in script.splitlines()]
    assert " pip " not in "\n".join(lines)
    return "".join(f"{line}\n" for line in lines)


def _replaced(line: str, nb2prod: str) -> str:
    if line.startswith('"$tool/bin/python" -m pip install nb2prod=='):
        return f"ln -s '{nb2prod}' \"$tool/bin/nb2prod\""
    return ":" if line.lstrip().startswith("python -m pip install ") else line


def test_the_check_passes_in_a_fresh_clone(check: Callable[[Callable[[Path], None]], list[runner.Ran]]) -> None:
    ran = check(lambda notebook: None)
    assert [one.code for one in ran] == [0] * 6, ran[-1].output
    assert "current" in ran[2].output
    assert " passed" in ran[4].output


def test_an_edited_notebook_fails_the_check(check: Callable[[Callable[[Path], None]], list[runner.Ran]]) -> None:
    ran = check(runner.edit)
    assert [one.code for one in ran] == [0, 0, 1]
    assert "is stale" in ran[-1].output


def test_linters_find_nothing_in_the_workflow(project: runner.Project) -> None:
    files = [str(project.github)]
    linters.schema("vendor.github-workflows", files)
    linters.zizmor(files)
    linters.actionlint(files)


def test_the_gitlab_file_keeps_to_its_schema(project: runner.Project) -> None:
    linters.schema("vendor.gitlab-ci", [str(project.gitlab)])


def test_the_requirements_name_no_place_of_this_machine(project: runner.Project) -> None:
    text = (project.root / "pipeline" / "requirements.txt").read_text("utf-8")
    assert "ipykernel==" in text
    assert "file:" not in text
    assert str(project.root) not in text
