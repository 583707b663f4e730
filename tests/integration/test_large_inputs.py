"""Large files of the project: linked where the notebook only reads them, and never changed by an observation."""

from __future__ import annotations

from pathlib import Path

import pytest
from hazards.hazard import write_notebook

from nb2prod.adapters import tree
from nb2prod.operations.convert import convert

pytestmark = pytest.mark.slow

REWRITES = """
# %% stage:a
import pathlib
name = "out"
pathlib.Path(f"{name}.bin").write_bytes(b"y" * 300)
# %% stage:b
print(len(pathlib.Path("big.bin").read_bytes()))
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tree, "LARGE", 100)
    (tmp_path / "big.bin").write_bytes(b"x" * 200)
    (tmp_path / "out.bin").write_bytes(b"old" * 100)
    return write_notebook(tmp_path / "large.ipynb", REWRITES)


@pytest.fixture
def seen(project: Path, monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The user's file as it is when the results are about to be put in place."""
    found: list[bytes] = []
    from nb2prod.operations import convert as module

    real = module.install
    monkeypatch.setattr(
        module,
        "install",
        lambda *given, **options: (found.append((project.parent / "out.bin").read_bytes()), real(*given, **options))[1],
    )
    return found


def test_what_an_earlier_run_left_is_not_written_through(project: Path, seen: list[bytes]) -> None:
    """Until the results are put in place, which is after the proof."""
    done = convert(project, project.parent / "pipeline")
    assert done.verdict.state == "same"
    assert seen == [b"old" * 100]
    assert (project.parent / "out.bin").read_bytes() == b"y" * 300


def test_a_file_that_is_only_read_is_not_copied(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copied: list[str] = []
    real = tree.shutil.copy2
    monkeypatch.setattr(tree.shutil, "copy2", lambda source, target: (copied.append(source.name), real(source, target)))
    convert(project, project.parent / "pipeline")
    assert "out.bin" in copied
    assert "big.bin" not in copied


def test_a_linked_file_that_is_written_is_copied_first(
    project: Path, seen: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the copies would be too much, a file is linked even if nobody knows whether it is only read."""
    monkeypatch.setattr(tree, "COPIED", 0)
    done = convert(project, project.parent / "pipeline")
    assert done.verdict.state == "same"
    assert seen == [b"old" * 100]
