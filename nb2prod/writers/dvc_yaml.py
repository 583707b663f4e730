"""`dvc.yaml`: the stages with their dependencies, parameters, outputs and metrics."""

from __future__ import annotations

import shlex
from typing import Any

from nb2prod.pipeline.model import File, Pipeline, Stage
from nb2prod.writers.yaml_text import dump


def dvc_yaml(pipeline: Pipeline) -> str:
    """The text of `dvc.yaml`, dumped from data."""
    return dump({"stages": {stage.name: _stage(pipeline, stage) for stage in pipeline.stages}})


def command(pipeline: Pipeline, stage: Stage) -> str:
    """What runs the stage: plain papermill, from the pipeline's folder, in the notebook's own folder."""
    folder = shlex.quote(pipeline.layout.working_directory)
    return f"papermill {stage.notebook} {stage.run} -f params.yaml --cwd {folder}"


def dependencies(pipeline: Pipeline, stage: Stage) -> tuple[str, ...]:
    """All that the stage depends on: its notebook, code of the package, artifacts, the user's files, its sources."""
    code = [f"{pipeline.package}/{name}.py" for name in ("_stage", *stage.modules)]
    artifacts = [artifact.path for artifact in stage.inputs]
    sources = [stage.sources_path] if stage.sources else []
    return tuple(sorted({stage.notebook, *code, *artifacts, *sources, *(_dvc_path(file) for file in stage.reads)}))


def outputs(stage: Stage) -> tuple[str, ...]:
    """All cached outputs: artifacts, and the files that the user's cells write."""
    return tuple(sorted({artifact.path for artifact in stage.outputs} | {_dvc_path(file) for file in stage.writes}))


def _dvc_path(file: File) -> str:
    return file.path


def _stage(pipeline: Pipeline, stage: Stage) -> dict[str, Any]:
    entry: dict[str, Any] = {"cmd": command(pipeline, stage), "deps": list(dependencies(pipeline, stage))}
    if stage.parameters:
        entry["params"] = list(stage.parameters)
    if outs := outputs(stage):
        entry["outs"] = list(outs)
    if stage.metrics:
        # Committed to git, so that `dvc metrics diff` works in a fresh clone.
        entry["metrics"] = [{stage.metrics_path: {"cache": False}}]
    return entry
