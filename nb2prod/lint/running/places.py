"""Lines as the kernel counts them → places in the cell's text."""

from __future__ import annotations

import ast
import re

from nb2prod.diagnostics import Span
from nb2prod.lint.context import CodeView

_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_LINE = re.compile(
    r"Cell In\s?\[\d+\], line (\d+)|<ipython-input-[^>]*> in [^\n]*\n(?:[^\n]*\n)*?-+> (\d+) |line (\d+)"
)


def failed_line(traceback: str) -> int:
    """The line of the cell's own statement in a traceback: the outermost frame comes first."""
    match = _LINE.search(_ANSI.sub("", traceback))
    return int(next(filter(None, match.groups()))) if match else 1


def line_of(view: CodeView, line: int) -> Span:
    """The span of a line that the kernel named; a magic on top is not among the lines that it counts."""
    lines = view.positions.lines
    above = view.cell.source.count("\n") - view.parsed.body.count("\n") if view.parsed.magic else 0
    at = min(max(1, line + above), len(lines))
    while at < len(lines) and not lines[at - 1].strip():
        at += 1
    return view.positions.line_span(at)


def statement_text(view: CodeView, line: int) -> str:
    """The top-level statement that stands on a line, as text; the line where there is none."""
    for statement in view.parsed.statements:
        if statement.node.lineno <= line <= (statement.node.end_lineno or line):
            return ast.unparse(statement.node)
    span = line_of(view, line)
    return view.positions.text(span)


def first_line(view: CodeView) -> Span:
    """The first line that says something."""
    return view.span(view.body[0]) if view.body else line_of(view, 1)
