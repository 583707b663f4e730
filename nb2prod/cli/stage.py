"""`nb2prod stage`."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(name="stage")
@click.argument("name")
@click.argument("folder", type=click.Path(path_type=Path), default=Path())
@click.option("--force", is_flag=True, help="Run it even if nothing changed.")
def command(name: str, folder: Path, force: bool) -> None:
    """Run the one stage NAME of the pipeline in FOLDER, and nothing before or after it."""
    from nb2prod.cli.plain import say
    from nb2prod.cli.render import Terminal
    from nb2prod.operations.stage import stage

    progress = Terminal()
    try:
        done = stage(name, folder, force=force, progress=progress)
    finally:
        progress.close()
    say(f"nothing to do: stage {name} is up to date" if done.nothing_to_do else f"ran: {name}")
