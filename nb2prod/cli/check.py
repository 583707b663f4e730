"""`nb2prod check`."""

from __future__ import annotations

import sys
from pathlib import Path

import click


@click.command(name="check")
@click.argument("notebooks", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to report.")
def command(notebooks: tuple[Path, ...], form: str) -> None:
    """Find what will break when NOTEBOOKS run again, elsewhere, or in production."""
    from importlib import import_module

    from nb2prod.cli.plain import say
    from nb2prod.operations.check import check

    checked = [check(path) for path in notebooks]
    say(import_module(f"nb2prod.lint.report.{form}").render(checked))
    if any(one.diagnostics for one in checked):
        sys.exit(1)
