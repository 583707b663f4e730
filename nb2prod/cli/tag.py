"""`nb2prod tag`."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(name="tag")
@click.argument("notebook", type=click.Path(path_type=Path))
@click.option("--write", is_flag=True, help="Write the tags into the notebook.")
def command(notebook: Path, write: bool) -> None:
    """Propose stages for an untagged NOTEBOOK from its headings and what its code does, and say why."""
    from nb2prod.cli.plain import say
    from nb2prod.operations.tag import tag

    done = tag(notebook, write=write)
    for proposed, label in done.proposal:
        say(f"stage:{proposed.name} on {label}: {proposed.why}")
    for label in done.report:
        say(f"report on {label}: it only shows something: in a stage after all others, a change of it runs none")
    if not done.proposal:
        say("no cell could open a stage: every code cell is tagged `parameters`, `setup` or `skip`")
    say(f"written into {notebook}" if done.written else "nothing was written: `--write` does")
