"""`nb2prod tag`."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(name="tag")
@click.argument("notebook", type=click.Path(path_type=Path))
@click.option("--write", is_flag=True, help="Write the tags into the notebook.")
def command(notebook: Path, write: bool) -> None:
    """Propose stages for an untagged NOTEBOOK from its headings and what its code does, and say why."""
    from nb2prod.cli.render import plain
    from nb2prod.operations.tag import tag

    done = tag(notebook, write=write)
    for proposed, label in done.proposal:
        print(f"stage:{proposed.name} on {plain(label)}: {plain(proposed.why)}")
    print(f"written into {notebook}" if done.written else "nothing was written: `--write` does")
