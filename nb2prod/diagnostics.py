"""What is wrong in a user's notebook, as data: where, what, how bad, and the edits that mend it.

Cells count from 0 over all cells, lines from 1, columns from 0 in characters of the user's own text.
"""

from __future__ import annotations

from dataclasses import dataclass

SEVERITIES = ("error", "warning", "info")


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A range of characters in one cell; the end is exclusive."""

    line: int = 1
    column: int = 0
    end_line: int = 1
    end_column: int = 0


@dataclass(frozen=True, slots=True)
class Replace:
    """Put `text` where `span` is; an empty span inserts."""

    cell_index: int
    span: Span
    text: str
    kind: str = "replace"


@dataclass(frozen=True, slots=True)
class InsertCell:
    """A new code cell in front of the cell that is at `cell_index` now."""

    cell_index: int
    source: str
    tags: tuple[str, ...] = ()
    kind: str = "insert_cell"


@dataclass(frozen=True, slots=True)
class MoveCell:
    """The cell at `cell_index` goes in front of the one that is at `before` now."""

    cell_index: int
    before: int
    kind: str = "move_cell"


@dataclass(frozen=True, slots=True)
class SetOutputs:
    """The outputs of a cell become this JSON list."""

    cell_index: int
    outputs: str
    kind: str = "set_outputs"


@dataclass(frozen=True, slots=True)
class ScrubOutputs:
    """The secrets in a cell's outputs are cut out. They are found again when it is done: an edit repeats none."""

    cell_index: int
    kind: str = "scrub_outputs"


Edit = Replace | InsertCell | MoveCell | SetOutputs | ScrubOutputs


@dataclass(frozen=True, slots=True)
class Fix:
    """`safe`: what the notebook computes stays the same, or starts to work at all."""

    title: str
    safe: bool
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One root cause. `confirmed`: True or False after a run, None without one.

    `shared`: it is about the whole project, and said once for all of its notebooks that are checked together.
    """

    code: str
    name: str
    severity: str
    message: str
    cell_id: str
    cell_index: int
    span: Span
    hint: str = ""
    confirmed: bool | None = None
    fix: Fix | None = None
    shared: bool = False

    @property
    def place(self) -> tuple[int, Span, str]:
        """What diagnostics are sorted by."""
        return self.cell_index, self.span, self.code
