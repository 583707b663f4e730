"""`nb2prod release`."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(name="release")
@click.argument("folder", type=click.Path(path_type=Path), default=Path())
@click.option("--approver", metavar="NAME", help="Who approves this version; asked for where the contract says so.")
def command(folder: Path, approver: str | None) -> None:
    """Make the commit's state of the pipeline in FOLDER a version of its model, if it passes its gate.

    The gate is in production.yaml, which is written with its open questions when it is not there yet.
    """
    from nb2prod.cli.production import show_release
    from nb2prod.cli.render import Terminal
    from nb2prod.operations.release import release

    progress = Terminal()
    try:
        done = release(folder, approver=approver, progress=progress)
    finally:
        progress.close()
    show_release(done)
