"""A cell's tags do not mean what they were meant to.

## What it does

Reads the tags as `nb2prod convert` will: near misses of its own words (`paramters`, `stage load`), stages without a
proper name, tags that exclude each other, a stage that comes back after another one, two parameters cells.

## Why is this bad?

papermill and nb2prod ignore a tag that they do not know: the parameters are then never replaced, and the cell lands in
another stage than intended. Contradictions stop the conversion.

## Example

```
tags: paramters
```

## Use instead

```
tags: parameters
```

## Known limits

Tags of other tools are left alone, unless they are a near miss.
"""

from __future__ import annotations

from collections.abc import Iterator

from nb2prod.diagnostics import Span
from nb2prod.errors import Nb2prodError
from nb2prod.lint.context import Context
from nb2prod.lint.rule import Finding
from nb2prod.notebook.model import Cell, Notebook
from nb2prod.notebook.stages import cut
from nb2prod.notebook.tags import role_of

CODE = "NB704"
NAME = "tag-mistakes"
SEVERITY = "warning"
FIXABLE = False


def check(context: Context) -> Iterator[Finding]:
    """One finding per cell; where each cell is fine by itself, one for what does not go together."""
    tagged = [cell for cell in context.notebook.cells if cell.tags and "injected-parameters" not in cell.tags]
    found = [finding for cell in tagged if (finding := _of_cell(cell))]
    yield from found or _together(context, tagged)


def _of_cell(cell: Cell) -> Finding | None:
    try:
        role_of(cell)
    except Nb2prodError as error:
        return _finding(cell, error)
    return None


def _together(context: Context, tagged: list[Cell]) -> Iterator[Finding]:
    if not tagged or any("injected-parameters" in cell.tags for cell in context.notebook.cells):
        return
    key = (CODE, tuple((cell.index, cell.kind, cell.tags) for cell in context.notebook.cells))
    error = context.remember(key, lambda: _conflict(context.notebook))
    if error is not None:
        named = [cell for cell in tagged if cell.label in error.message]
        yield _finding(named[-1] if named else tagged[0], error)


def _conflict(notebook: Notebook) -> Nb2prodError | None:
    try:
        cut(notebook)
    except Nb2prodError as error:
        return error
    return None


def _finding(cell: Cell, error: Nb2prodError) -> Finding:
    first = cell.source.partition("\n")[0]
    return Finding(cell.index, Span(1, 0, 1, len(first)), error.message, error.hint)
