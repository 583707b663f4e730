"""`nb2prod convert`."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import click


@click.command(name="convert")
@click.argument("notebook", type=click.Path(path_type=Path))
@click.option(
    "--out", type=click.Path(path_type=Path), help="The pipeline's folder [default: pipeline, beside the notebook]."
)
@click.option("--no-run", is_flag=True, help="Write the pipeline without running anything: verdict `unverified`.")
@click.option("--budget", metavar="T", help="Time for the proof (90s, 30m, 2h): stages beyond it stay unverified.")
@click.option("--trust", multiple=True, metavar="STAGE", help="Do not run STAGE in the proof: it stays unverified.")
@click.option("--check", is_flag=True, help="Only say whether the pipeline is stale (exit code 1). Runs nothing.")
@click.option("--diff", is_flag=True, help="Say what changed since the conversion, and what will run. Writes nothing.")
@click.option("--init", is_flag=True, help="Do `git init` and `dvc init` where they are missing.")
@click.option("--overwrite", is_flag=True, help="Overwrite generated files that were edited by hand.")
@click.option("--kernel", help="Run with this kernel instead of the notebook's.")
@click.option(
    "--allow-network", is_flag=True, help="Let the notebook contact others; the proof reads a recording of it."
)
def command(
    notebook: Path,
    out: Path | None,
    no_run: bool,
    budget: str | None,
    trust: tuple[str, ...],
    check: bool,
    diff: bool,
    init: bool,
    overwrite: bool,
    kernel: str | None,
    allow_network: bool,
) -> None:
    """Turn NOTEBOOK into a papermill/DVC pipeline, run both, and compare them stage by stage.

    Cells tagged `stage:NAME` open stages; a notebook without such tags is cut by the proposal of `nb2prod tag`.
    """
    from nb2prod.cli.ask import asker
    from nb2prod.cli.plain import say
    from nb2prod.cli.render import Terminal, show_conversion
    from nb2prod.operations.convert import check_conversion, convert

    if check:
        project, found = check_conversion(notebook, out)
        say(f"{project.folder.name}: current")
        if found.only_prose:
            say(f"  {found.reason}: `nb2prod convert` takes it over without running anything")
        return
    if diff:
        from nb2prod.cli.render import show_changes
        from nb2prod.operations.diff import diff as changes_of

        show_changes(changes_of(notebook, out))
        return
    seconds = _seconds(budget) if budget else None
    progress = Terminal()
    try:
        done = convert(
            notebook,
            out,
            run=not no_run,
            init=init,
            overwrite=overwrite,
            kernel=kernel,
            allow_network=allow_network,
            ask=asker(),
            budget=seconds,
            trust=trust,
            progress=progress,
        )
    finally:
        progress.close()
    show_conversion(done)
    if done.verdict.state == "different":
        sys.exit(1)


def _seconds(text: str) -> float:
    """A length of time in seconds: `90s`, `30m`, `1.5h`; a bare number is seconds."""
    from nb2prod.errors import UsageError

    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smh]?)", text.strip())
    if found is None:
        raise UsageError(f"--budget {text} is no length of time", hint="write 90s, 30m or 2h")
    return float(found[1]) * {"": 1, "s": 1, "m": 60, "h": 3600}[found[2]]
