"""A stamp answers only while nothing at all changed."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import pytest

from nb2prod.adapters import stamp


@pytest.fixture
def project(tmp_path) -> Path:
    root = tmp_path / "project"
    (root / ".dvc" / "tmp").mkdir(parents=True)
    (root / "pipeline" / "data").mkdir(parents=True)
    for name in ("dvc.yaml", "a.txt", "data/one.txt", "data/two.txt"):
        (root / "pipeline" / name).write_text(name, "utf-8")
    remember(root)
    return root


def paths(root: Path) -> list[Path]:
    return [root / "pipeline" / name for name in ("dvc.yaml", "a.txt", "data", "missing.txt")]


def remember(root: Path) -> None:
    time.sleep(0.03)
    stamp.write(root, root / "pipeline", ["one", "two"], stamp.look(paths(root)))


def clean(root: Path) -> tuple[str, ...] | None:
    return stamp.clean_stages(root, root / "pipeline")


def keep_times(path: Path, text: str) -> None:
    """Other content of the same length, with the old times."""
    before = path.stat()
    path.write_text(text, "utf-8")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def replace(path: Path, text: str) -> None:
    path.with_name("new").write_text(text, "utf-8")
    path.with_name("new").replace(path)


def test_unchanged_is_clean(project):
    assert clean(project) == ("one", "two")


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "a.txt").write_text("b.txt"),
        lambda folder: keep_times(folder / "a.txt", "b.txt"),
        lambda folder: replace(folder / "a.txt", "a.txt"),
        lambda folder: (folder / "a.txt").touch(),
        lambda folder: (folder / "a.txt").unlink(),
        lambda folder: (folder / "missing.txt").touch(),
        lambda folder: (folder / "data" / "one.txt").write_text("x"),
        lambda folder: (folder / "data" / "three.txt").touch(),
        lambda folder: (folder / "data" / "one.txt").unlink(),
        lambda folder: (folder / "data" / "one.txt").rename(folder / "data" / "1.txt"),
        lambda folder: (folder / "data" / "new").mkdir(),
        lambda folder: shutil.rmtree(folder / "data"),
        lambda folder: (folder.parent / "more").mkdir() or (folder.parent / "more" / "dvc.yaml").touch(),
        lambda folder: (folder.parent / "big.csv.dvc").touch(),
        lambda folder: (folder / ".dvcignore").touch(),
        lambda folder: (folder.parent / ".dvc" / "tmp" / "nb2prod").rename(folder.parent / ".dvc" / "tmp" / "x"),
    ],
)
def test_any_change_is_a_doubt(project, change):
    change(project / "pipeline")
    assert clean(project) is None


def test_other_files_do_not_matter(project):
    (project / "pipeline" / "notes.txt").touch()
    assert clean(project) is not None


def test_a_broken_stamp_is_a_doubt(project):
    path = stamp.path_of(project, project / "pipeline")
    for text in ("", "{", "[]", "{}", path.read_text("utf-8")[:-20]):
        path.write_text(text, "utf-8")
        assert clean(project) is None


def test_a_copy_is_a_doubt(project, tmp_path):
    copy = Path(shutil.copytree(project, tmp_path / "copy"))
    assert clean(copy) is None
    shutil.rmtree(project)
    copy.rename(project)
    assert clean(project) is None


def test_what_changed_while_dvc_looked_is_not_stamped(project):
    before = stamp.look(paths(project))
    (project / "pipeline" / "a.txt").write_text("changed", "utf-8")
    stamp.path_of(project, project / "pipeline").unlink()
    stamp.write(project, project / "pipeline", ["one"], before)
    assert clean(project) is None
