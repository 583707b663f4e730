"""`# nb2prod: ignore[NB301] reason` on a line, or on the first line of a cell for all of it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from nb2prod.diagnostics import Diagnostic
from nb2prod.notebook.model import Cell, Notebook

_COMMENT = re.compile(r"(?P<before>.*?)(?:#|<!--)\s*nb2prod:\s*ignore(?:\[(?P<codes>[^\]]*)\])?", re.IGNORECASE)


def unsuppressed(notebook: Notebook, diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """The diagnostics that no comment of the notebook silences."""
    silent = {cell.index: _silenced(cell) for cell in notebook.cells if "nb2prod:" in cell.source}
    return [one for one in diagnostics if not (one.cell_index in silent and _is_silenced(one, silent[one.cell_index]))]


_Silence = dict[int, frozenset[str]]
_ALL = frozenset({"ALL"})


def _silenced(cell: Cell) -> _Silence:
    """Line (0: the whole cell) → codes."""
    found: _Silence = {}
    lines = cell.source.split("\n")
    first = next((number for number, line in enumerate(lines, 1) if line.strip()), 1)
    for number, line in enumerate(lines, 1):
        match = _COMMENT.match(line)
        if match is not None:
            whole = number == first and not match["before"].strip()
            codes = match["codes"]
            named = frozenset(code.strip() for code in codes.split(",")) if codes is not None else _ALL
            found[0 if whole else number] = named
    return found


def _is_silenced(one: Diagnostic, silence: _Silence) -> bool:
    lines = (0, *range(one.span.line, one.span.end_line + 1))
    return any(_covers(silence[line], one) for line in lines if line in silence)


def _covers(codes: frozenset[str], one: Diagnostic) -> bool:
    return bool(codes & {"ALL", one.name}) or any(code and one.code.startswith(code) for code in codes)
