"""`nb2prod verify`."""

from __future__ import annotations

import sys
from pathlib import Path

import click


@click.command(name="verify")
@click.argument("folder", type=click.Path(path_type=Path), default=Path())
@click.option(
    "--allow-network", is_flag=True, help="Let the notebook contact others; the stages read a recording of it."
)
def command(folder: Path, allow_network: bool) -> None:
    """Run the notebook and the pipeline in FOLDER at the current params.yaml, and compare them stage by stage."""
    from nb2prod.cli.ask import asker
    from nb2prod.cli.render import Terminal, show_verdict
    from nb2prod.operations.verify import verify

    progress = Terminal()
    try:
        done = verify(folder, allow_network=allow_network, ask=asker(), progress=progress)
    finally:
        progress.close()
    show_verdict(done.verdict)
    if not done.verdict.is_success:
        sys.exit(1)
