"""`nb2prod stage`: one stage, as every engine calls it."""

from __future__ import annotations

from pathlib import Path

from nb2prod.operations.progress import Progress
from nb2prod.operations.run import Run, run


def stage(name: str, folder: str | Path = ".", *, force: bool = False, progress: Progress | None = None) -> Run:
    """Run the stage `name` of the pipeline in `folder`, and nothing before or after it. Raises as `run` does."""
    return run(folder, stage=name, force=force, progress=progress)
