"""`nb2prod rollback`."""

from __future__ import annotations

import click


@click.command(name="rollback")
@click.argument("name", required=False)
@click.option("--env", "environment", help="The environment [default: the first of the contract's].")
@click.option("--to", metavar="VERSION", help="An earlier champion [default: the one before].")
@click.option("--because", metavar="TEXT", help="Why; it stands in the history.")
@click.option("--force", is_flag=True, help="Go back even where the version fails on recent inputs.")
@click.option("--format", "layout", type=click.Choice(["text", "json"]), default="text", help="[default: text]")
def command(
    name: str | None, environment: str | None, to: str | None, because: str | None, force: bool, layout: str
) -> None:
    """Make the champion before the champion again: its model, code, lockfile, contract and schema.

    NAME is the pipeline's, where the repository has several. Works without a network where the model is in the cache.
    """
    from nb2prod.cli.production import show_deployed
    from nb2prod.operations.rollback import rollback

    show_deployed(rollback(name, environment=environment, to=to, because=because, force=force), layout)
