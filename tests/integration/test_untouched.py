"""The user's folder is the same, byte for byte, whatever a run of the notebook does."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import pytest
from hazards.hazard import write_notebook

from nb2prod.adapters import tree
from nb2prod.errors import Nb2prodError, Refused
from nb2prod.operations import convert as module
from nb2prod.operations.convert import convert

pytestmark = pytest.mark.slow


def _bytes(folder: Path) -> dict[str, tuple[bytes, int]]:
    """All files with their content and their time of change."""
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mtime_ns) for path in paths}


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, tuple[bytes, int]]]:
    """The folder as it is when the results are about to be put in place."""
    found: list[dict[str, tuple[bytes, int]]] = []
    real = module.install

    def install(project, *given, **options):
        found.append(_bytes(project.root))
        return real(project, *given, **options)

    monkeypatch.setattr(module, "install", install)
    return found


def _project(folder: Path, cells: str) -> Path:
    (folder / "data").mkdir()
    (folder / "data" / "kept.txt").write_text("the user's\n" * 20, "utf-8")
    (folder / "helper.py").write_text("LIMIT = 3\n", "utf-8")
    return write_notebook(folder / "work.ipynb", cells)


WRITES = """
# %% stage:load
import os, pathlib, subprocess
import helper
text = pathlib.Path("data/kept.txt").read_text()
pathlib.Path("data/new.txt").write_text(text[:10])
subprocess.run("echo more >> data/log.txt; touch -d 2001-01-01 data/old.txt", shell=True, check=True)
# %% stage:count
total = len(text) + helper.LIMIT
os.makedirs("results", exist_ok=True)
pathlib.Path("results/total.txt").write_text(str(total))
"""


def test_the_observed_run_and_the_proof_leave_everything(
    tmp_path: Path, seen: list[dict[str, tuple[bytes, int]]]
) -> None:
    path = _project(tmp_path, WRITES)
    before = _bytes(tmp_path)
    assert convert(path).verdict.state == "same"
    assert seen == [before]


def test_without_a_run_only_the_pipeline_is_added(tmp_path: Path) -> None:
    path = _project(tmp_path, WRITES)
    before = _bytes(tmp_path)
    convert(path, run=False)
    after = _bytes(tmp_path)
    assert {name: after[name] for name in before} == before
    assert all(name.startswith(("pipeline/", ".github/", ".gitlab")) for name in after.keys() - before.keys())


@pytest.mark.parametrize(
    "line",
    [
        "open(HERE + '/data/kept.txt', 'a').write('x')",
        "open(HERE + '/data/other.txt', 'w').write('x')",
        "os.remove(HERE + '/data/kept.txt')",
        "os.rename(HERE + '/data/kept.txt', HERE + '/data/moved.txt')",
        "os.mkdir(HERE + '/made')",
        "os.truncate(HERE + '/data/kept.txt', 3)",
        "shutil.rmtree(HERE + '/data')",
        "pathlib.Path(HERE, 'link').symlink_to('data')",
    ],
)
@pytest.mark.parametrize("caught", [False, True])
def test_a_change_by_an_absolute_path_is_refused_before_it_happens(tmp_path: Path, line: str, caught: bool) -> None:
    tried = f"try:\n    {line}\nexcept OSError:\n    pass" if caught else line
    cells = f"# %% stage:a\nimport os, pathlib, shutil\nHERE = {str(tmp_path)!r}\n{tried}\n# %% stage:b\nx = 1\n"
    path = _project(tmp_path, cells)
    before = _bytes(tmp_path)
    with pytest.raises(Refused, match=r"cell 1 \(cell-0\): .* lies in the project and is written by its absolute path"):
        convert(path)
    assert _bytes(tmp_path) == before


LINKED = """
# %% stage:a
data = open("data/kept.txt").read()
with open("data/kept.txt", "{mode}") as stream:
    stream.write("changed")
# %% stage:b
print(len(data))
"""


@pytest.mark.parametrize("mode", ["w", "a", "r+"])
def test_a_linked_file_that_is_written_becomes_a_copy(
    tmp_path: Path, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tree, "LARGE", 100)
    monkeypatch.setattr(tree, "COPIED", 0)
    path = _project(tmp_path, LINKED.format(mode=mode))
    before = _bytes(tmp_path)
    with pytest.raises(Refused, match=r"stage `a` reads `data/kept.txt` and then rewrites it"):
        convert(path)
    assert _bytes(tmp_path) == before


IN_C = """
# %% stage:a
import pathlib, subprocess
subprocess.run(["sh", "-c", "echo changed > data/kept.txt; echo changed > {here}/helper.py"])
# %% stage:b
x = 1
"""


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs the right to make a mount table")
def test_a_program_finds_the_folder_read_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree, "LARGE", 100)
    monkeypatch.setattr(tree, "COPIED", 0)
    path = _project(tmp_path, IN_C.format(here=tmp_path))
    before = _bytes(tmp_path)
    with contextlib.suppress(Nb2prodError):
        convert(path)
    after = _bytes(tmp_path)
    assert {name: after[name] for name in before} == before
