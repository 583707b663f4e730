"""A pickle from elsewhere is loaded: loading it runs whatever its author put in.

## What it does

Finds `pickle.load`, `joblib.load`, `dill`, `cloudpickle`, `pandas.read_pickle`, `torch.load` without
`weights_only=True` and `numpy.load` with `allow_pickle=True`, where the notebook does not write that file itself, or
downloads it.

## Why is this bad?

A pickle is a program. Who can change the file, or the server that it comes from, runs code as you. It also loads only
with the library versions that wrote it, so it breaks when the notebook runs elsewhere.

## Example

```python
import pandas as pd

frame = pd.read_pickle("https://files.acme.io/frame.pkl")
```

## Use instead

```python
import pandas as pd

frame = pd.read_parquet("https://files.acme.io/frame.parquet")
```

For weights `torch.load(path, weights_only=True)` or safetensors, for scikit-learn models skops. Where a pickle it must
be, compare its hash with one that you know before you load it.

## Known limits

Paths are compared as they are written, after names of constants are filled in. A path that cannot be known (an argument
of a function) is reported only where the notebook writes no pickle at all.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from nb2prod.lint.context import CodeView, Context
from nb2prod.lint.pickles import PickleTable, pickle_table
from nb2prod.lint.rule import Finding

CODE = "NB403"
NAME = "unsafe-pickle"
SEVERITY = "warning"
FIXABLE = False


def check(context: Context) -> Iterator[Finding]:
    """One finding per call that loads."""
    table = pickle_table()
    calls = context.calls_of(table.loaders)
    loads = [(view, node, name) for view, node, name in calls if name and table.loads(name, node)]
    if not loads:
        return
    files = _Files(context, table)
    for view, node, name in loads:
        given = node.args[table.loaders[name]] if node.args else None
        origin = files.origin(view, given) if given is not None else None
        if origin:
            message = f"`{_written(node)}` runs whatever is in {origin}"
            hint = "load only what you wrote; share data as Parquet, weights as safetensors, models with skops"
            yield context.at(view, node, message, hint=hint)


def _written(node: ast.Call) -> str:
    return ast.unparse(node.func)


@dataclass(frozen=True, slots=True)
class _Path:
    """A path as it is written; `known`: it is a text, or a text with holes."""

    text: str
    known: bool


class _Files:
    """Which files the notebook writes and downloads."""

    def __init__(self, context: Context, table: PickleTable) -> None:
        self._context = context
        self._table = table
        self._texts = _constants(context)
        self.written: set[str] = set()
        self.fetched: set[str] = set()
        self._writes_any = False
        for view, node, name in context.calls:
            self._note(view, node, name or "")
        self._commands = " ".join(
            cell.source for cell in context.notebook.code_cells if "wget" in cell.source or "curl" in cell.source
        )

    def _note(self, view: CodeView, node: ast.Call, name: str) -> None:
        method = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        position = self._table.writers.get(name, self._table.writer_methods.get(method))
        if position is not None:
            self._writes_any = True
            self.written |= self._paths(view, node, position)
        elif _opens(node, name) and _writes(node):
            self.written |= self._paths(view, node, 0)
        elif name in self._table.downloads and self._table.downloads[name] >= 0:
            self.fetched |= self._paths(view, node, self._table.downloads[name])

    def _paths(self, view: CodeView, node: ast.Call, position: int) -> set[str]:
        given = [one.value for one in node.keywords if one.arg in ("file", "path", "f", "filename")]
        given += node.args[position : position + 1]
        return {path.text for one in given if (path := self._path(view, one))}

    def origin(self, view: CodeView, given: ast.expr) -> str | None:
        """Where the pickle comes from, in words; None where the notebook wrote it or nobody can say."""
        if self._is_fetched(given):
            return "a download"
        path = self._path(view, given)
        if path is None:
            return None if self._writes_any else "a file that this notebook did not write"
        if path.text in self.fetched or "://" in path.text or self._is_command(path):
            return f"a download ({path.text})"
        if path.text in self.written or (not path.known and self._writes_any):
            return None
        return f"{path.text}, which this notebook did not write"

    def _is_fetched(self, given: ast.expr) -> bool:
        inner = [one for one in ast.walk(given) if isinstance(one, ast.Call)]
        return any(self._context.resolve(one.func) in self._table.downloads for one in inner)

    def _is_command(self, path: _Path) -> bool:
        name = path.text.strip("'\"").rpartition("/")[2]
        return path.known and len(name) > 3 and name in self._commands

    def _path(self, view: CodeView, node: ast.expr) -> _Path | None:
        """The path behind an expression: of an open file, of a name for a constant."""
        for _ in range(4):
            match node:
                case ast.Constant(value=str(text)):
                    return _Path(text.removeprefix("./"), True)
                case ast.Constant():
                    return None
                case ast.JoinedStr():
                    return _Path(ast.unparse(node), True)
                case ast.Name(id=name) if name in self._texts:
                    node = self._texts[name]
                case ast.Name(id=name):
                    opened = _opened_as(view, name)
                    if opened is None:
                        return None
                    node = opened
                case ast.Call(func=ast.Attribute(value=receiver, attr="open"), args=given) if not _is_text(given):
                    node = receiver
                case ast.Call(args=[first, *_]):
                    node = first
                case _:
                    break
        return _Path(ast.unparse(node), False)


def _constants(context: Context) -> dict[str, ast.expr]:
    """Names that are bound once, to a text or something made of texts."""
    bound: dict[str, list[ast.expr]] = {}
    for view in context.views:
        for node in view.nodes(ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    bound.setdefault(target.id, []).append(node.value)
    plain = (ast.Constant, ast.JoinedStr, ast.BinOp)
    return {name: values[0] for name, values in bound.items() if len(values) == 1 and isinstance(values[0], plain)}


def _opened_as(view: CodeView, name: str) -> ast.expr | None:
    """The call of `with open(…) as name` or `name = open(…)`, the last one in the cell."""
    found: ast.expr | None = None
    withs: list[ast.With | ast.AsyncWith] = [*view.nodes(ast.With), *view.nodes(ast.AsyncWith)]
    for one in withs:
        for item in one.items:
            if isinstance(item.optional_vars, ast.Name) and item.optional_vars.id == name:
                found = item.context_expr
    for node in view.nodes(ast.Assign):
        if isinstance(node.value, ast.Call) and any(
            isinstance(one, ast.Name) and one.id == name for one in node.targets
        ):
            found = node.value
    return found if isinstance(found, ast.Call) else None


def _opens(node: ast.Call, name: str) -> bool:
    method = node.func.attr if isinstance(node.func, ast.Attribute) else ""
    return name.endswith(".open") or method == "open" or (isinstance(node.func, ast.Name) and node.func.id == "open")


def _writes(node: ast.Call) -> bool:
    modes = [one.value for one in (*node.args, *(key.value for key in node.keywords)) if isinstance(one, ast.Constant)]
    return any(isinstance(mode, str) and len(mode) <= 3 and set(mode) & set("wax") for mode in modes)


def _is_text(given: list[ast.expr]) -> bool:
    """Whether a call's first argument is a path and not a mode."""
    first = given[0] if given else None
    return first is not None and not (
        isinstance(first, ast.Constant) and isinstance(first.value, str) and len(first.value) <= 3
    )
