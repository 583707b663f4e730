"""What a `dvc.yaml`, of ours or not, says of files."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from nb2prod.adapters.files import read_text
from nb2prod.operations.preflight import load_params


def reads_and_makes(pipeline: Path) -> tuple[frozenset[str], frozenset[str]]:
    """Absolute paths that the stages of `dvc.yaml` in this folder depend on, and those that they make."""
    stages = load_params(read_text(pipeline / "dvc.yaml") or "", pipeline).get("stages", {})
    assert isinstance(stages, dict)
    found = ({"deps": (), "outs": (), **stage} for stage in stages.values())
    pairs = [(_paths(pipeline, one["deps"]), _paths(pipeline, one["outs"])) for one in found]
    reads, makes = (frozenset(path for pair in pairs for path in pair[side]) for side in (0, 1))
    return reads, makes


def _paths(pipeline: Path, entries: Sequence[object]) -> list[str]:
    """Absolute paths; an entry is a path, or a mapping of one to its options."""
    names = [next(iter(one)) if isinstance(one, dict) else one for one in entries]
    return [os.path.normpath(pipeline / str(name)) for name in names]
