"""`nb2prod probe`."""

from __future__ import annotations

import sys
from pathlib import Path

import click


@click.command(name="probe")
@click.argument("folder", type=click.Path(path_type=Path), default=Path())
def command(folder: Path) -> None:
    """Try the prediction path of the pipeline in FOLDER: held-out rows, whose features and answers must be training's,
    and malformed inputs, which must get a clear error or a quarantine. The answers are recorded as evidence.
    """
    from nb2prod.cli.plain import say
    from nb2prod.operations.probe import probe

    found = probe(folder)
    skew = found.skew
    if skew.why:
        say(f"skew: not checked: {skew.why}")
    elif skew.passed:
        say(f"skew: none: {skew.rows} held-out rows give training's features and answers, exactly")
    for sentence in skew.sentences():
        say(f"skew: {sentence}")
    for one in found.outcomes:
        answer = one.answer.said or f"{one.answer.answered} answered, {one.answer.aside} set aside"
        say(f"{'ok   ' if one.passed else 'wrong'} {one.name}: {one.flaw or answer}")
    if not found.passed:
        sys.exit(1)
