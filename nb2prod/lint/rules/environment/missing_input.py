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

from nb2prod.dataflow.facts import FileAccess
from nb2prod.dataflow.paths import normalised
from nb2prod.lint.context import CodeView, Context
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
    if context.surroundings.exists(".") is None or not _mentions_files(context):
        return
    missing: dict[str, list[tuple[CodeView, str]]] = {}
    for view, path in _missing(context):
        folder = path.rpartition("/")[0]
        gone = folder if folder and context.surroundings.exists(folder) is False else path
        missing.setdefault(gone, []).append((view, path))
    for gone, paths in missing.items():
        yield _finding(context, gone, paths)


def _missing(context: Context) -> Iterator[tuple[CodeView, str]]:
    """Files that are read and not there, each once."""
    known: set[str] = set()
    for view in context.views:
        if view.parsed.magic is not None and not view.parsed.magic.python:
            return
        if any(_may_bring_files(node) for node in view.nodes(ast.Call)):
            return
        for access in context.facts(view).facts.files:
            path = _path(access)
            if path and path not in known:
                known.add(path)
                gone = access.mode == "read" and context.surroundings.exists(path) is False
                if gone and not _is_made_when_opened(context, path):
                    yield view, path


def _is_made_when_opened(context: Context, path: str) -> bool:
    """Whether it is a database that SQLite makes where there is none: its folder must be there all the same."""
    folder = path.rpartition("/")[0]
    return path.endswith(_DATABASES) and (not folder or context.surroundings.exists(folder) is not False)


def _mentions_files(context: Context) -> bool:
    """Whether any text looks like a file's name: the facts are not worth their time otherwise."""
    return any(
        isinstance(node.value, str) and "." in node.value and len(node.value) < 300
        for view in context.views
        for node in view.nodes(ast.Constant)
    )


def _path(access: FileAccess) -> str:
    """The path, relative to the notebook; empty where it is elsewhere or not known."""
    text = access.path.filled({}) if not access.path.parameters else ""
    return normalised(text) if text.strip() and "\0" not in text and not _ELSEWHERE.match(text) else ""


def _may_bring_files(node: ast.Call) -> bool:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if name in _COMMANDS:
        texts = [one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
        return not texts or not _HARMLESS.match(texts[0].strip())
    return _BRINGS.search(name.lower()) is not None


def _finding(context: Context, gone: str, paths: list[tuple[CodeView, str]]) -> Finding:
    view, path = paths[0]
    more = f" ({len(paths)} files of it are read)" if len(paths) > 1 else ""
    what = "file" if gone == path else "folder"
    message = f"`{gone}` is read here, and there is no such {what} beside the notebook{more}"
    texts = [one for one in view.nodes(ast.Constant) if isinstance(one.value, str)]
    name = path.rpartition("/")[2]
    nodes: list[ast.AST] = [one for one in texts if one.value in (path, name)]
    nodes += [one for one in texts if str(one.value).endswith(name)]
    hint = "keep it with the notebook, or fetch it in a cell above"
    return context.at(view, nodes[0] if nodes else view.body[0], message, hint=hint)
