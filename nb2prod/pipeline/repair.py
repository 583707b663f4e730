"""After a difference: the next thing to try, from the smallest to the one that always works.

1. A name or file that the stage missed becomes an input; an output that its file does not hold exactly is pickled,
   or its stage merged with the one that reads it.
2. Definitions that were lifted go back where they stood.
3. Frames and arrays travel pickled, which keeps their memory layout, where a typed format does not: first the stage's
   own inputs, then what every stage before it reads.
4. The stage is merged with the one before it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from nb2prod.errors import CellFailed
from nb2prod.pipeline.model import Pipeline, Repairs, Stage
from nb2prod.pipeline.verdict import StageEvidence

# Something that an earlier stage leaves is not there: how definitions and values travel makes no difference.
_NOTHING_ELSE_HELPS = {"FileNotFoundError", "NameError", "ModuleNotFoundError", "NotADirectoryError", "PermissionError"}
_MISSING_NAME = re.compile(r"name '(\w+)' is not defined")


def next_repair(
    pipeline: Pipeline,
    stage: Stage,
    evidence: StageEvidence,
    failed: CellFailed | None,
    repairs: Repairs,
    tree: frozenset[str],
) -> Repairs | None:
    """The repairs to build with next, or None where nothing is left to try."""
    addition = _missing_name(stage, failed, repairs) or _missing_files(pipeline, stage, failed, repairs, tree)
    addition = addition or _unwritable(pipeline, stage, failed, repairs)
    if addition:
        return addition
    if failed and failed.name == "FileExistsError" and stage.folders and stage.name not in repairs.no_folders:
        return replace(repairs, no_folders=repairs.no_folders | {stage.name})
    if failed and failed.name in _NOTHING_ELSE_HELPS:
        return _merge(pipeline, stage, evidence, repairs)
    before = pipeline.stages[: pipeline.stages.index(stage)]
    pickled = _pickle((stage,), repairs) or _pickle(before, repairs)
    return _unlift(stage, repairs) or pickled or _merge(pipeline, stage, evidence, repairs)


def _missing_name(stage: Stage, failed: CellFailed | None, repairs: Repairs) -> Repairs | None:
    found = _MISSING_NAME.search(failed.message) if failed and failed.name == "NameError" else None
    addition = (stage.name, found.group(1)) if found else None
    if addition is None or addition in repairs.inputs:
        return None
    return replace(repairs, inputs=repairs.inputs | {addition})


def _missing_files(
    pipeline: Pipeline, stage: Stage, failed: CellFailed | None, repairs: Repairs, tree: frozenset[str]
) -> Repairs | None:
    """Files of the project, or of earlier stages, whose name the error tells."""
    if failed is None:
        return None
    text = f"{failed.message}\n{failed.traceback}"
    known = {file.root_path for file in stage.reads}
    folder = f"{pipeline.layout.folder}/"
    made = {file.root_path for one in pipeline.stages[: pipeline.stages.index(stage)] for file in one.writes}
    named = {path for path in tree | made if path.rpartition("/")[2] in text and path not in known}
    additions = {(stage.name, path) for path in named if not path.startswith(folder)} - repairs.files
    notebook = (stage.name, pipeline.layout.notebook)
    additions.discard(notebook)
    return replace(repairs, files=repairs.files | additions) if additions else None


def _unwritable(pipeline: Pipeline, stage: Stage, failed: CellFailed | None, repairs: Repairs) -> Repairs | None:
    """An output whose file does not give it back: of large data only pieces were tried before."""
    if failed is None or failed.name != "StageError":
        return None
    named = [one for one in stage.outputs if one.path in failed.message]
    typed = {name for one in named if one.format not in ("pickle", "random") for name in one.names}
    if typed - repairs.pickled:
        return replace(repairs, pickled=repairs.pickled | typed)
    reader = next((other for other in pipeline.stages if set(named) & set(other.inputs)), None)
    if reader is None:
        return None
    reason = f"`{', '.join(named[0].names)}` cannot cross: {failed.message.partition(': ')[2]}"
    return replace(repairs, merges=(*repairs.merges, (stage.tagged[0], reader.tagged[-1], reason)))


def _unlift(stage: Stage, repairs: Repairs) -> Repairs | None:
    lifted = {cell.origin for cell in stage.cells if cell.kind == "import" and cell.origin is not None}
    return replace(repairs, unlifted=repairs.unlifted | lifted) if lifted - repairs.unlifted else None


def _pickle(stages: Sequence[Stage], repairs: Repairs) -> Repairs | None:
    inputs = (one for stage in stages for one in stage.inputs)
    typed = {name for one in inputs if one.format in ("parquet", "column", "npy") for name in one.names}
    return replace(repairs, pickled=repairs.pickled | typed) if typed - repairs.pickled else None


def _merge(pipeline: Pipeline, stage: Stage, evidence: StageEvidence, repairs: Repairs) -> Repairs | None:
    position = pipeline.stages.index(stage)
    if position == 0:
        return None
    before = pipeline.stages[position - 1]
    first = evidence.differences[0].sentence() if evidence.differences else "it failed on its own"
    reason = f"apart, they do not give what the notebook gives ({first})"
    return replace(repairs, merges=(*repairs.merges, (before.tagged[0], stage.tagged[-1], reason)))
