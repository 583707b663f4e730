"""Large files of the project: linked where the notebook only reads them, and never changed by an observation."""

from __future__ import annotations

from pathlib import Path

import pytest
from hazards.hazard import write_notebook

from nb2prod.adapters import tree
from nb2prod.errors import OutsideError
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


def test_what_an_earlier_run_left_is_not_written_through(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Until the results are put in place, which is after the proof."""
    seen: list[bytes] = []
    from nb2prod.operations import convert as module

    real = module.install
    monkeypatch.setattr(
        module,
        "install",
        lambda *given, **options: (seen.append((project.parent / "out.bin").read_bytes()), real(*given, **options))[1],
    )
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


def test_a_change_through_a_link_is_told(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree, "COPIED", 0)
    with pytest.raises(OutsideError, match=r"out\.bin was changed while the notebook ran on a copy"):
        convert(project, project.parent / "pipeline")
