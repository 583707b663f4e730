"""What is kept of an earlier run does not come back where what it ran in is another."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from integration import projects
from nb2prod.operations.convert import convert

pytestmark = pytest.mark.slow

WORK = projects.notebook(
    (
        "stage:slow",
        "import subprocess\nimport time\nimport tinylib\n\ntime.sleep(1.2)\n"
        "told = [subprocess.run(['tool'], capture_output=True, text=True).stdout.strip()]\n"
        "told += [tinylib.VALUE, time.localtime(0).tm_hour, hash('a')]",
    ),
    ("stage:end", "print(0, told)"),
)


@pytest.fixture
def surroundings(tmp_path, monkeypatch) -> Path:
    """A program on PATH, and a library whose version never changes."""
    (tmp_path / "bin").mkdir()
    info = tmp_path / "site" / "tinylib-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: tinylib\nVersion: 1.0\n")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{projects.environment()['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "site"))
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.setenv("PYTHONHASHSEED", "1")
    _program(tmp_path, "one")
    _library(tmp_path, "one")
    return tmp_path


def _program(root: Path, text: str) -> None:
    (root / "bin" / "tool").write_text(f"#!/bin/sh\n# {'.' * len(text)}\necho {text}\n")
    (root / "bin" / "tool").chmod(0o755)


def _library(root: Path, text: str) -> None:
    """Install it (again): the same version, from another commit."""
    (root / "site" / "tinylib.py").write_text(f"VALUE = {text!r}\n")
    (root / "site" / "tinylib-1.0.dist-info" / "RECORD").write_text(f"tinylib.py,sha256={text},\n")


def test_another_program_library_or_environment(surroundings, monkeypatch):
    root = surroundings / "project"
    path = projects.write(root / "work.ipynb", WORK)
    projects.git(root, "init", "-q")
    projects.dvc(root, "init", "-q")
    edits = iter(range(9))

    def told() -> list[object]:
        number = next(edits)
        projects.edit(path, "cell-1", f"print({number},", f"print({number + 1},")
        assert convert(path).verdict.state == "same"
        found: list[object] = json.loads((root / "pipeline" / "artifacts" / "slow" / "told.json").read_text())
        return found

    first = told()
    assert first[:3] == ["one", "one", 0]
    segments = root / ".dvc" / "tmp" / "nb2prod"
    kept = {one.parent for one in segments.rglob("segment.json.gz")}
    assert len(kept) == 1  # else nothing below says anything
    assert told() == first
    assert {one.parent for one in segments.rglob("segment.json.gz")} == kept
    _program(surroundings, "two")
    assert told()[:3] == ["two", "one", 0]
    _library(surroundings, "three")
    assert told()[:3] == ["two", "three", 0]
    monkeypatch.setenv("TZ", "Etc/GMT-5")
    monkeypatch.setenv("PYTHONHASHSEED", "2")
    last = told()
    assert last[:3] == ["two", "three", 5]
    assert last[3] != first[3]
