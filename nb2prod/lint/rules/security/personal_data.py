"""Personal data stands in a saved output, or a column's name says that the data holds some.

## What it does

Looks through what cells printed and displayed for e-mail addresses and phone numbers (two or more different ones),
payment cards, IBANs, and national numbers of fourteen countries whose checksum holds. As information, it names columns
that are used in the code and called `ssn`, `date_of_birth`, `email`, `full_name` and the like, each once.

## Why is this bad?

An output is saved with the notebook and goes wherever it goes; deleting the data later does not delete it there. A
column that identifies people is to be known before a pipeline copies it into artifacts, caches and logs.

## Example

```python
customers.head()  # displays names, addresses, card numbers
```

## Use instead

```python
customers.drop(columns=["email", "card_number"]).head()
```

Clear the output; keep what identifies people out of features and artifacts, or replace it by a keyed hash.

## Known limits

Names and street addresses are not found by value. Addresses at `example.com` and other samples, roles (`info@`), test
cards and made-up data (`Faker`) are left alone. Numbers without a checksum of their own count only beside a word that
says what they are. Source and prose are looked through for columns, not for values.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from nb2prod.diagnostics import Span
from nb2prod.lint.context import CodeView, Context
from nb2prod.lint.personal.columns import is_personal_column
from nb2prod.lint.personal.table import personal_table
from nb2prod.lint.personal.values import find_personal, forms_in
from nb2prod.lint.rule import Finding
from nb2prod.lint.secrets.find import undone
from nb2prod.lint.texts import Shown, ShownCell
from nb2prod.notebook.model import Cell

CODE = "NB404"
NAME = "personal-data"
SEVERITY = "warning"
FIXABLE = False

# Code that is shown with figures, and places in code.
_NO_DATA = ("traceback", "application/javascript")
_SCRIPT = re.compile(r"<script\b[^>]*+>.*?</script>", re.DOTALL)
_LINES = re.compile(r"""\s(?:d|points|transform)=(?:"[^"<>]*"|'[^'<>]*')""")


def check(context: Context) -> Iterator[Finding]:
    """One finding per cell for values, one per notebook for each column."""
    yield from _columns(context)
    if _is_made_up(context):
        return
    shown = context.shown
    keys = [(CODE, one.key) for one in shown]
    for one, kinds in zip(shown, context.finds.of(keys, lambda new: _search([shown[at] for at in new])), strict=True):
        if kinds:
            yield _of_values(one.cell, kinds)


def _is_made_up(context: Context) -> bool:
    """Whether the notebook works on data that is published or invented."""
    names = personal_table().datasets
    return any(name in cell.source for cell in context.notebook.code_cells for name in names)


def _search(shown: list[ShownCell]) -> list[dict[str, list[str]]]:
    texts = ["\n".join(_plain(text) for text in one.texts if text.name not in _NO_DATA) for one in shown]
    forms = forms_in(texts)
    return [find_personal(text, forms) if forms else {} for text in texts]


def _plain(shown: Shown) -> str:
    """As it may be read, without scripts, and without the numbers that draw the lines of a figure."""
    text = _SCRIPT.sub("", shown.text) if "<script" in shown.text else shown.text
    text = _LINES.sub("", text) if "<svg" in text else text
    return shown.readings[-1] if text == shown.text else undone(text)[-1]


def _of_values(cell: Cell, kinds: dict[str, list[str]]) -> Finding:
    what = ", ".join(f"{len(values)} × {kind}" for kind, values in kinds.items())
    line = cell.source.split("\n", 1)[0]
    return Finding(
        cell.index,
        Span(1, 0, 1, len(line)),
        f"personal data in the saved output: {what}",
        "clear the output, and show these rows without the columns that identify people",
    )


def _columns(context: Context) -> Iterator[Finding]:
    seen: set[str] = set()
    for view, literal in context.each((CODE, "columns"), _personal):
        if literal.value not in seen:
            seen.add(str(literal.value))
            yield _of_column(context, view, literal)


def _personal(view: CodeView) -> Iterator[tuple[CodeView, ast.Constant]]:
    for node in view.nodes(ast.Subscript):
        for literal in _names(node.slice):
            if is_personal_column(str(literal.value)) and _is_column(node):
                yield view, literal


def _names(index: ast.expr) -> list[ast.Constant]:
    """The texts in `[…]`: a column, a list of them, or the second place of `.loc[…]`."""
    parts = index.elts if isinstance(index, ast.List | ast.Tuple) else [index]
    flat = [one for part in parts for one in (part.elts if isinstance(part, ast.List) else [part])]
    return [one for one in flat if isinstance(one, ast.Constant) and isinstance(one.value, str)]


def _is_column(node: ast.Subscript) -> bool:
    """Not an entry of a request, a session or the environment."""
    root: ast.AST = node.value
    while isinstance(root, ast.Attribute | ast.Subscript | ast.Call):
        root = root.func if isinstance(root, ast.Call) else root.value
    return isinstance(root, ast.Name) and root.id not in ("os", "request", "session", "config", "headers", "params")


def _of_column(context: Context, view: CodeView, literal: ast.Constant) -> Finding:
    message = f"column `{literal.value!s}` looks like personal data"
    hint = "keep it out of features, artifacts and displayed rows, or replace it by a keyed hash"
    return context.at(view, literal, message, hint=hint, severity="info")
