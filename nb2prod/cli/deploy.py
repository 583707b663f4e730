"""`nb2prod deploy`."""

from __future__ import annotations

import click


@click.command(name="deploy")
@click.argument("version", metavar="[NAME@]VERSION")
@click.option("--env", "environment", help="The environment [default: the first of the contract's].")
@click.option("--shadow", is_flag=True, help="As a challenger that would answer, and is not heard. Recorded only.")
@click.option(
    "--canary", type=float, metavar="PCT", help="As a challenger for that percentage of the rows. Recorded only."
)
@click.option("--because", metavar="TEXT", help="Why; it stands in the history.")
@click.option("--format", "layout", type=click.Choice(["text", "json"]), default="text", help="[default: text]")
def command(
    version: str, environment: str | None, shadow: bool, canary: float | None, because: str | None, layout: str
) -> None:
    """Make a VERSION (v2, NAME@v2) that passed its gate the champion of an environment.

    Where another version has become the champion since, the gate is asked again against that one.
    """
    from nb2prod.cli.production import show_deployed
    from nb2prod.operations.deploy import deploy

    done = deploy(version, environment=environment, shadow=shadow, canary=canary, because=because)
    show_deployed(done, layout)
