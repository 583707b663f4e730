"""A cell installs packages while the notebook runs.

## What it does

Finds `%pip install`, `!pip install`, `%conda install`, `!apt-get install` and their like in code cells.

## Why is this bad?

The next run installs whatever is newest then, into an environment that the cells before it have already imported from.
Another machine may have no network, no right to install, or no such tool.

## Example

```python
!pip install pandas seaborn
import pandas as pd
```

## Use instead

Name the packages, with versions, in `requirements.txt` or `pyproject.toml` beside the notebook, and install them
before the kernel starts.

## Known limits

A command that is put together from variables is found only if the words `pip install` stand in it.
Other shell commands (`!ls`, `!head data.csv`) are not reported.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from nb2prod.lint.context import CodeView, Context
from nb2prod.lint.rule import Finding

CODE = "NB306"
NAME = "shell-or-pip-in-cell"
SEVERITY = "warning"
FIXABLE = False

_SHELLS = ("system", "getoutput", "run_line_magic")
_INSTALLERS = re.compile(
    r"(?:^|[\s;&|/])(?:sudo\s+)?(?:(?:python3?\s+-m\s+|uv\s+)?pip3?|conda|mamba|apt-get|apt|brew)\s+(?:-\S+\s+)*install\b"
)


def check(context: Context) -> Iterator[Finding]:
    """One finding per command."""
    for view, node, _ in context.calls_of(methods=[_SHELLS]):
        if _INSTALLERS.search(_command(node)):
            yield _finding(context, view, node)


def _finding(context: Context, view: CodeView, node: ast.Call) -> Finding:
    hint = "declare the packages beside the notebook (requirements.txt) and install them before the kernel starts"
    return context.at(view, node, "packages are installed while the notebook runs", hint=hint)


def _command(node: ast.Call) -> str:
    """The command line that a magic or `!` runs; empty for any other call."""
    if not isinstance(node.func, ast.Attribute):
        return ""
    texts = [one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    return " ".join(texts)
