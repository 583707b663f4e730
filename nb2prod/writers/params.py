"""`params.yaml`: the parameters with their types kept."""

from __future__ import annotations

from nb2prod.pipeline.model import Pipeline
from nb2prod.writers.yaml_text import dump


def params_yaml(pipeline: Pipeline) -> str:
    """The text of `params.yaml`; an empty mapping where the notebook has no parameters, for papermill reads it."""
    return dump(dict(pipeline.values)) if pipeline.parameters else "{}\n"
