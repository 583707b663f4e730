"""The notebook fetches something over the network.

## What it does

Reports requests, downloads and readers that are given an address, and `!wget`, `!curl` and their like. One finding per
cell and source.

## Why is this bad?

What is there today may be other data tomorrow, or gone; a pipeline may run where there is no network. Nothing says
which version the results were made from.

## Example

```python
df = pd.read_csv("https://example.org/data.csv")
```

## Use instead

Fetch it once into a file that DVC tracks, and read the file:

```python
df = pd.read_csv("data/data.csv")
```

## Known limits

Addresses that are put together at run time, and libraries that fetch behind the scenes, are not all known.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from urllib.parse import urlsplit

from nb2prod.lint.context import Context
from nb2prod.lint.rule import Finding
from nb2prod.lint.rules.determinism.tables import NameSet, surroundings

CODE = "NB203"
NAME = "network-access"
SEVERITY = "info"
FIXABLE = False

_HINT = "fetch it once into a file that is versioned (dvc add), and read the file"
_SHELLS = ("system", "getoutput", "run_line_magic")
_SCHEMES = ("http://", "https://", "ftp://", "s3://", "gs://")


def check(context: Context) -> Iterator[Finding]:
    """One finding per cell and source."""
    seen: set[tuple[int, str]] = set()
    table = surroundings()["network"]
    methods = (table["readers"], table["methods"], table["cached"], _SHELLS)
    for view, node, name in context.calls_of(table["calls"], table["readers"], methods=methods):
        source = _source(context, node, name)
        if source and (view.index, source) not in seen:
            seen.add((view.index, source))
            yield context.at(view, node, f"{source} is fetched over the network", hint=_HINT)


def _source(context: Context, node: ast.Call, name: str | None) -> str:
    """What is fetched; empty where nothing is."""
    table = surroundings()["network"]
    last = node.func.attr if isinstance(node.func, ast.Attribute) else ""
    reads = last in table["readers"] or name in table["calls"]
    if reads and (address := _address(context, node)):
        return address
    if name in table["calls"]:
        return f"what {name}() gives"
    if last in table["methods"] or (last in table["cached"] and name is not None and ".datasets." in name):
        return f"what {last}() loads"
    return _command(node, table["commands"])


def _address(context: Context, node: ast.Call) -> str:
    for argument in [*node.args, *(keyword.value for keyword in node.keywords)]:
        text = _text(context, argument)
        if text.startswith(_SCHEMES):
            return urlsplit(text).netloc or text
    return ""


def _text(context: Context, node: ast.expr) -> str:
    """The beginning of a text: a constant, or a name that is bound to one."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.Name(id=name):
            return context.keep("texts", lambda: _texts(context)).get(name, "")
        case ast.JoinedStr(values=[first, *_]) | ast.BinOp(left=first):
            return _text(context, first)
    return ""


def _texts(context: Context) -> dict[str, str]:
    found: dict[str, str] = {}
    for view in context.views:
        for node in view.nodes(ast.Assign):
            if (
                len(node.targets) == 1
                and isinstance(node.targets[0], ast.Name)
                and isinstance(node.value, ast.Constant)
            ):
                found[node.targets[0].id] = str(node.value.value)
    return found


def _command(node: ast.Call, commands: NameSet) -> str:
    if not isinstance(node.func, ast.Attribute) or node.func.attr not in _SHELLS:
        return ""
    texts = [one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    found = commands.find(" ".join(texts).strip())
    return f"what `{found}` gets" if found else ""
