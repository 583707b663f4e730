"""A code cell is not valid Python.

## What it does

Parses every code cell as IPython would, magics included.

## Why is this bad?

The cell raises a `SyntaxError` whatever came before it, and a run from the top ends there.

## Example

```python
print "done"
```

## Use instead

```python
print("done")
```

## Known limits

The syntax is that of the Python that nb2prod runs in: a cell for a newer one may be reported. A cell that is expected
to raise (tag `raises-exception`) is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from nb2prod.dataflow.restart.magics import is_magic_word
from nb2prod.diagnostics import Fix, Replace, Span
from nb2prod.lint.context import CodeView, Context
from nb2prod.lint.rule import Finding

CODE = "NB108"
NAME = "invalid-syntax"
SEVERITY = "error"
FIXABLE = True

_PRINT = re.compile(r"\s*print\s+(?P<what>[^\s(].*?)\s*\Z")
_WORD = re.compile(r"\s*(\w+)(\s+[^=(.\[].*)?\Z")


def check(context: Context) -> Iterator[Finding]:
    """One finding per cell."""
    for view in context.views:
        error = view.parsed.error
        if error is not None and "raises-exception" not in view.cell.tags and not _is_automagic(view):
            message, line = error
            span = view.positions.line_span(min(line, len(view.positions.lines)))
            hint = "correct the cell, or make it a raw cell if it is not meant to run"
            yield Finding(view.index, span, f"this is not valid Python: {message}", hint, _print_fix(view, span))


def _is_automagic(view: CodeView) -> bool:
    """One line that begins with a magic's name: `cd data`, `pip install x`."""
    text = view.cell.source.strip()
    word = _WORD.match(text)
    return "\n" not in text and word is not None and is_magic_word(word[1])


def _print_fix(view: CodeView, span: Span) -> Fix | None:
    """`print x` of Python 2."""
    match = _PRINT.match(view.positions.lines[span.line - 1])
    if match is None or match["what"].endswith((",", "\\")) or match["what"].startswith((">>", "%", "#")):
        return None
    text = f"print({match['what']})"
    return Fix("call `print`", True, (Replace(view.index, span, text),))
