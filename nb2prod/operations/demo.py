"""`nb2prod demo`: an example project, converted, run and verified."""

from __future__ import annotations

import shutil
from importlib import resources
from pathlib import Path

from nb2prod.adapters import git
from nb2prod.errors import UsageError
from nb2prod.operations.convert import Conversion, convert
from nb2prod.operations.progress import Progress

NOTEBOOK = "breast_cancer.ipynb"
_DATA = ("data/breast_cancer.csv", "data/README.md")


def demo(folder: str | Path = "nb2prod-demo", *, progress: Progress | None = None) -> Conversion:
    """Make a project with one example in `folder` and convert it. Raises UsageError where the folder is not empty."""
    target = Path(folder)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise UsageError(f"{target} is there already", hint="name a new folder: `nb2prod demo DIR`")
    source = resources.files("nb2prod") / "_examples"
    for name in (NOTEBOOK, *_DATA):
        place = target / name
        place.parent.mkdir(parents=True, exist_ok=True)
        with resources.as_file(source / name) as path:
            shutil.copyfile(path, place)
    # A repository of its own, also where the folder lies in somebody else's.
    git.init(target)
    return convert(target / NOTEBOOK, target / "pipeline", init=True, progress=progress)
