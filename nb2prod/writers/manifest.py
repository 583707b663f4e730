"""`conversion.json`: what crosses each boundary and why, the verdict with its evidence, what was generated.

The file carries a version. Reading a newer one is refused; an older one is read by `operations` as stale.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from nb2prod.notebook.model import Notebook
from nb2prod.notebook.same_code import code_of, looks_at_itself
from nb2prod.notebook.stages import Cut
from nb2prod.notebook.tags import acting
from nb2prod.pipeline.model import Artifact, Boundary, File, Pipeline, Predict, Stage
from nb2prod.pipeline.verdict import StageEvidence, Verdict
from nb2prod.writers.generated import GeneratedFile

VERSION = 1


def notebook_digests(notebook: Notebook) -> dict[str, str]:
    """`code`: what the pipeline computes from; `text`: prose and all tags too. Outputs and counts are in neither."""
    as_written = looks_at_itself(cell.source for cell in notebook.code_cells)
    code = [([cell.source] if as_written else code_of(cell.source), acting(cell.tags)) for cell in notebook.code_cells]
    text = [(cell.id, cell.kind, cell.source, *cell.tags) for cell in notebook.cells]
    return {"code": _digest([notebook.kernel, code]), "text": _digest(text)}


def cut_digest(notebook: Notebook, cut: Cut) -> str:
    """Which code cells are in which stage. Where it rests on headings, prose decides it."""
    numbers = {cell.index: number for number, cell in enumerate(notebook.code_cells)}
    stages = [(stage.name, [numbers[index] for index in stage.cells if index in numbers]) for stage in cut.stages]
    if cut.report:
        stages.append((cut.report_name, [numbers[index] for index in cut.report if index in numbers]))
    return _digest(stages)


def manifest(
    pipeline: Pipeline,
    notebook: Notebook,
    cut: Cut,
    verdict: Verdict,
    files: Iterable[GeneratedFile],
    facts: dict[str, Any],
) -> str:
    """The text of `conversion.json`. `facts`: the nb2prod version, the interpreter, the proposal if there was one."""
    listed = list(files)

    def name(file: GeneratedFile) -> str:
        return pipeline.layout.from_pipeline(file.path)

    document = {
        "version": VERSION,
        "notebook": {
            "path": pipeline.layout.from_pipeline(pipeline.layout.notebook),
            **notebook_digests(notebook),
            "stages": cut_digest(notebook, cut),
        },
        "package": pipeline.package,
        **facts,
        "verdict": _verdict(verdict),
        "parameters": dict(pipeline.values),
        "stages": [_stage(pipeline, stage, notebook) for stage in pipeline.stages],
        **({"predict": _predict(pipeline.predict, notebook)} if pipeline.predict else {}),
        "merges": [{"stages": list(merge.stages), "reason": merge.reason} for merge in pipeline.merges],
        **({"boundaries": [_boundary(one) for one in pipeline.boundaries]} if pipeline.boundaries else {}),
        "files": {name(file): file.digest for file in listed if not (file.shared or file.offered or file.renewed)},
        "offered": {name(file): file.digest for file in listed if file.offered},
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _predict(predict: Predict, notebook: Notebook) -> dict[str, Any]:
    entry: dict[str, Any] = {"cell": notebook.cells[predict.cell].id, "function": predict.function}
    return entry | ({"why": predict.why} if predict.why else {"needs": list(predict.needs)})


def _boundary(boundary: Boundary) -> dict[str, Any]:
    entry = {"from": boundary.producer, "to": boundary.consumer, "bytes": boundary.stored}
    return entry | ({"proposal": boundary.proposal} if boundary.proposal else {})


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, ensure_ascii=False).encode("utf-8")).hexdigest()


def _verdict(verdict: Verdict) -> dict[str, Any]:
    entry: dict[str, Any] = {"state": verdict.state}
    if verdict.reason:
        entry["reason"] = verdict.reason
    entry["tolerance"] = "exact"
    entry["evidence"] = [_evidence(stage) for stage in verdict.stages]
    return entry


def _evidence(evidence: StageEvidence) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "stage": evidence.stage,
        "variables": evidence.variables,
        "cells": evidence.outputs,
        "files": evidence.files,
    }
    if evidence.opaque:
        entry["compared by type only"] = list(evidence.opaque)
    if evidence.differences:
        entry["differences"] = [difference.sentence() for difference in evidence.differences]
    return entry


def _stage(pipeline: Pipeline, stage: Stage, notebook: Notebook) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "name": stage.name,
        "tagged": list(stage.tagged),
        "cells": [notebook.cells[index].id for index in stage.own_cells],
        "parameters": list(stage.parameters),
        "again": sorted({notebook.cells[index].id for index in _again(stage)}),
        "inputs": [artifact.path for artifact in stage.inputs],
        "outputs": [_artifact(artifact, notebook) for artifact in stage.outputs],
        "reads": [_file(file) for file in stage.reads],
        "writes": [_file(file) for file in stage.writes],
        "metrics": list(stage.metrics),
        "watched": [*stage.watched, *(name for _, names in stage.watched_from for name in names)],
        "modules": [f"{pipeline.package}.{module}" for module in stage.modules],
    }
    if stage.secrets:
        entry["secrets"] = list(stage.secrets)
    if stage.sources:
        cells = {name: sorted({one.cell for one in stage.sources if one.name == name}) for name in _names(stage)}
        entry["sources"] = [{"name": name, "cells": [notebook.cells[i].id for i in cells[name]]} for name in cells]
    return entry


def _names(stage: Stage) -> list[str]:
    return sorted({one.name for one in stage.sources})


def _again(stage: Stage) -> list[int]:
    """Cells of earlier stages whose code runs in this one too, instead of a file."""
    kinds = ("replayed", "import")
    found = [cell.origin for cell in stage.cells if cell.kind in kinds and cell.origin is not None]
    return [index for index in found if index not in stage.own_cells]


_RUNGS = dict.fromkeys(("parquet", "column", "npy", "json", "random"), "typed file")


def _artifact(artifact: Artifact, notebook: Notebook) -> dict[str, Any]:
    entry: dict[str, Any] = {"names": list(artifact.names), "types": list(artifact.types), "path": artifact.path}
    entry |= {"format": artifact.format, "rung": _RUNGS.get(artifact.format, "pickle")}
    entry |= {"why": artifact.why} if artifact.why else {}
    entry |= {"bytes": artifact.size} if artifact.size is not None else {}
    cells = notebook.cells
    needed = [
        {"stage": need.stage, "cells": [cells[index].id for index in need.cells], "evidence": need.evidence}
        for need in artifact.needs
    ]
    return entry | {"made in": [cells[index].id for index in artifact.made_in], "needed by": needed}


def _file(file: File) -> str:
    return file.path
