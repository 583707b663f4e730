"""The notebook depends on where, and as whom, it runs.

## What it does

Reports a changed or queried working directory (`os.chdir`, `%cd`, `os.getcwd()`), environment variables that are read,
and the names of the machine and the user.

## Why is this bad?

A scheduler, a container and a colleague start the notebook in another folder, as another user, with other variables. A
cell that changes the directory by a relative path works once: the second run starts where the first one ended.

## Example

```python
os.chdir("data")
df = pd.read_csv("sales.csv")
```

## Use instead

```python
df = pd.read_csv("data/sales.csv")
```

A variable with a default, `os.environ.get("REGION", "eu")`, is better a parameter of the notebook.

## Known limits

Passwords and tokens belong into the environment: variables whose names say so are not reported.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from nb2prod.lint.context import CodeView, Context
from nb2prod.lint.rule import Finding
from nb2prod.lint.rules.determinism.tables import NameSet, surroundings

CODE = "NB204"
NAME = "environment-or-cwd"
SEVERITY = "info"
FIXABLE = False

_SECRET = re.compile(r"^path$|key|token|secret|passw|pwd|credential|auth|api", re.IGNORECASE)


def check(context: Context) -> Iterator[Finding]:
    """One finding per call, and per variable and cell."""
    table = surroundings()["environment"]
    for view, node, name in context.calls_of(table["calls"], table["variables"], methods=[("run_line_magic",)]):
        if name in table["calls"]:
            yield context.at(view, node, _said(name or ""), hint=_hint(name or ""))
        elif name in table["variables"] and not _is_secret(node.args[:1]):
            yield _variable(context, view, node, node.args[:1])
        elif _is_cd(node):
            yield context.at(view, node, _said("os.chdir"), hint=_hint("os.chdir"))
    yield from _subscripts(context, table["mapping"])


def _subscripts(context: Context, mapping: NameSet) -> Iterator[Finding]:
    def of_cell(view: CodeView) -> Iterator[Finding]:
        for node in view.nodes(ast.Subscript):
            read = isinstance(node.ctx, ast.Load) and context.resolve(node.value) in mapping
            if read and not _is_secret([node.slice]):
                yield _variable(context, view, node, [node.slice])

    return context.each(CODE, of_cell)


def _variable(context: Context, view: CodeView, node: ast.AST, key: list[ast.expr]) -> Finding:
    name = str(key[0].value) if key and isinstance(key[0], ast.Constant) else "a variable"
    return context.at(view, node, f"the environment's {name} is read", hint="make it a parameter of the notebook")


def _is_secret(key: list[ast.expr]) -> bool:
    return bool(key) and isinstance(key[0], ast.Constant) and bool(_SECRET.search(str(key[0].value)))


def _is_cd(node: ast.Call) -> bool:
    if not isinstance(node.func, ast.Attribute) or node.func.attr != "run_line_magic" or not node.args:
        return False
    return isinstance(node.args[0], ast.Constant) and node.args[0].value in ("cd", "pushd")


def _said(name: str) -> str:
    if name == "os.chdir":
        return "the working directory is changed for all cells that follow"
    if "cwd" in name:
        return f"{name}() depends on where the notebook is started"
    return f"{name}() depends on the machine and the user"


def _hint(name: str) -> str:
    if name == "os.chdir":
        return "write paths from the notebook's folder instead"
    return "write paths from the notebook's folder, or make it a parameter"
