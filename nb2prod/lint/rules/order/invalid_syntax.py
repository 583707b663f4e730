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
    """One finding per cell; one in all for a notebook of Python 2."""
    broken = [view for view in context.views if _is_broken(view)]
    if context.notebook.language_version.startswith("2.") and broken:
        yield _python2(broken)
        return
    for view in broken:
        message, span = _error(view)
        hint = "correct the cell, or make it a raw cell if it is not meant to run"
        edit = _print_edit(view, span)
        fix = Fix("call `print`", True, (edit,)) if edit else None
        yield Finding(view.index, span, f"this is not valid Python: {message}", hint, fix)


def _is_broken(view: CodeView) -> bool:
    return view.parsed.error is not None and "raises-exception" not in view.cell.tags and not _is_automagic(view)


def _error(view: CodeView) -> tuple[str, Span]:
    message, line = view.parsed.error or ("", 1)
    return message, view.positions.line_span(min(line, len(view.positions.lines)))


def _python2(broken: list[CodeView]) -> Finding:
    """The whole notebook is written for Python 2: that is one cause."""
    _, span = _error(broken[0])
    more = f" ({len(broken)} cells)" if len(broken) > 1 else ""
    message = f"this notebook is written for Python 2, and does not parse today{more}"
    edits = [edit for view in broken if (edit := _print_edit(view, _error(view)[1]))]
    fix = Fix("call `print`", True, tuple(edits)) if edits else None
    return Finding(
        broken[0].index, span, message, "convert it with 2to3, or run it in the image that it was made for", fix
    )


def _is_automagic(view: CodeView) -> bool:
    """One line that begins with a magic's name: `cd data`, `pip install x`."""
    text = view.cell.source.strip()
    word = _WORD.match(text)
    return "\n" not in text and word is not None and is_magic_word(word[1])


def _print_edit(view: CodeView, span: Span) -> Replace | None:
    """`print x` of Python 2."""
    match = _PRINT.match(view.positions.lines[span.line - 1])
    if match is None or match["what"].endswith((",", "\\")) or match["what"].startswith((">>", "%", "#")):
        return None
    return Replace(view.index, span, f"print({match['what']})")
