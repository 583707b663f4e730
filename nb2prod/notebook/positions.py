"""From a place in the code that IPython would run to the place in the cell's own text."""

from __future__ import annotations

import ast

from nb2prod.diagnostics import Span
from nb2prod.notebook.parse import Parsed, lines_of


class Positions:
    """The spans of one cell's nodes. Lines that IPython rewrites (`%magic`, `!command`) are spanned whole."""

    def __init__(self, source: str, parsed: Parsed) -> None:
        self.lines = lines_of(source)
        self._above = source.count("\n") - parsed.body.count("\n")
        same = not parsed.code or parsed.code == parsed.body + "\n"
        self._code = self.lines[self._above :] if same else lines_of(parsed.code)
        self._rows = None if same else _aligned(self.lines, self._above, self._code)

    def span(self, node: ast.AST) -> Span:
        """Where the node stands. A node without a place (`ast.arguments`) spans the first line."""
        line, end_line = getattr(node, "lineno", 1), getattr(node, "end_lineno", None)
        start = self._place(line, getattr(node, "col_offset", 0), at_end=False)
        end_line = line if end_line is None else end_line
        end = self._place(end_line, getattr(node, "end_col_offset", None) or 0, at_end=True)
        return Span(*start, *max(start, end))

    def line_span(self, line: int) -> Span:
        """One line of the cell, without the spaces around its text."""
        text = self.lines[line - 1] if 0 < line <= len(self.lines) else ""
        return Span(line, len(text) - len(text.lstrip()), line, len(text.rstrip()))

    def text(self, span: Span) -> str:
        """The characters of a span."""
        lines = self.lines[span.line - 1 : span.end_line]
        if len(lines) == 1:
            return lines[0][span.column : span.end_column]
        return "\n".join([lines[0][span.column :], *lines[1:-1], lines[-1][: span.end_column]])

    def _place(self, line: int, column: int, *, at_end: bool) -> tuple[int, int]:
        text = self._code[line - 1] if 0 < line <= len(self._code) else ""
        characters = column if text.isascii() else len(text.encode()[:column].decode(errors="ignore"))
        if self._rows is None:
            return line + self._above, characters
        row, last, shift = self._rows[min(line, len(self._rows)) - 1]
        if shift is not None:
            return row, characters + shift
        whole = self.line_span(last if at_end else row)
        return (last, whole.end_column) if at_end else (row, whole.column)


_Row = tuple[int, int, int | None]


def _aligned(lines: list[str], above: int, code: list[str]) -> list[_Row]:
    """For each line of code: the first and last line that it comes from, and how far its text moved right there.

    The shift is None where IPython wrote the line anew.
    """
    rows: list[_Row] = []
    at = above
    while at < len(lines) and not lines[at].strip():
        at += 1  # empty lines on top are dropped
    for text in code:
        at = min(at, len(lines) - 1)
        if lines[at].endswith(text):
            rows.append((at + 1, at + 1, len(lines[at]) - len(text)))
        else:
            first = at
            while "get_ipython()" in text and lines[at].endswith("\\") and at + 1 < len(lines):
                at += 1  # one magic over several lines
            rows.append((first + 1, at + 1, None))
        at += 1
    return rows
