"""A file that the notebook reads is not there.

## What it does

Follows the paths that are given to functions that read files, as far as constants and `Path` go, and looks beside the
notebook for them. Files that the notebook writes itself before are fine, as are those that DVC tracks.

## Why is this bad?

The notebook ends in `FileNotFoundError` for everyone who gets it without the file.

## Example

```python
frame = pd.read_csv("data/customers.csv")     # there is no folder data
```

## Use instead

Keep the file with the notebook (through DVC, if it is large), or fetch it in a cell of the notebook.

## Known limits

Nothing is reported behind a change of the working directory, or where a command or a download may have brought the
file. Absolute paths and URLs are left to other rules.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from nb2prod.dataflow.paths import normalised
from nb2prod.lint.context import Context
from nb2prod.lint.files import Access, accesses
from nb2prod.lint.rule import Finding

CODE = "NB302"
NAME = "missing-input"
SEVERITY = "warning"
FIXABLE = False

_ELSEWHERE = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]+:|/|~|[A-Za-z]:|\\\\")
_BRINGS = re.compile(r"download|retrieve|extract|unzip|unpack|fetch|makedirs|mkdir|clone|chdir|copy|mount|save|dump")
_COMMANDS = ("system", "getoutput", "run_line_magic", "run_cell_magic", "run", "call", "check_call", "Popen")
_DATABASES = (".sqlite", ".sqlite3", ".db", ".db3")
_HARMLESS = re.compile(r"(pip|conda|ls|head|cat|nvidia-smi|matplotlib|config|load_ext|autoreload|time|timeit)\b")


def check(context: Context) -> Iterator[Finding]:
    """One finding per file, or per folder that is missing as a whole; up to the first cell that may bring files."""
    if not accesses(context) or context.surroundings.exists(".") is None:
        return
    missing: dict[str, list[Access]] = {}
    for one, path in _missing(context):
        folder = path.rpartition("/")[0]
        gone = folder if folder and context.surroundings.exists(folder) is False else path
        missing.setdefault(gone, []).append(one)
    for gone, found in missing.items():
        yield _finding(context, gone, found)


def _missing(context: Context) -> Iterator[tuple[Access, str]]:
    """Files that are read and not there, each once."""
    known: set[str] = set()
    unknown = _first_that_brings_files(context)
    for one in accesses(context):
        path = _relative(one.path)
        if one.view.index >= unknown:
            return
        if path and path not in known:
            known.add(path)
            gone = one.mode == "read" and context.surroundings.exists(path) is False
            if gone and not _is_made_when_opened(context, path):
                yield one, path


def _is_made_when_opened(context: Context, path: str) -> bool:
    """Whether it is a database that SQLite makes where there is none: its folder must be there all the same."""
    folder = path.rpartition("/")[0]
    return path.endswith(_DATABASES) and (not folder or context.surroundings.exists(folder) is not False)


def _relative(text: str) -> str:
    """The path, relative to the notebook; empty where it is elsewhere."""
    return normalised(text) if text.strip() and "\0" not in text and not _ELSEWHERE.match(text) else ""


def _first_that_brings_files(context: Context) -> int:
    """The first cell from which on nothing is certain."""
    for view in context.views:
        if view.parsed.magic is not None and not view.parsed.magic.python:
            return view.index
        if any(_may_bring_files(node) for node in view.nodes(ast.Call)):
            return view.index
    return len(context.notebook.cells)


def _may_bring_files(node: ast.Call) -> bool:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if name in _COMMANDS:
        texts = [one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
        return not texts or not _HARMLESS.match(texts[0].strip())
    return _BRINGS.search(name.lower()) is not None


def _finding(context: Context, gone: str, found: list[Access]) -> Finding:
    first = found[0]
    more = f" ({len(found)} files of it are read)" if len(found) > 1 else ""
    what = "file" if gone == _relative(first.path) else "folder"
    message = f"`{gone}` is read here, and there is no such {what} beside the notebook{more}"
    hint = "keep it with the notebook, or fetch it in a cell above"
    argument = next((one for one in first.node.args if isinstance(one, ast.Constant)), None)
    return context.at(first.view, argument or first.node, message, hint=hint)
