"""`nb2prod trace`."""

from __future__ import annotations

import click


@click.command(name="trace")
@click.argument("wanted", metavar="ID")
@click.option("--name", help="The pipeline, where the repository has several.")
@click.option("--format", "layout", type=click.Choice(["text", "json"]), default="text", help="[default: text]")
def command(wanted: str, name: str | None, layout: str) -> None:
    """Say what made ID: a prediction, a version (v2, NAME@v2), or an artifact (its path or hash).

    Model, code commit and notebook, data hashes, parameters, lockfile, gate, approver, and when it was deployed.
    """
    from nb2prod.cli.production import show_trace
    from nb2prod.operations.trace import trace

    show_trace(trace(wanted, name=name), layout)
