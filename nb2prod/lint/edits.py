"""Apply fixes to cells: text is replaced, cells are inserted and moved, outputs are set.

1. Fixes are taken in the order of their diagnostics. One that touches text that an earlier one replaces, or moves a
   cell where one has been moved already, is left for the next round.
2. Edits speak of the cells as they are before any of them; texts change first, then outputs, then the order.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from nb2prod.diagnostics import Edit, Fix, InsertCell, MoveCell, Replace, ScrubOutputs, SetOutputs, Span
from nb2prod.lint.secrets.mask import scrubbed_output
from nb2prod.notebook.model import Cell


@dataclass(frozen=True, slots=True)
class EditedCell:
    """A cell of the result. `origin`: its index before, None for a new one. `outputs`: JSON, None where they stay.

    `scrubbed`: secrets are cut out of the outputs.
    """

    origin: int | None
    source: str
    outputs: str | None = None
    scrubbed: bool = False
    tags: tuple[str, ...] = ()


def edited(cells: Sequence[Cell], fixes: Iterable[Fix]) -> tuple[list[EditedCell], list[Fix]]:
    """The cells after as many of the fixes as go together, and those fixes."""
    taken: list[Fix] = []
    edits: list[Edit] = []
    for fix in fixes:
        new = [edit for edit in fix.edits if edit not in edits]
        if all(_is_possible(edit, cells) and not _clashes(edit, edits) for edit in new):
            taken.append(fix)
            edits += new
    scrubbed = {edit.cell_index for edit in edits if isinstance(edit, ScrubOutputs)}
    result = [
        EditedCell(cell.index, _source(cell, edits), _outputs(cell, edits), cell.index in scrubbed) for cell in cells
    ]
    return _ordered(result, edits), taken


def replaced(text: str, replacements: Iterable[Replace]) -> str:
    """The text after replacements that do not overlap."""
    lines = text.split("\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    for one in sorted(replacements, key=lambda edit: edit.span, reverse=True):
        begin = starts[one.span.line - 1] + one.span.column
        end = starts[one.span.end_line - 1] + one.span.end_column
        text = text[:begin] + one.text + text[end:]
    return text


def _source(cell: Cell, edits: list[Edit]) -> str:
    own = [edit for edit in edits if isinstance(edit, Replace) and edit.cell_index == cell.index]
    return replaced(cell.source, own) if own else cell.source


def _outputs(cell: Cell, edits: list[Edit]) -> str | None:
    own = [edit.outputs for edit in edits if isinstance(edit, SetOutputs) and edit.cell_index == cell.index]
    return own[-1] if own else None


def _ordered(result: list[EditedCell], edits: list[Edit]) -> list[EditedCell]:
    for edit in edits:
        if isinstance(edit, MoveCell):
            cell = next(one for one in result if one.origin == edit.cell_index)
            result = [one for one in result if one is not cell]
            result.insert(_position(result, edit.before), cell)
        elif isinstance(edit, InsertCell):
            result.insert(_position(result, edit.cell_index), EditedCell(None, edit.source, tags=edit.tags))
    return result


def _position(result: list[EditedCell], origin: int) -> int:
    return next((at for at, one in enumerate(result) if one.origin == origin), len(result))


def _is_possible(edit: Edit, cells: Sequence[Cell]) -> bool:
    if isinstance(edit, InsertCell):
        return 0 <= edit.cell_index <= len(cells)
    if not 0 <= edit.cell_index < len(cells):
        return False
    return not isinstance(edit, Replace) or 0 < edit.span.end_line <= cells[edit.cell_index].source.count("\n") + 1


def _clashes(edit: Edit, edits: list[Edit]) -> bool:
    same = [one for one in edits if type(one) is type(edit)]
    if isinstance(edit, MoveCell):
        return bool(same)
    if isinstance(edit, Replace):
        return any(_overlap(edit, one) for one in same if isinstance(one, Replace))
    if isinstance(edit, InsertCell):
        return any(isinstance(one, InsertCell) and one.tags and one.tags == edit.tags for one in same)
    return isinstance(edit, SetOutputs) and any(one.cell_index == edit.cell_index for one in same)


def _overlap(one: Replace, other: Replace) -> bool:
    if one.cell_index != other.cell_index:
        return False
    first, second = sorted((one.span, other.span))
    touching = (second.line, second.column) < (first.end_line, first.end_column)
    return touching or (first.line, first.column) == (second.line, second.column)


def as_cells(result: Sequence[EditedCell], before: Sequence[Cell]) -> tuple[Cell, ...]:
    """The result as records, for checking it again. Outputs stay as they were, but for scrubbed ones."""
    found = []
    for index, one in enumerate(result):
        old = before[one.origin] if one.origin is not None else _new(index, one.tags)
        outputs = tuple(scrubbed_output(output) for output in old.outputs) if one.scrubbed else old.outputs
        found.append(replace(old, index=index, source=one.source, outputs=outputs))
    return tuple(found)


def _new(index: int, tags: tuple[str, ...]) -> Cell:
    return Cell(f"new-{index + 1}", index, "code", "", tags)


def line_insertion(cell_index: int, line: int, text: str) -> Replace:
    """Put whole lines in front of a line of the cell."""
    return Replace(cell_index, Span(line, 0, line, 0), text + "\n")
