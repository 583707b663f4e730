"""What the long checks share: the modules of `tests/`, and a folder that goes away at the end."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]
NAMES = ("breast_cancer", "co2_forecast", "diabetes_progression", "docstring_families", "doctor_visits")


@contextlib.contextmanager
def scratch() -> Iterator[Path]:
    """A temporary folder, without anybody's settings."""
    os.environ |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "DVC_NO_ANALYTICS": "1"}
    with tempfile.TemporaryDirectory(prefix="long-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def example_project(folder: Path, name: str) -> Path:
    """An example notebook in a project under git and DVC."""
    from integration.projects import commit, dvc, example, git

    path = example(folder, f"{name}.ipynb")
    (folder / ".gitignore").write_text("/outputs\n", "utf-8")
    git(folder, "init", "-q")
    dvc(folder, "init", "-q")
    commit(folder)
    return path
