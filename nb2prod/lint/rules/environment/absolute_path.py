"""A path that only one machine has.

## What it does

Finds texts in code that begin like a path of one person's machine or of a hosted service — `/home/anna`, `C:\\data`,
`~/data`, `/content/drive`, `/kaggle/input` — and absolute paths that are given to functions that open files. Paths
below one folder are one finding, on the first of them.

## Why is this bad?

Another machine, a container and a scheduled job have no such folder: the notebook ends in `FileNotFoundError`.

## Example

```python
frame = pd.read_csv("/home/anna/churn/customers.csv")
```

## Use instead

A path relative to the notebook, or a folder that is a parameter (a cell tagged `parameters`):

```python
DATA_FOLDER = "/home/anna/churn"                         # tagged `parameters`
frame = pd.read_csv(f"{DATA_FOLDER}/customers.csv")
```

## Known limits

Paths that are put together from pieces are found by their first piece. Places that every machine of a kind has
(`/tmp`, `/dev`, `/usr`) are not reported, nor are texts in decorators and documentation.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache, partial

from nb2prod.dataflow.knowledge import tables
from nb2prod.diagnostics import Edit, Fix, InsertCell, Replace, Span
from nb2prod.lint.context import CodeView, Context
from nb2prod.lint.knowledge import table
from nb2prod.lint.restart import binding_cells
from nb2prod.lint.rule import Finding

CODE = "NB301"
NAME = "absolute-path"
SEVERITY = "warning"
FIXABLE = True

_HINT = "use a path relative to the notebook, or make the folder a parameter"
_SERVICES = {"Colab", "Kaggle", "Databricks"}
_NO_OPENERS = {"replace", "split", "startswith", "strip", "sub", "match", "search", "get", "post", "route", "print"}
_PATHLIKE = re.compile(r"[^\n\t<>|*?\"]{2,300}\Z")


@dataclass(frozen=True, slots=True)
class _Path:
    """A path in the code: whose place, and the folder that it is reported with."""

    view: CodeView
    node: ast.Constant
    text: str
    place: str
    folder: str


def check(context: Context) -> Iterator[Finding]:
    """One finding per folder."""
    folders: dict[str, list[_Path]] = {}
    for path in context.each(CODE, partial(_paths, context)):
        if "parameters" not in path.view.cell.tags:
            folders.setdefault(path.folder, []).append(path)
    for folder, paths in folders.items():
        first = paths[0]
        more = f" ({len(paths)} paths below it)" if len(paths) > 1 else ""
        message = f"`{folder}` is a path of {first.place}, which another machine does not have{more}"
        yield context.at(first.view, first.node, message, hint=_HINT, fix=_fix(context, folder, paths))


def _paths(context: Context, view: CodeView) -> Iterator[_Path]:
    for node in view.nodes(ast.Constant):
        if isinstance(node.value, str) and _begins_like_a_path(node.value):
            place = _place(node.value) or (_opened(context, view, node, node.value) and "one machine")
            if place and not _is_no_path(view, node, node.value):
                yield _Path(view, node, node.value, place, _folder(node.value, place))


def _begins_like_a_path(text: str) -> bool:
    return (text[:1] in "/~\\" or text[1:2] == ":") and _PATHLIKE.match(text) is not None


@lru_cache(maxsize=1)
def _places() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(pattern), place) for pattern, place in table("paths")["places"].items())


def _place(text: str) -> str:
    return next((place for pattern, place in _places() if pattern.match(text)), "")


def _opened(context: Context, view: CodeView, node: ast.Constant, text: str) -> bool:
    """Whether an absolute path is handed to a function that reads or writes a file."""
    call = view.parent(node)
    if not text.startswith("/") or text.startswith(tuple(table("paths")["everywhere"]["beginnings"])):
        return False
    if not isinstance(call, ast.Call):
        return False
    name = context.resolve(call.func) or (f"builtins.{call.func.id}" if isinstance(call.func, ast.Name) else "")
    return name in tables().readers or name in tables().writers or name in ("builtins.open", "pathlib.Path")


def _is_no_path(view: CodeView, node: ast.Constant, text: str) -> bool:
    """Documentation, a decorator's route, a text that is compared or searched for, prose."""
    parent = view.parent(node)
    if isinstance(parent, ast.Expr | ast.Compare):
        return True
    if isinstance(parent, ast.Call) and getattr(parent.func, "attr", getattr(parent.func, "id", "")) in _NO_OPENERS:
        return True
    return " " in text.strip() and not re.search(r"\.\w{1,6}$|[/\\]$", text)


def _folder(text: str, place: str) -> str:
    """Where the paths of one project part: the first folders, at most three; a service's own folder."""
    if place in _SERVICES:
        return "/" + text.split("/")[1]
    parts = re.split(r"[/\\]", text)
    kept = parts[:-1][:4] if len(parts) > 2 else parts
    separator = "\\" if "\\" in text else "/"
    return separator.join(kept) or text


def _fix(context: Context, folder: str, paths: list[_Path]) -> Fix | None:
    """A parameter for the folder, and f-strings below it."""
    name = _free_name(context)
    if not all(_is_plain(path, folder) for path in paths):
        return None
    line = f"{name} = {folder!r}"
    edits: list[Edit] = [
        Replace(path.view.index, path.view.span(path.node), _rest(name, path.text[len(folder) :])) for path in paths
    ]
    return Fix(f"make `{folder}` the parameter `{name}`", True, (_parameter(context, line), *edits))


def _free_name(context: Context) -> str:
    taken, number = binding_cells(context), 2
    if "DATA_FOLDER" not in taken:
        return "DATA_FOLDER"
    while f"DATA_FOLDER_{number}" in taken:
        number += 1
    return f"DATA_FOLDER_{number}"


def _is_plain(path: _Path, folder: str) -> bool:
    """A text of its own in the source, quoted once, below the folder."""
    source = path.view.positions.text(path.view.span(path.node))
    quoted = re.fullmatch(r"[rR]?(\"[^\"\n]*\"|'[^'\n]*')", source) is not None
    inside = not isinstance(path.view.parent(path.node), ast.JoinedStr)
    return quoted and inside and path.text.startswith(folder) and not set(path.text) & set("{}\"'")


def _rest(name: str, rest: str) -> str:
    if not rest:
        return name
    prefix = "rf" if "\\" in rest and not rest.endswith("\\") else "f"
    text = rest if prefix == "rf" else rest.replace("\\", "\\\\")
    return f'{prefix}"{{{name}}}{text}"'


def _parameter(context: Context, line: str) -> Edit:
    """At the end of the parameters cell, or in a new one in front of all code."""
    for view in context.views:
        if "parameters" in view.cell.tags:
            last = len(view.positions.lines)
            end = len(view.positions.lines[-1])
            return Replace(view.index, Span(last, end, last, end), f"\n{line}")
    return InsertCell(context.views[0].index, line, ("parameters",))
