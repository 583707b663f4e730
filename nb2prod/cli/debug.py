"""`nb2prod debug`."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(name="debug")
@click.argument("stage")
@click.argument("folder", type=click.Path(path_type=Path), default=Path())
@click.option("--at", metavar="CELL", help="Stop before this cell (its number in the notebook, or its id).")
def command(stage: str, folder: Path, at: str | None) -> None:
    """Open STAGE of the pipeline in FOLDER where it fails, in a scratch copy with its kernel alive."""
    import shlex

    from nb2prod.cli.plain import complain, say
    from nb2prod.cli.render import Terminal
    from nb2prod.operations.debug import debug

    progress = Terminal()
    progress.phase(f"stage {stage}")
    try:
        done = debug(stage, folder, at=at, progress=progress)
    finally:
        progress.close()
    if done.failed:
        complain(done.failed.traceback)
    if done.failed:
        say(f"stage {stage} stands at {done.cell}, which raised {done.failed.name}: {done.failed.value}")
    else:
        say(f"stage {stage} stands before {done.cell}" if done.cell else f"stage {stage} runs to its end")
    if done.inputs:
        say(f"inputs loaded: {', '.join(done.inputs)}")
    file, where = shlex.quote(str(done.connection)), shlex.quote(str(done.connection.parent))
    notebook = shlex.quote(str(done.notebook))
    options = f"--ServerApp.allow_external_kernels=True --ServerApp.external_connection_dir={where}"
    say(f"attach: jupyter console --existing {file}")
    say(f"or:     jupyter lab {options} {notebook}")
    say("        then choose the kernel that runs already: Kernel > Change Kernel")
    say(f"end it: kill {done.process} && rm -r {where}")
    say("the pipeline itself is unchanged")
