"""`nb2prod demo`."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(name="demo")
@click.argument("folder", type=click.Path(path_type=Path), default=Path("nb2prod-demo"))
def command(folder: Path) -> None:
    """Make an example project in FOLDER, convert its notebook, run it and verify it."""
    from nb2prod.cli.plain import say
    from nb2prod.cli.render import Terminal, show_conversion
    from nb2prod.operations.demo import demo

    progress = Terminal()
    try:
        done = demo(folder, progress=progress)
    finally:
        progress.close()
    show_conversion(done)
    say(f"look at {done.project.folder}/README.md; then: cd {folder} && nb2prod run pipeline")
