"""What is shipped: the wheel and the source archive hold templates and examples, once, and an installed copy works."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.slow
LINKS = {"nb2prod/_templates": "templates", "nb2prod/_examples": "example_notebooks"}
NOTEBOOK = {
    "nbformat": 4,
    "nbformat_minor": 5,
    "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
    "cells": [
        {"cell_type": "code", "id": name, "metadata": {"tags": tags}, "source": source, "outputs": []}
        | {"execution_count": None}
        for name, tags, source in [
            ("a", ["parameters"], "n = 3"),
            ("b", ["stage:load"], "import math\nvalues = [math.sqrt(i) for i in range(n)]"),
            ("c", ["stage:sum"], "print(sum(values))"),
        ]
    ],
}


def build(source: Path, target: Path, *what: str) -> Path:
    """Build with what is installed here, without npm; returns the one new file."""
    before = set(target.glob("*"))
    call = [sys.executable, "-m", "build", "--no-isolation", *what, "--outdir", str(target), str(source)]
    subprocess.run(call, check=True, capture_output=True, env=os.environ | {"HATCH_JUPYTER_BUILDER_SKIP_NPM": "1"})
    (made,) = set(target.glob("*")) - before
    return made


@pytest.fixture(scope="module")
def sdist(tmp_path_factory) -> Path:
    return build(ROOT, tmp_path_factory.mktemp("sdist"), "--sdist")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    return build(ROOT, tmp_path_factory.mktemp("wheel"), "--wheel")


def package_files() -> set[str]:
    """What git would ship of the package: the links' files under the links' names."""
    call = ["git", "ls-files", "-z", "-c", "-o", "--exclude-standard", "--", "nb2prod", *LINKS.values()]
    listed = subprocess.run(call, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
    names = {name for name in listed if name and name not in LINKS and (ROOT / name).is_file()}
    for link, target in LINKS.items():
        names = {
            f"{link}/{name.removeprefix(target + '/')}" if name.startswith(f"{target}/") else name for name in names
        }
    return {name for name in names if not name.endswith(".gitignore")}


def test_the_wheel_holds_the_package_once_and_nothing_else(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert len(names) == len(set(names))
    ours = {name for name in names if ".dist-info/" not in name and not name.endswith(".gitignore")}
    ours = {name for name in ours if ".data/data/" not in name}
    assert ours == package_files()
    assert "nb2prod/_templates/package/_stage.py" in ours
    assert "nb2prod/_examples/breast_cancer.ipynb" in ours


def test_the_source_archive_builds_the_same_wheel(sdist, wheel, tmp_path):
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path / "source", filter="data")
    (source,) = (tmp_path / "source").iterdir()
    assert {path.name for path in source.iterdir()} >= {"nb2prod", "README.md", "LICENSE", "pyproject.toml"}
    assert not {"tests", ".venv", "templates"} & {path.name for path in source.iterdir()}
    (tmp_path / "wheel").mkdir()
    again = build(source, tmp_path / "wheel", "--wheel")
    ours, theirs = zipfile.ZipFile(wheel), zipfile.ZipFile(again)
    assert {name: ours.read(name) for name in ours.namelist()} == {n: theirs.read(n) for n in theirs.namelist()}


@pytest.fixture
def scratch(tmp_path) -> Path:
    """A virtual environment that sees what is installed here, but not this working copy."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "venv")], check=True)
    here, there = (
        Path(p) for p in (os.path.realpath(site_packages(sys.executable)), site_packages(venv_python(tmp_path)))
    )
    (there / "base.pth").write_text(f"{here}\n")
    return tmp_path


def venv_python(folder: Path) -> str:
    return str(folder / "venv" / "bin" / "python")


def site_packages(python: str) -> str:
    program = "import sysconfig; print(sysconfig.get_paths()['purelib'])"
    return subprocess.run([python, "-c", program], check=True, capture_output=True, text=True).stdout.strip()


def install(folder: Path, *what: str) -> None:
    call = [sys.executable, "-m", "pip", "--python", venv_python(folder), "install", "--quiet", "--no-deps"]
    subprocess.run([*call, "--no-build-isolation", "--ignore-installed", *what], check=True, capture_output=True)


def works(folder: Path, package: Path) -> None:
    """The version, where it is loaded from, and a conversion that is proved."""
    project = folder / "project"
    project.mkdir()
    (project / "sums.ipynb").write_text(json.dumps(NOTEBOOK))

    def call(*arguments: str) -> str:
        done = subprocess.run(
            [venv_python(folder), *arguments],
            cwd=project,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "CI": "1"},
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert call("-m", "nb2prod", "--version").startswith("nb2prod, version ")
    assert Path(call("-c", "import nb2prod; print(nb2prod.__file__)").strip()).is_relative_to(package)
    example = "from importlib import resources; print((resources.files('nb2prod') / '_examples' / 'data').is_dir())"
    assert call("-c", example) == "True\n"
    assert "verdict: same" in call("-m", "nb2prod", "convert", "sums.ipynb", "--init")
    assert "up to date" in call("-m", "nb2prod", "run", "pipeline")


def test_an_installed_wheel_works(scratch, wheel):
    install(scratch, str(wheel))
    works(scratch, Path(site_packages(venv_python(scratch))))


def test_an_editable_copy_works(scratch):
    """A path file that names the working copy, as an editable install writes it; templates are behind links there."""
    source = scratch / "source"
    for name in ("nb2prod", *LINKS.values()):
        shutil.copytree(ROOT / name, source / name, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
    assert (source / "nb2prod" / "_templates").is_symlink()
    (Path(site_packages(venv_python(scratch))) / "a_copy.pth").write_text(f"{source}\n")
    works(scratch, source)
