"""`nb2prod history`."""

from __future__ import annotations

import click


@click.command(name="history")
@click.argument("name", required=False)
@click.option("--format", "layout", type=click.Choice(["text", "json"]), default="text", help="[default: text]")
def command(name: str | None, layout: str) -> None:
    """List every release, deployment and rollback, the oldest first.

    NAME is the pipeline's, where the repository has several.
    """
    from nb2prod.cli.production import show_history
    from nb2prod.operations.history import history

    show_history(history(name), layout)
