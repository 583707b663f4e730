"""`nb2prod status`."""

from __future__ import annotations

import click


@click.command(name="status")
@click.argument("name", required=False)
@click.option("--env", "environment", help="This environment only.")
@click.option("--format", "layout", type=click.Choice(["text", "json"]), default="text", help="[default: text]")
def command(name: str | None, environment: str | None, layout: str) -> None:
    """Say per environment which version is there, since when, by whom, and what its gate said.

    NAME is the pipeline's, where the repository has several.
    """
    from nb2prod.cli.production import show_status
    from nb2prod.operations.status import status

    show_status(status(name, environment=environment), layout)
