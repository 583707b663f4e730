"""A question on a terminal. Where nobody can answer, nobody is asked."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

from nb2prod.cli.plain import complain


def asker() -> Callable[[Sequence[str]], bool] | None:
    """Asks whether the notebook may contact others; None where there is no terminal."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return None
    return _ask


def _ask(sentences: Sequence[str]) -> bool:
    import click

    complain("the notebook contacts others:")
    for sentence in sentences:
        complain(f"  {sentence}")
    return click.confirm("let it, and record what it reads?", default=False, err=True)
