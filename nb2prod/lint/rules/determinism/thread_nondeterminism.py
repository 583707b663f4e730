"""Threads or processes that race each other decide the result.

## What it does

Reports results that are taken in the order in which workers finish (`as_completed`, `imap_unordered`), word vectors
that are trained by several workers, and cuDNN's search for the fastest algorithm.

## Why is this bad?

Who finishes first is another one in each run, and sums of floating-point numbers in another order are other numbers. A
seed does not help.

## Example

```python
rows = [future.result() for future in as_completed(futures)]
model = Word2Vec(sentences, seed=0, workers=4)
```

## Use instead

```python
rows = [future.result() for future in futures]
model = Word2Vec(sentences, seed=0, workers=1)
```

## Known limits

`n_jobs` of scikit-learn changes no result and is not reported. Threads inside BLAS and OpenMP can change the last
digits; nb2prod's own runs hold their number fixed.
"""

from __future__ import annotations

import ast
from collections.abc import Container, Iterator

from nb2prod.lint.context import CodeView, Context
from nb2prod.lint.rule import Finding
from nb2prod.lint.rules.determinism.tables import NameSet, surroundings

CODE = "NB206"
NAME = "thread-nondeterminism"
SEVERITY = "info"
FIXABLE = False


class _Ends(Container[str]):
    """Dotted names whose last part is one of these."""

    def __init__(self, last: NameSet) -> None:
        self._last = last

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.rpartition(".")[2] in self._last


def check(context: Context) -> Iterator[Finding]:
    """One finding per call or setting."""
    table = surroundings()["threads"]
    makers = _Ends(table["workers"])
    for view, node, name in context.calls_of(table["unordered"], makers, methods=[table["unordered_methods"]]):
        last = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        if name in table["unordered"] or last in table["unordered_methods"]:
            message = "results come in the order in which workers finish"
            yield context.at(view, node, message, hint="take them in the order in which they were started")
        elif (name or "").rpartition(".")[2] in table["workers"] and not _has_one_worker(node):
            message = f"several workers train {(name or '').rpartition('.')[2]}, and each run gives other vectors"
            yield context.at(view, node, message, hint="workers=1, and a seed")
    yield from _settings(context, table["settings"])


def _has_one_worker(node: ast.Call) -> bool:
    if any(keyword.arg is None for keyword in node.keywords):
        return True
    workers = next((keyword.value for keyword in node.keywords if keyword.arg == "workers"), None)
    return isinstance(workers, ast.Constant) and workers.value == 1


def _settings(context: Context, names: NameSet) -> Iterator[Finding]:
    def of_cell(view: CodeView) -> Iterator[Finding]:
        for node in view.nodes(ast.Assign):
            if _is_on(node) and any(context.resolve(target) in names for target in node.targets):
                yield _setting(context, view, node)

    return context.each(CODE, of_cell)


def _is_on(node: ast.Assign) -> bool:
    return isinstance(node.value, ast.Constant) and bool(node.value.value)


def _setting(context: Context, view: CodeView, node: ast.Assign) -> Finding:
    message = "cuDNN chooses the fastest algorithm anew in each run"
    return context.at(
        view, node, message, hint="torch.backends.cudnn.benchmark = False, and torch.use_deterministic_algorithms(True)"
    )
