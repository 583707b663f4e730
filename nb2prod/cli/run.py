"""`nb2prod run`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from nb2prod.operations.run import Run


@click.command(name="run")
@click.argument("folder", type=click.Path(path_type=Path), default=Path())
@click.option("--all", "everything", is_flag=True, help="Run all pipelines below FOLDER, each after what it reads.")
@click.option(
    "-p", "parameters", nargs=2, multiple=True, metavar="NAME VALUE", help="Try a parameter in a scratch copy."
)
@click.option("--profile", metavar="NAME", help="Run on a part of the data, in a scratch copy: `sample`.")
@click.option(
    "--keep",
    is_flag=True,
    help="With -p: change params.yaml and the pipeline's own state. With --profile: keep that part of the data.",
)
@click.option("--from", "first", metavar="STAGE", help="Run only this stage and what depends on it.")
@click.option("--to", "last", metavar="STAGE", help="Run only this stage and what it needs.")
@click.option("--force", is_flag=True, help="Run every stage.")
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    metavar="N",
    help="At most so many stages side by side.  [default: as many as processors]",
)
@click.option("--refresh", is_flag=True, help="First look whether what stages read from others changed.")
@click.option("--allow-undeclared", is_flag=True, help="Let stages open files that they do not declare.")
def command(
    folder: Path,
    everything: bool,
    parameters: tuple[tuple[str, str], ...],
    profile: str | None,
    keep: bool,
    first: str | None,
    last: str | None,
    force: bool,
    jobs: int | None,
    refresh: bool,
    allow_undeclared: bool,
) -> None:
    """Bring the outputs of the pipeline in FOLDER up to date; DVC's lock records them."""
    from nb2prod.cli.plain import say
    from nb2prod.cli.render import Terminal
    from nb2prod.operations.run import current_parameters, run

    if everything:
        _check_alone(parameters=parameters, profile=profile, first=first, last=last)
        _run_all(folder, force=force, jobs=jobs, refresh=refresh, allow_undeclared=allow_undeclared)
        return
    current = current_parameters(folder) if parameters else {}
    values = {name: _value(name, text, current.get(name)) for name, text in parameters}
    progress = Terminal()
    try:
        done = run(
            folder,
            parameters=values,
            keep=keep,
            force=force,
            first=first,
            last=last,
            jobs=jobs,
            allow_undeclared=allow_undeclared,
            refresh=refresh,
            profile=profile,
            progress=progress,
        )
    finally:
        progress.close()
    say(_told(done))
    if done.profile:
        _say_sampled(done)
    for name, value in done.metrics.items():
        say(f"  {name}: {value}")
    if done.profile:
        say(f"ran in {done.folder}; the pipeline itself is unchanged (the next try removes this)")
        if keep:
            say(f"its data are in {folder / 'sample-data'}: look at them before you commit them")
    elif values and not keep:
        say(f"tried in {done.folder}; the pipeline itself is unchanged (--keep changes it, the next try removes this)")


def _told(done: Run) -> str:
    if done.nothing_to_do:
        return "nothing to do: everything is up to date"
    return f"ran: {', '.join(done.executed)}" + (f"; up to date: {', '.join(done.skipped)}" if done.skipped else "")


def _say_sampled(done: Run) -> None:
    """What the numbers that follow are numbers of."""
    from nb2prod.cli.plain import say

    say(f"profile {done.profile}: these results are of a part of the data, and no results of the pipeline")
    for one in done.sampled:
        say(f"  {one.sentence()}")
    if sum(one.taken is not None for one in done.sampled) > 1:
        say('  each by itself: a join of them finds fewer partners; `take = { "PATH" = "all" }` leaves one whole')
    if done.metrics:
        say("metrics of that part:")


def _check_alone(**given: object) -> None:
    """What means one pipeline does not go with all of them."""
    from nb2prod.errors import UsageError

    options = {"parameters": "-p", "profile": "--profile", "first": "--from", "last": "--to"}
    if named := [options[name] for name, value in given.items() if value]:
        raise UsageError(f"--all and {named[0]} do not go together", hint="name the pipeline's folder instead of --all")


def _run_all(folder: Path, *, force: bool, jobs: int | None, refresh: bool, allow_undeclared: bool) -> None:
    from nb2prod.cli.plain import say
    from nb2prod.cli.render import Terminal
    from nb2prod.operations.run import run
    from nb2prod.operations.run_all import run_all

    progress = Terminal()

    def one(pipeline: Path) -> Run:
        return run(
            pipeline, force=force, jobs=jobs, refresh=refresh, allow_undeclared=allow_undeclared, progress=progress
        )

    try:
        done = run_all(folder, one)
    finally:
        progress.close()
    for pipeline, one_run in done:
        say(f"{pipeline.relative_to(folder.resolve())}: {_told(one_run)}")


def _value(name: str, text: str, current: object) -> object:
    """The word itself for a parameter that is text; otherwise as YAML reads it: `3` is a number, `[1, 2]` a list."""
    from nb2prod.errors import UsageError
    from nb2prod.operations.preflight import load_params

    if isinstance(current, str):
        return text
    try:
        return load_params(f"value: {text}", Path())["value"]
    except UsageError as error:
        raise UsageError(f"the value of `{name}` is not valid YAML: {text}", hint="put text into quotes") from error
