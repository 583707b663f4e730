"""What `dvc.lock` names, and what of it is on disk now: inputs, the project's own modules, outputs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nb2prod.adapters import stamp
from nb2prod.adapters.files import md5_of, read_text
from nb2prod.operations.preflight import load_params
from nb2prod.operations.project import Project

_CODE = (".py", ".ipynb", ".pyi")


@dataclass(frozen=True, slots=True)
class Tracked:
    """A file or folder as `dvc.lock` names it; MD5 then and now. `now`: None where it is not on disk."""

    path: str
    locked: str
    now: str | None

    @property
    def is_changed(self) -> bool:
        """Whether another content is on disk; what is not there is not changed."""
        return self.now not in (None, self.locked)


@dataclass(frozen=True, slots=True)
class Locked:
    """`inputs`: data that no stage makes. `modules`: code that no stage makes. `outputs`: path → MD5 in the lock."""

    inputs: tuple[Tracked, ...]
    modules: tuple[Tracked, ...]
    outputs: Mapping[str, str]


def locked_files(project: Project) -> Locked | None:
    """The lock's files and the disk's; None where there is no lock. Contents are read only where `stat` may differ.

    A folder counts as changed where the number or the size of its files is another.
    """
    text = read_text(project.folder / "dvc.lock")
    if text is None:
        return None
    stages = load_params(text, project.folder).get("stages")
    entries = list(stages.values()) if isinstance(stages, dict) else []
    outputs = {str(out["path"]): str(out.get("md5", "")) for stage in entries for out in stage.get("outs", ())}
    clean = project.dvc is not None and stamp.clean_stages(project.dvc, project.folder) is not None
    found = sorted(_tracked(project.folder, entries, outputs, clean), key=lambda one: one.path)
    modules = tuple(one for one in found if one.path.endswith(_CODE))
    return Locked(tuple(one for one in found if one not in modules), modules, outputs)


def _tracked(folder: Path, stages: list[Any], outputs: Mapping[str, str], clean: bool) -> Iterator[Tracked]:
    seen = set()
    for entry in (dep for stage in stages for dep in stage.get("deps", ())):
        path = str(entry["path"])
        if path not in outputs and path not in seen:
            seen.add(path)
            md5 = str(entry.get("md5", ""))
            yield Tracked(path, md5, md5 if clean else _now(folder / path, entry))


def _now(path: Path, entry: Mapping[str, Any]) -> str | None:
    if path.is_dir():
        return str(entry.get("md5", "")) if _measure(path) == (entry.get("nfiles"), entry.get("size")) else "changed"
    if not path.is_file():
        return None
    return "changed" if path.stat().st_size != entry.get("size") else md5_of(path)


def _measure(folder: Path) -> tuple[int, int]:
    sizes = [one.stat().st_size for one in folder.rglob("*") if one.is_file()]
    return len(sizes), sum(sizes)
