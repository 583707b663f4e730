"""A profile's run: a scratch copy of the project in which tables hold a part of their rows.

Its results have a DVC cache of their own, so that the next one runs only what changed, and nothing of it is ever
pushed. What `keep` leaves in the pipeline's folder is what a machine without the data runs on.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from nb2prod.adapters.files import read_text, write_text
from nb2prod.adapters.kernelspec import interpreter_of
from nb2prod.adapters.params import updated_params
from nb2prod.adapters.settings import named_profile
from nb2prod.adapters.tree import project_files
from nb2prod.errors import OutsideError, UsageError
from nb2prod.operations.imports import read_needs
from nb2prod.operations.preflight import load_params
from nb2prod.operations.project import Project
from nb2prod.operations.scratch import scratch_copy
from nb2prod.pipeline.parameters import overridden
from nb2prod.pipeline.profile import ALL, KEPT, Profile, Sampled

_PROGRAM = resources.files("nb2prod") / "_templates" / "kernel" / "sampling.py"
_TABLE = re.compile(r"\.(csv|tsv|jsonl|ndjson)(\.(gz|bz2|xz))?\Z|\.(parquet|pq)\Z", re.IGNORECASE)
_LARGE = 2**20


def sampled_copy(
    project: Project, name: str, parameters: Mapping[str, Any], keep: bool
) -> tuple[Project, tuple[Sampled, ...]]:
    """The copy, and of which tables it has how many rows. `keep`: the tables stay in the pipeline's folder.

    Raises UsageError for a profile that is not there or means nothing, and for inputs that are not there.
    """
    profile = named_profile(project.folder, name)
    text = read_text(project.folder / "params.yaml") or "{}"
    values = overridden(load_params(text, project.folder), {**profile.parameters, **parameters})
    stages = _stages(project)
    inputs = [path for path in _inputs(stages, values) if (project.folder / path).resolve() != project.folder]
    paths = [Path(os.path.relpath(project.folder / path, project.root)) for path in inputs]
    paths = [path for path in paths if not path.is_relative_to(project.layout.folder) and path.parts[0] != ".."]
    if keep:
        shutil.rmtree(project.folder / KEPT, ignore_errors=True)
    kept, tables = _ready(project), list(_tables(project, paths))
    _check_there(project, name, paths, kept)
    top = project.dvc or project.root
    copy = scratch_copy(
        project, _left_out(project, stages, values, {*tables, *kept}), top / ".dvc" / "tmp" / "nb2prod" / "sample"
    )
    write_text(copy.folder / "params.yaml", updated_params(text, values))
    for path in kept:
        _copy(project.folder / KEPT / path, copy.root / path)
    found = _sample(project, copy.root, [path for path in tables if path not in kept], profile)
    if keep:
        for one in found:
            _copy(copy.root / one.path, project.folder / KEPT / one.path)
    others = [Sampled(path.as_posix(), why=f"as {project.layout.folder}/{KEPT} has it") for path in kept]
    return copy, tuple(sorted([*found, *others, *_whole(project, paths)], key=lambda one: one.path))


def _stages(project: Project) -> Mapping[str, Any]:
    stages = load_params(read_text(project.folder / "dvc.yaml") or "{}", project.folder).get("stages")
    return stages if isinstance(stages, dict) else {}


def _inputs(stages: Mapping[str, Any], values: Mapping[str, Any]) -> list[str]:
    """What stages depend on and none of them makes, as paths from the pipeline's folder."""
    made = {path for stage in stages.values() for path in _made(stage, values)}
    needed = {_path(dep, values) for stage in stages.values() for dep in stage.get("deps", ())}
    return sorted(needed - made)


def _made(stage: Mapping[str, Any], values: Mapping[str, Any]) -> Iterator[str]:
    for one in (*stage.get("outs", ()), *stage.get("metrics", ())):
        yield _path(next(iter(one)) if isinstance(one, dict) else one, values)


def _path(text: str, values: Mapping[str, Any]) -> str:
    return re.sub(r"\$\{(\w+)\}", lambda found: str(values.get(found[1], found[0])), text)


def _ready(project: Project) -> list[Path]:
    """The tables that an earlier run kept, as paths from the root."""
    place = project.folder / KEPT
    return list(project_files(place)) if place.is_dir() else []


def _tables(project: Project, paths: list[Path]) -> Iterator[Path]:
    for path in paths:
        place = project.root / path
        files = [path / one for one in project_files(place)] if place.is_dir() else [path]
        yield from (one for one in files if _TABLE.search(one.name) and (project.root / one).is_file())


def _check_there(project: Project, name: str, paths: list[Path], kept: list[Path]) -> None:
    for path in paths:
        if not (project.root / path).exists() and not any(one.is_relative_to(path) for one in kept):
            raise UsageError(
                f"{path} is not there",
                hint=f"`dvc pull`; where it is: `nb2prod run --profile {name} --keep` leaves a part of it in {KEPT}/",
            )


def _left_out(
    project: Project, stages: Mapping[str, Any], values: Mapping[str, Any], replaced: set[Path]
) -> Iterator[Path]:
    """What the pipeline makes, what gets other bytes, and DVC's word on how those were."""
    yield from (project.folder / path for stage in stages.values() for path in _made(stage, values))
    yield from (project.folder / name for name in ("dvc.lock", "artifacts", "runs", KEPT))
    for table in replaced:
        yield project.root / table
        yield from (project.root / f"{one}.dvc" for one in (table, *table.parents))


def _sample(project: Project, root: Path, tables: list[Path], profile: Profile) -> list[Sampled]:
    """Write the tables into the copy, with a part of their rows. Raises OutsideError."""
    if not tables:
        return []
    job = [
        {
            "source": str((project.root / path).resolve()),
            "target": str(root / path),
            "rows": profile.rows,
            "at_least": profile.at_least,
            "take": profile.way(path.as_posix()),
        }
        for path in tables
    ]
    done = subprocess.run(
        [*_python(project), str(_PROGRAM)], input=json.dumps(job).encode(), capture_output=True, check=False
    )
    if done.returncode != 0:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        hint = f'[tool.nb2prod.profiles.{profile.name}]: take = {{ "PATH" = "{ALL}" }} leaves a table whole'
        raise OutsideError(f"the data could not be sampled: {said[-1] if said else 'no answer'}", hint=hint)
    answers = json.loads(done.stdout)
    return [Sampled(path.as_posix(), **answer) for path, answer in zip(tables, answers, strict=True)]


def _python(project: Project) -> tuple[str, ...]:
    """The kernel's interpreter, which reads what the notebook reads; our own where it is started in another way."""
    kernels = read_needs(project.folder, project.manifest or {}).kernels
    found = interpreter_of(kernels[0]) if kernels else None
    return found.python if found else (sys.executable,)


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def _whole(project: Project, paths: list[Path]) -> Iterator[Sampled]:
    """Large inputs that nobody knows how to take rows from, and sources, which are read as they are."""
    for path in paths:
        place = project.root / path
        if place.is_file() and not _TABLE.search(place.name) and place.stat().st_size > _LARGE:
            yield Sampled(path.as_posix(), why="no table that rows can be taken from")
    for stage in (project.manifest or {}).get("stages", ()):
        for source in stage.get("sources", ()):
            yield Sampled(str(source["name"]), why="it is read from others as it is")
