"""`nb2prod check --fix` and `--diff`: apply fixes until none is left, write the notebook whole or not at all."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from nb2prod.adapters.documents import TEXT, read_document
from nb2prod.adapters.files import write_text
from nb2prod.adapters.surroundings import Project
from nb2prod.diagnostics import Fix
from nb2prod.errors import Nb2prodError, UsageError
from nb2prod.lint.context import Context
from nb2prod.lint.document import rewritten
from nb2prod.lint.edits import EditedCell, as_cells, edited
from nb2prod.lint.engine import diagnose
from nb2prod.lint.secrets.mask import masked_text
from nb2prod.lint.suppression import unsuppressed
from nb2prod.notebook.model import Cell, Notebook
from nb2prod.notebook.parse import parse
from nb2prod.operations.check import Choice

_MOST_ROUNDS = 20


@dataclass(frozen=True, slots=True)
class Fixed:
    """`titles`: what was done, in order. `diff`: the cells before and after, as a unified diff.

    `failed`: why nothing was done.
    """

    path: str
    titles: tuple[str, ...] = ()
    diff: str = ""
    failed: Nb2prodError | None = None


def fix_all(paths: Iterable[Path], choice: Choice, *, unsafe: bool = False, write: bool = True) -> list[Fixed]:
    """Apply the fixes of all notebooks; one that cannot be read or written is a record that says so."""
    choice.expect_known()
    return [_fix_or_error(path, choice, unsafe, write) for path in paths]


def _fix_or_error(path: Path, choice: Choice, unsafe: bool, write: bool) -> Fixed:
    try:
        return fix(path, choice, unsafe=unsafe, write=write)
    except Nb2prodError as error:
        return Fixed(str(path), failed=error)


def fix(path: Path, choice: Choice, *, unsafe: bool = False, write: bool = True) -> Fixed:
    """Apply the fixes of one notebook.

    Raises UsageError for a text notebook that is to be written, OutsideError where it cannot be.
    """
    notebook = read_document(path)
    is_json = path.suffix not in TEXT
    if write and not is_json:
        raise UsageError(
            f"{path} is a text notebook, which `--fix` does not change", hint="`--diff` shows what to edit"
        )
    before = path.read_bytes().decode("utf-8")
    text, titles, diff = _fixed(notebook, path, choice, unsafe, before if is_json else None)
    if write and text is not None and text != before:
        write_text(path, text)
    return Fixed(str(path), tuple(titles), diff)


def _fixed(
    notebook: Notebook, path: Path, choice: Choice, unsafe: bool, text: str | None
) -> tuple[str | None, list[str], str]:
    """The file's text after all rounds (None stays None), what was done, and the difference."""
    cells, diff = notebook.cells, ""
    titles: list[str] = []
    for _ in range(_MOST_ROUNDS):
        result, taken = _round(replace(notebook, cells=cells), path, choice, unsafe)
        if not taken:
            break
        titles += [one.title for one in taken]
        diff += differences(str(path), cells, result)
        text = rewritten(text, cells, result) if text is not None else None
        cells = as_cells(result, cells)
    return text, titles, diff


def _round(notebook: Notebook, path: Path, choice: Choice, unsafe: bool) -> tuple[list[EditedCell], list[Fix]]:
    """One round of fixes that go together. A fix that would break a cell is left out."""
    found = unsuppressed(notebook, diagnose(Context(notebook, Project(path.absolute().parent)), choice.rules_for(path)))
    fixes = [one.fix for one in found if one.fix is not None and (one.fix.safe or unsafe)]
    fixes = [one for one in fixes if still_parses(notebook.cells, one)]
    return edited(notebook.cells, fixes)


def still_parses(cells: Sequence[Cell], one: Fix) -> bool:
    """Whether the fix leaves every cell that it touches valid."""
    result, taken = edited(cells, [one])
    new = [cell.source for cell in result if cell.origin is None or cell.source != cells[cell.origin].source]
    kinds = {cell.index: cell.kind for cell in cells}
    code = [cell.source for cell in result if cell.source in new and kinds.get(cell.origin or 0, "code") == "code"]
    return bool(taken) and not any(parse(source).error for source in code)


def differences(path: str, before: Sequence[Cell], result: Sequence[EditedCell]) -> str:
    """The cells before and after, as a unified diff; secrets are masked."""
    text = ""
    for at, one in enumerate(result):
        old = before[one.origin].source if one.origin is not None else ""
        name = f"{path}:cell {one.origin + 1}" if one.origin is not None else f"{path}:new cell {at + 1}"
        text += _changes(old, one.source, name)
        if one.outputs is not None or one.scrubbed:
            text += f"{name}: its outputs are scrubbed\n"
    return text + _moves(path, result)


def _changes(old: str, new: str, name: str) -> str:
    lines = difflib.unified_diff(old.splitlines(), new.splitlines(), name, name, lineterm="")
    return masked_text("".join(f"{line}\n" for line in lines))


def _moves(path: str, result: Sequence[EditedCell]) -> str:
    origins = [one.origin for one in result if one.origin is not None]
    moved = [at for at, origin in enumerate(origins[:-1]) if origin > origins[at + 1]]
    return "".join(
        f"{path}: cell {origins[at] + 1} now stands in front of cell {origins[at + 1] + 1}\n" for at in moved
    )
