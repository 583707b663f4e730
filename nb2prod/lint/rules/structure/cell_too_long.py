"""A cell does too much at once.

## What it does

Counts the lines of code of a cell, without comments and empty lines. More than 80 are too many.

## Why is this bad?

A long cell runs as a whole or not at all: nothing in it can be looked at, repeated or cached by itself, and it becomes
one stage of a pipeline with everything that it needs and makes.

## Example

One cell that loads, cleans, fits and plots.

## Use instead

A cell for each, under a heading.

## Known limits

The length says nothing about the content: a cell of constants may well be long. Set `severity` for this rule to "off"
where that is the style of the project.
"""

from __future__ import annotations

from collections.abc import Iterator

from nb2prod.diagnostics import Span
from nb2prod.lint.context import CodeView, Context
from nb2prod.lint.rule import Finding

CODE = "NB701"
NAME = "cell-too-long"
SEVERITY = "info"
FIXABLE = False

_MOST_LINES = 80


def check(context: Context) -> Iterator[Finding]:
    """One finding per cell."""
    for view in context.views:
        lines = _code_lines(view) if view.cell.source.count("\n") >= _MOST_LINES else 0
        if lines > _MOST_LINES:
            message = f"this cell has {lines} lines of code: more than {_MOST_LINES} are hard to follow and to repeat"
            span = view.positions.line_span(1)
            yield Finding(view.index, Span(1, 0, 1, span.end_column), message, "cut it where one thing is finished")


def _code_lines(view: CodeView) -> int:
    lines = (line.strip() for line in view.positions.lines)
    return sum(bool(line) and not line.startswith("#") for line in lines)
