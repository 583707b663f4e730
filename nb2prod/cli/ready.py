"""`nb2prod ready`."""

from __future__ import annotations

import sys
from pathlib import Path

import click


@click.command(name="ready")
@click.argument("path", type=click.Path(path_type=Path), default=Path())
@click.option("--level", type=click.IntRange(0, 2), default=0, show_default=True, help="Ask what this maturity needs.")
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "md"]), default="text", help="md: a page for a review."
)
@click.option("--run-tests", is_flag=True, help="Run the pipeline's own tests first, and record what they say.")
def command(path: Path, level: int, form: str, run_tests: bool) -> None:
    """Say which criteria for production are met, by evidence. PATH is a notebook or a pipeline's folder.

    Level 0: one or two models, rarely updated; 1: several, trained regularly; 2: many, updated often. Exit code 1
    where a criterion of the level is not met or not known. Nothing of the notebook is executed. On a pipeline
    without production.yaml one is written, with questions.
    """
    import gc
    from importlib import import_module

    from nb2prod.cli.plain import say
    from nb2prod.operations.ready import ready

    gc.disable()  # as for `check`: many objects, no cycles, a short life
    found = ready(path, level=level, run_tests=run_tests)
    say(import_module(f"nb2prod.readiness.report.{form}").render(found))
    sys.exit(0 if found.is_reached else 1)
