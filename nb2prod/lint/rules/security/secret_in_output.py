"""A password, key or token stands in what a cell printed or displayed.

## What it does

Looks through every output that is text (streams, results, HTML, SVG, JSON, JavaScript, tracebacks) for what NB401 looks
for in the source. Colours, tags, entities and escapes are undone first, also those of JSON inside JSON.

## Why is this bad?

An output is saved with the notebook and goes wherever it goes: into git, a mail, a rendered page. A secret that the
code reads properly from the environment is given away by one `print(config)` or by the traceback of a failed request.

## Example

```python
import os

os.environ  # displays API_KEY and everything else
```

## Use instead

```python
import os

sorted(os.environ)  # names only
```

Remove the output, and revoke the secret if the notebook has left your machine. The fix cuts the secrets out of the
saved outputs and leaves the rest of them.

## Known limits

Images are not read. Behind a name, only a value that looks random counts, or a quoted one that looks like a password.
The first four million characters of an output are looked through. Widgets' state in the notebook's own metadata is not.
"""

from __future__ import annotations

from collections.abc import Iterator

from nb2prod.diagnostics import Fix, ScrubOutputs, Span
from nb2prod.lint.context import Context
from nb2prod.lint.rule import Finding
from nb2prod.lint.secrets.find import Secret, Suspicion, find_hidden, suspicion_of
from nb2prod.lint.secrets.mask import masked
from nb2prod.lint.texts import ShownCell
from nb2prod.notebook.model import Cell

CODE = "NB402"
NAME = "secret-in-output"
SEVERITY = "error"
FIXABLE = True


def check(context: Context) -> Iterator[Finding]:
    """One finding per cell."""
    shown = context.shown
    keys = [(CODE, one.key) for one in shown]
    for one, found in zip(shown, context.finds.of(keys, lambda new: _search([shown[at] for at in new])), strict=True):
        if found:
            yield _finding(one.cell, found)


def _search(shown: list[ShownCell]) -> list[list[tuple[str, Secret]]]:
    suspicion = suspicion_of(form for one in shown for text in one.texts for form in text.readings)
    return [[] if suspicion.is_idle else list(_secrets(one, suspicion)) for one in shown]


def _secrets(shown: ShownCell, suspicion: Suspicion) -> Iterator[tuple[str, Secret]]:
    """(where, secret), each secret once."""
    known: set[str] = set()
    for one in shown.texts:
        for secret in find_hidden(one.text, suspicion, one.readings):
            if secret.value not in known:
                known.add(secret.value)
                yield f"output {one.number} ({one.name})", secret


def _finding(cell: Cell, found: list[tuple[str, Secret]]) -> Finding:
    where, first = found[0]
    more = f" and {len(found) - 1} more" if len(found) > 1 else ""
    message = f"{first.kind} in {where}: {masked(first.value)}{more}"
    hint = "scrub the output, stop printing it, and revoke it if the notebook has left this machine"
    fix = Fix("cut secrets out of the saved outputs", safe=True, edits=(ScrubOutputs(cell.index),))
    line = cell.source.split("\n", 1)[0]
    return Finding(cell.index, Span(1, 0, 1, len(line)), message, hint, fix)
