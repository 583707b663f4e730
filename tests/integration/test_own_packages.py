"""A package of the repository that is installed as an editable one: CI and containers have it too, as installed."""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
import yaml

from integration.projects import artifacts, clone, commit, dvc, environment, git, notebook, write
from nb2prod.operations.convert import convert

pytestmark = pytest.mark.slow

WORK = notebook(
    ("stage:load", "import mine\n\nrates = mine.rates()"),
    ("stage:end", "from importlib.metadata import version\n\ntotal = sum(rates) + len(version('mine'))\nprint(total)"),
    kernel="own",
)
FILES = {
    "packages/mine/pyproject.toml": (
        "[build-system]\nrequires = ['hatchling']\nbuild-backend = 'hatchling.build'\n"
        "[project]\nname = 'mine'\nversion = '0.1'\nreadme = 'README.md'\n"
    ),
    "packages/mine/README.md": "Mine.\n",
    "packages/mine/mine/__init__.py": (
        "import json\nfrom importlib.resources import files\n\n\n"
        "def rates():\n    return json.loads((files('mine') / 'rates.json').read_text())\n"
    ),
    "packages/mine/mine/rates.json": "[1, 2, 3]\n",
}


def _interpreter(folder: Path) -> Path:
    """A virtual environment that finds what this one has, and its programs."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    python = folder / "bin" / "python"
    site = next((folder / "lib").glob("python*/site-packages"))
    (site / "parent.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    return python


def _kernel(folder: Path, python: Path) -> None:
    folder.mkdir(parents=True)
    start = [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    (folder / "kernel.json").write_text(json.dumps({"argv": start, "display_name": "Own", "language": "python"}))


@pytest.fixture
def project(tmp_path) -> Path:
    root = tmp_path / "project"
    for path, text in FILES.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, "utf-8")
    write(root / "nb" / "work.ipynb", WORK)
    git(root, "init", "-q")
    dvc(root, "init", "-q")
    commit(root)
    return root


def test_the_steps_that_are_written_install_it(project, tmp_path, monkeypatch):
    # What the build needs is in this environment.
    monkeypatch.setenv("PIP_NO_BUILD_ISOLATION", "0")
    here = _interpreter(tmp_path / "here")
    install = [here, "-m", "pip", "install", "-q", "--no-deps", "--editable", project / "packages" / "mine"]
    subprocess.run(install, check=True)
    _kernel(tmp_path / "jupyter" / "kernels" / "own", here)
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    done = convert(project / "nb" / "work.ipynb")
    assert done.verdict.state == "same"
    folder = done.project.folder
    assert "mine==0.1: this repository's own, in 'packages/mine'" in (folder / "requirements.txt").read_text()
    assert "!packages/mine\n" in (folder / "Dockerfile.dockerignore").read_text()
    commit(project)

    fresh = clone(project, tmp_path / "fresh")
    (workflow,) = (fresh / ".github" / "workflows").glob("*.yml")
    steps = yaml.safe_load(workflow.read_text())["jobs"]["reproduce"]["steps"]
    lines = [line for step in steps for line in step.get("run", "").splitlines() if "--editable" in line]
    in_image = [line for line in (fresh / "nb" / "pipeline" / "Dockerfile").read_text().splitlines() if "RUN" in line]
    assert [f"RUN {line}" for line in lines] == [line for line in in_image if "--editable" in line]
    there = _interpreter(tmp_path / "there")
    path = f"{there.parent}:{environment()['PATH']}"
    for line in lines:
        subprocess.run(["bash", "-ec", line], cwd=fresh, env=environment({"PATH": path}), check=True)
    _kernel(tmp_path / "elsewhere" / "kernels" / "own", there)
    dvc(fresh / "nb" / "pipeline", "repro", env={"JUPYTER_PATH": str(tmp_path / "elsewhere")})
    assert artifacts(fresh / "nb" / "pipeline") == artifacts(folder)
    where = [there, "-c", "import mine; print(mine.__file__)"]
    told = subprocess.run(where, capture_output=True, text=True, check=True, cwd=tmp_path).stdout
    assert Path(told.strip()).is_relative_to(fresh)
