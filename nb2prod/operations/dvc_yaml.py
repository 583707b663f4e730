"""What a `dvc.yaml`, of ours or not, says of files."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from nb2prod.adapters.files import read_text
from nb2prod.operations.preflight import load_params


def reads_and_makes(pipeline: Path) -> tuple[frozenset[str], frozenset[str]]:
    """Absolute paths that the stages of `dvc.yaml` in this folder depend on, and those that they make."""
    stages = list(stage_paths(pipeline))
    return frozenset().union(*(one[1] for one in stages)), frozenset().union(*(one[2] for one in stages))


def stage_paths(pipeline: Path) -> Iterator[tuple[str, frozenset[str], frozenset[str]]]:
    """Of each stage of `dvc.yaml` in this folder: its name, what it depends on, and what it makes."""
    stages = load_params(read_text(pipeline / "dvc.yaml") or "", pipeline).get("stages", {})
    assert isinstance(stages, dict)
    for name, stage in stages.items():
        sides = (stage.get(side, ()) for side in ("deps", "outs"))
        reads, makes = (frozenset(_paths(pipeline, entries)) for entries in sides)
        yield str(name), reads, makes


def _paths(pipeline: Path, entries: Sequence[object]) -> list[str]:
    """Absolute paths; an entry is a path, or a mapping of one to its options."""
    names = [next(iter(one)) if isinstance(one, dict) else one for one in entries]
    return [os.path.normpath(pipeline / str(name)) for name in names]
