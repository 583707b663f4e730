"""The pipeline's README: what it is, how to run it, what crosses between its stages."""

from __future__ import annotations

from collections.abc import Iterable

from nb2prod.pipeline.model import Artifact, Pipeline, Stage
from nb2prod.writers import recipe as steps
from nb2prod.writers.prose import render
from nb2prod.writers.recipe import Recipe


def readme(pipeline: Pipeline, recipe: Recipe, verdict: str) -> str:
    """The text of `README.md`."""
    return render(
        "README.md",
        pipeline=pipeline,
        notebook=pipeline.layout.notebook,
        notebook_link=pipeline.layout.from_pipeline(pipeline.layout.notebook),
        folder=pipeline.layout.folder,
        verdict=verdict,
        commands=[
            *steps.install(recipe),
            *steps.install_own(recipe),
            f"dvc --cd {steps.argument(recipe.folder)} repro",
        ],
        rows=[_row(stage) for stage in pipeline.stages],
    )


def _row(stage: Stage) -> list[str]:
    reads = [*_names(stage.inputs), *(f"`{file.root_path}`" for file in stage.reads)]
    makes = [*_names(stage.outputs), *(f"`{file.root_path}`" for file in stage.writes)]
    makes += [f"metrics {', '.join(f'`{name}`' for name in stage.metrics)}"] if stage.metrics else []
    parameters = ", ".join(f"`{name}`" for name in stage.parameters)
    return [stage.name, ", ".join(reads) or "—", ", ".join(makes) or "—", parameters or "—"]


def _names(artifacts: Iterable[Artifact]) -> list[str]:
    return ["the random state" if one.is_random_state else f"`{', '.join(one.names)}`" for one in artifacts]
