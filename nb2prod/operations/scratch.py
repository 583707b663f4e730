"""A scratch copy of a project, in which a run leaves what is tracked alone."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

from nb2prod.adapters.files import read_text, write_text
from nb2prod.adapters.machine import is_alive
from nb2prod.adapters.tree import copy_files, project_files
from nb2prod.operations.project import Project


def scratch_copy(project: Project, left_out: Iterable[Path] = (), cache: Path | None = None) -> Project:
    """The project without what is `left_out`. It keeps results in the project's own DVC cache, or in `cache`."""
    root = _scratch_place(project) / project.root.name
    copy_files(project.root, root, project_files(project.root, left_out))
    top = project.dvc or project.root
    place = root / top.relative_to(project.root) if top.is_relative_to(project.root) else root
    if not (place / ".dvc").exists():
        shutil.copytree(top / ".dvc", place / ".dvc", ignore=shutil.ignore_patterns("cache", "tmp"))
    kept = cache or (top / ".dvc" / "cache").resolve()
    write_text(place / ".dvc" / "config.local", f"[core]\n    no_scm = true\n[cache]\n    dir = {kept}\n")
    return Project(root, root / project.layout.notebook, root / project.layout.folder, None, place)


def _scratch_place(project: Project) -> Path:
    """A new folder; what an earlier try of this pipeline left is removed, unless that is still at work."""
    name = hashlib.sha256(str(project.folder).encode("utf-8", "surrogateescape")).hexdigest()[:12]
    for old in Path(tempfile.gettempdir()).glob(f"nb2prod-run-{name}-*"):
        if not is_alive(int(read_text(old / "process") or 0)):
            shutil.rmtree(old, ignore_errors=True)
    place = Path(tempfile.mkdtemp(prefix=f"nb2prod-run-{name}-"))
    write_text(place / "process", str(os.getpid()))
    return place
