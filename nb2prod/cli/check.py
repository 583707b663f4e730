"""`nb2prod check`."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from nb2prod.lint.results import Checked
    from nb2prod.operations.check import Choice
    from nb2prod.operations.fix import Fixed

_FORMATS = ["text", "json", "sarif", "github"]


@click.command(name="check")
@click.argument("notebooks", nargs=-1, type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(_FORMATS), default="text", help="How to report.")
@click.option("--select", multiple=True, metavar="C,…", help="Only these: codes (NB301), families (NB5) or names.")
@click.option("--ignore", multiple=True, metavar="C,…", help="All but these.")
@click.option("--fix", "fixes", is_flag=True, help="Apply the safe fixes, then report what is left.")
@click.option("--unsafe-fixes", is_flag=True, help="With --fix or --diff: also those that may change what is computed.")
@click.option("--diff", is_flag=True, help="Show what --fix would change, and change nothing.")
@click.option("--statistics", is_flag=True, help="Count by rule instead of listing.")
@click.option("--run", "runs", is_flag=True, help="Run the notebooks in a copy, and tell what of it is so.")
@click.option("--allow-network", is_flag=True, help="With --run: let the notebooks use the network.")
@click.option("--timeout", type=float, default=600, show_default=True, help="With --run: seconds for one notebook.")
@click.option("--kernel", help="With --run: run with this kernel instead of the notebook's.")
@click.option("--baseline", type=click.Path(path_type=Path), help="Leave out what this file knows.")
@click.option("--write-baseline", type=click.Path(path_type=Path), help="Write what is found now into this file.")
def command(
    notebooks: tuple[Path, ...],
    form: str,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    fixes: bool,
    unsafe_fixes: bool,
    diff: bool,
    statistics: bool,
    runs: bool,
    allow_network: bool,
    timeout: float,
    kernel: str | None,
    baseline: Path | None,
    write_baseline: Path | None,
) -> None:
    """Find what will break when NOTEBOOKS (files, folders, patterns) run again, elsewhere, or in production."""
    import gc

    from nb2prod.operations.check import Choice, check_all

    # Trees make many objects and no cycles worth finding: looking for them takes half of the time.
    gc.disable()
    choice, arguments = Choice(_split(select), _split(ignore)), notebooks or (Path(),)
    if fixes or diff:
        changed, unfixed = _fix(arguments, choice, unsafe_fixes, show=diff)
        if diff:
            sys.exit(_tell_failed(unfixed) or (1 if changed else 0))
    else:
        unfixed = []
    checked = check_all(arguments, choice)
    unrun = False
    if runs:
        checked, unrun = _run(checked, choice, timeout, allow_network, kernel)
    if write_baseline:
        _write_baseline(write_baseline, checked)
        return
    checked = _without_known(checked, baseline)
    _show(checked, form, statistics)
    unread = {one.path for one in checked if one.error}
    failed = _tell_failed([one for one in unfixed if one.path not in unread])
    sys.exit(2 if unread else failed or (3 if unrun else 1 if any(one.diagnostics for one in checked) else 0))


def _split(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(code.strip() for value in values for code in value.split(",") if code.strip())


def _show(checked: list[Checked], form: str, statistics: bool) -> None:
    from importlib import import_module

    from nb2prod.cli.plain import complain, say

    for one in checked:
        if one.error:
            complain(f"error: {one.error}\nhint: {one.hint}")
    report = import_module(f"nb2prod.lint.report.{form}")
    if form == "text" and not any(one.diagnostics for one in checked) and any(one.error for one in checked):
        return
    text: str = report.statistics(checked) if statistics and form == "text" else report.render(checked)
    if text:
        say(text)


def _run(
    checked: list[Checked], choice: Choice, seconds: float, network: bool, kernel: str | None
) -> tuple[list[Checked], bool]:
    """The same notebooks after running them, and whether one could not be run. What was executed is told."""
    from nb2prod.cli.plain import complain
    from nb2prod.cli.render import Terminal
    from nb2prod.operations.check_run import RunOptions, run_all

    progress = Terminal()
    try:
        done = run_all(checked, choice, RunOptions(seconds, network, kernel), progress)
    finally:
        progress.close()
    for one in done:
        for sentence in one.executed:
            complain(sentence)
    return [one.checked for one in done], any(one.failed for one in done)


def _fix(arguments: Sequence[Path], choice: Choice, unsafe: bool, *, show: bool) -> tuple[bool, list[Fixed]]:
    """Whether there was something to change, and the notebooks that could not be."""
    from nb2prod.cli.plain import complain, say
    from nb2prod.operations.check import chosen
    from nb2prod.operations.fix import fix_all

    done = fix_all(chosen(arguments), choice, unsafe=unsafe, write=not show)
    for one in done:
        if show and one.diff:
            say(one.diff.rstrip("\n"))
        elif one.titles:
            complain(f"{one.path}: {len(one.titles)} fixed: {'; '.join(dict.fromkeys(one.titles))}")
    return any(one.titles for one in done), [one for one in done if one.failed]


def _tell_failed(unfixed: Iterable[Fixed]) -> int:
    """Say at the end what could not be fixed, and why; the exit code for that."""
    from nb2prod.cli.plain import complain

    code = 0
    for one in unfixed:
        if one.failed is not None:
            place = "" if one.path in one.failed.message else f"{one.path}: "
            complain(f"error: {place}{one.failed.message}\nhint: {one.failed.hint}")
            code = max(code, one.failed.exit_code)
    return code


def _without_known(checked: list[Checked], file: Path | None) -> list[Checked]:
    if file is None:
        return checked
    from nb2prod.adapters.files import read_text
    from nb2prod.errors import UsageError
    from nb2prod.lint import baseline

    text = read_text(file)
    if text is None:
        raise UsageError(f"there is no baseline {file}", hint=f"write it with `--write-baseline {file}`")
    known = baseline.read(text, str(file))
    return [baseline.new(one, known) for one in checked]


def _write_baseline(file: Path, checked: list[Checked]) -> None:
    from nb2prod.adapters.files import write_text
    from nb2prod.cli.plain import say
    from nb2prod.lint import baseline

    write_text(file, baseline.render(checked))
    say(f"written: {file}, which knows {sum(len(one.diagnostics) for one in checked)} findings")
