"""`nb2prod erase`."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(name="erase")
@click.argument("ids", nargs=-1, required=True)
@click.option("--consumer", is_flag=True, help="IDS are the consumer's own: all of their predictions.")
@click.option(
    "--pipeline", "folder", type=click.Path(path_type=Path), default=Path(), help="A folder of the repository."
)
def command(ids: tuple[str, ...], consumer: bool, folder: Path) -> None:
    """Take the predictions of these IDS, and what was kept of their inputs, out of the prediction log."""
    from nb2prod.cli.plain import say
    from nb2prod.operations.erase import erase

    done = erase(ids, folder, consumer=consumer)
    say(f"erased: {len(done.ids)} predictions")
    for path in done.outputs:
        say(f"their rows are still in {path}, where it is: that file is its consumer's")
