"""Where things are: the project that holds a notebook, the pipeline's folder in it, and its names."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nb2prod.adapters import dvc, files, git
from nb2prod.errors import UsageError
from nb2prod.pipeline.model import Layout

MANIFEST = "conversion.json"


@dataclass(frozen=True, slots=True)
class Project:
    """A notebook, its pipeline's folder, and the root that both lie in (git's or DVC's, or the folder of both)."""

    root: Path
    notebook: Path
    folder: Path
    git: Path | None
    dvc: Path | None

    @property
    def layout(self) -> Layout:
        """The same, relative to the root."""
        return Layout(self.folder.relative_to(self.root).as_posix(), self.notebook.relative_to(self.root).as_posix())

    @property
    def name(self) -> str:
        """The pipeline's name: the notebook's, with its folders where another pipeline has that name."""
        places = (self.notebook.stem, self.layout.notebook.rpartition(".")[0], self.layout.folder)
        slugs = [re.sub(r"[^a-z0-9_-]+", "-", place.lower()).strip("-_") for place in places]
        return next((slug for slug in slugs if slug and not self._is_anothers(slug)), "pipeline")

    def _is_anothers(self, name: str) -> bool:
        path = f".github/workflows/{name}.yml"
        text = files.read_text(self.root / path)
        ours = self.layout.from_pipeline(path) in (self.manifest or {}).get("files", ())
        return text is not None and not ours and f" {self.layout.folder}/" not in text

    @property
    def package(self) -> str:
        """An importable name that hides no module of the project or of Python."""
        name = re.sub(r"\W", "_", self.name)
        name = f"nb_{name}" if name[0].isdigit() else name
        return f"{name}_pipeline" if self._is_taken(name) else name

    def _is_taken(self, name: str) -> bool:
        beside = (self.notebook.parent, self.root)
        taken = any((folder / f"{name}.py").exists() or _is_package(folder / name) for folder in beside)
        return taken or name in sys.stdlib_module_names or name in ("stages", "runs", "artifacts", "metrics", "tests")

    @property
    def manifest(self) -> dict[str, Any] | None:
        """The `conversion.json` that is there, if any. Raises UsageError for one that cannot be read."""
        return read_manifest(self.folder)


def _is_package(folder: Path) -> bool:
    return folder.is_dir() and (folder / "__init__.py").exists() and not (folder / "_stage.py").exists()


def find_project(notebook: Path, out: Path | None) -> Project:
    """The project of a notebook. Raises UsageError for an output folder that holds something else."""
    notebook = notebook.resolve()
    folder = (out or notebook.parent / "pipeline").resolve()
    repository = git.root(notebook.parent)
    repository = repository.resolve() if repository else None
    data = dvc.root(notebook.parent)
    root = repository or data or _common(notebook.parent, folder.parent)
    if not folder.is_relative_to(root):
        raise UsageError(f"the output folder {folder} lies outside the project {root}", hint="choose one inside it")
    if notebook.parent.is_relative_to(folder):
        raise UsageError(f"the output folder {folder} holds the notebook itself", hint="choose a folder beside it")
    _check_folder(folder)
    known = read_manifest(folder)
    other = (folder / str(known["notebook"]["path"])).resolve() if known else notebook
    if other != notebook and other.exists():
        raise UsageError(f"{folder} holds the pipeline of {other}", hint="choose another folder with --out")
    return Project(root, notebook, folder, repository, data)


def pipeline_folder(folder: Path) -> Project:
    """The project of an existing pipeline's folder. Raises UsageError where it is none."""
    folder = folder.resolve()
    found = read_manifest(folder)
    if found is None:
        candidates = sorted(path.parent for path in folder.glob(f"*/{MANIFEST}")) if folder.is_dir() else []
        if len(candidates) == 1:
            return pipeline_folder(candidates[0])
        names = ", ".join(str(path) for path in candidates)
        raise UsageError(
            f"{folder} is not a pipeline's folder: it has no {MANIFEST}",
            hint=f"name one of {names}" if names else "make one with `nb2prod convert NOTEBOOK --out DIR`",
        )
    return find_project(folder / str(found["notebook"]["path"]), folder)


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """The folder's `conversion.json`. Raises UsageError for one that cannot be read or is newer than we are."""
    text = files.read_text(folder / MANIFEST)
    if text is None:
        return None
    try:
        found = json.loads(text)
        newer = int(found["version"]) > 1
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{folder / MANIFEST} cannot be read: {error}", hint="delete it and convert again") from error
    if newer:
        raise UsageError(f"{folder / MANIFEST} was written by a newer nb2prod", hint="upgrade nb2prod")
    return dict(found)


def _common(one: Path, other: Path) -> Path:
    while not other.is_relative_to(one):
        one = one.parent
    return one


def _check_folder(folder: Path) -> None:
    if folder.is_file():
        raise UsageError(f"{folder} is a file", hint="name a folder for the pipeline with --out")
    begun = f".{MANIFEST}."  # all that a conversion leaves that was killed while it wrote its first file
    held = [path for path in folder.iterdir() if not path.name.startswith(begun)] if folder.is_dir() else []
    if held and not (folder / MANIFEST).exists():
        raise UsageError(
            f"the folder {folder} holds something else: it has no {MANIFEST}",
            hint="choose an empty or new folder with --out; nothing was changed",
        )
