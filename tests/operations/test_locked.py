"""What `dvc.lock` names, against what is on disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from nb2prod.operations.locked import Locked, Tracked, locked_files, md5_of
from nb2prod.operations.project import Project

_LOCK = """\
stages:
  one:
    deps:
    - {{path: ../data.csv, md5: {data}, size: 4}}
    - {{path: ../images, md5: f00.dir, size: 6, nfiles: 2}}
    - {{path: ../tools.py, md5: {tools}, size: 5}}
    - {{path: ../gone.csv, md5: ab, size: 1}}
    outs:
    - {{path: made.json, md5: cd}}
  two:
    deps:
    - {{path: made.json, md5: cd}}
    - {{path: ../data.csv, md5: {data}, size: 4}}
"""


@pytest.fixture
def project(tmp_path) -> Project:
    for name, text in {"data.csv": "1,2\n", "tools.py": "x = 1", "images/a": "123", "images/b": "456"}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    pipeline = tmp_path / "pipeline"
    pipeline.mkdir()
    text = _LOCK.format(data=md5_of(tmp_path / "data.csv"), tools=md5_of(tmp_path / "tools.py"))
    (pipeline / "dvc.lock").write_text(text)
    return Project(tmp_path, tmp_path / "n.ipynb", pipeline, None, None)


def changed(project: Project) -> list[str]:
    found = locked_files(project)
    assert found is not None
    return [one.path for one in (*found.inputs, *found.modules) if one.is_changed]


def test_inputs_are_what_no_stage_makes(project):
    found = locked_files(project)
    assert isinstance(found, Locked)
    assert [one.path for one in found.inputs] == ["../data.csv", "../gone.csv", "../images"]
    assert [one.path for one in found.modules] == ["../tools.py"]
    assert found.outputs == {"made.json": "cd"}
    assert changed(project) == []


def test_what_is_not_on_disk_is_not_changed(project):
    found = locked_files(project)
    assert found is not None
    assert found.inputs[1] == Tracked("../gone.csv", "ab", None)
    assert not found.inputs[1].is_changed


@pytest.mark.parametrize(
    ("name", "text", "path"),
    [
        ("data.csv", "3,4\n", "../data.csv"),
        ("data.csv", "1,2,3\n", "../data.csv"),
        ("tools.py", "x = 2", "../tools.py"),
        ("images/c", "", "../images"),
        ("images/a", "1234", "../images"),
    ],
)
def test_another_content_is_a_change(project, name, text, path):
    (project.root / name).write_text(text)
    assert changed(project) == [path]


def test_without_a_lock_nothing_is_known(tmp_path):
    assert locked_files(Project(tmp_path, Path("n.ipynb"), tmp_path, None, None)) is None
