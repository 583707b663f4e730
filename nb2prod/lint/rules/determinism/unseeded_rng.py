"""Random numbers are drawn and no seed fixes them.

## What it does

Knows at each call which generators are seeded by then: Python's, NumPy's, torch's and TensorFlow's global ones, and
those that are passed on as `random_state`, `seed` or `rng`. Follows calls into the notebook's functions. Reports draws
from an unseeded generator: one finding per global generator, one per call that has an argument for a seed.

## Why is this bad?

Another run gives another split, another model and another score: nobody can tell an improvement from luck, and a
pipeline cannot be compared with the notebook.

## Example

```python
X_train, X_test, y_train, y_test = train_test_split(X, y)
model = RandomForestClassifier().fit(X_train, y_train)
```

## Use instead

```python
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
model = RandomForestClassifier(random_state=0).fit(X_train, y_train)
```

or one seed before the first draw: `np.random.seed(0)` fixes scikit-learn too.

## Known limits

Estimators and options that draw nothing (`LinearRegression`, `KFold` without `shuffle`, `shuffle=False`) are not
reported. Where a random state matters only for ties (decision trees, boosting) or in some versions, and for identifiers
(`uuid4`), the finding is information. Arguments that come from `**settings` which the code does not show are taken for
seeded.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from nb2prod.diagnostics import Fix, InsertCell, Replace, Span
from nb2prod.lint.context import CodeView, Context
from nb2prod.lint.provenance.events import Draw
from nb2prod.lint.provenance.telling import story_of, view_at
from nb2prod.lint.rule import Finding

CODE = "NB201"
NAME = "unseeded-rng"
SEVERITY = "warning"
FIXABLE = True

_LIBRARY = {"numpy": "NumPy", "python": "Python", "torch": "torch", "tensorflow": "TensorFlow"}
_SEED = {
    "numpy": "import numpy as np\n\nnp.random.seed(0)",
    "python": "import random\n\nrandom.seed(0)",
    "torch": "import torch\n\ntorch.manual_seed(0)",
    "tensorflow": "import tensorflow as tf\n\ntf.random.set_seed(0)",
}


def check(context: Context) -> Iterator[Finding]:
    """One finding per global generator, and per call that could be given a seed."""
    draws = _in_order(context)
    for generator in _LIBRARY:
        mine = [draw for draw in draws if draw.generator == generator and not draw.keyword]
        if mine:
            yield _of_generator(context, mine)
    for draw in draws:
        if draw.keyword:
            yield _of_call(context, draw)
        elif draw.generator == "entropy":
            yield context.at(
                view_at(context, draw.place),
                draw.place.node,
                f"{draw.what} gives something else in every run",
                hint="derive identifiers from the data, or keep them out of what is compared",
                severity="info",
            )


def _in_order(context: Context) -> list[Draw]:
    """Each place once, from top to bottom."""
    once = {(draw.place.cell, id(draw.place.node)): draw for draw in reversed(story_of(context).draws)}
    return sorted(once.values(), key=lambda draw: (draw.place.cell, view_at(context, draw.place).span(draw.place.node)))


def _of_generator(context: Context, draws: list[Draw]) -> Finding:
    first = draws[0]
    more = f" (and {len(draws) - 1} more)" if len(draws) > 1 else ""
    message = f"{first.what} draws from {_LIBRARY[first.generator]}'s generator, which is not seeded{more}"
    seed = _SEED[first.generator]
    cell = InsertCell(first.place.cell, _without_import(context, seed, first.place.cell))
    fix = Fix(f"seed {_LIBRARY[first.generator]}'s generator", False, (cell,))
    hint = f"seed it once, before the first draw: {seed.rpartition(chr(10))[2]}"
    return context.at(view_at(context, first.place), first.place.node, message, hint=hint, fix=fix)


def _without_import(context: Context, seed: str, cell: int) -> str:
    """The seed alone, where a cell before imports the library by that name already."""
    statement, _, call = seed.partition("\n\n")
    lines = (line.strip() for view in context.views if view.index < cell for line in view.cell.source.split("\n"))
    return call if statement in lines else seed


def _of_call(context: Context, draw: Draw) -> Finding:
    view = view_at(context, draw.place)
    reason = "is not seeded" if draw.generator == "own" else f"has no {draw.keyword}, and no seed is set"
    if not draw.certain:
        reason = f"has no {draw.keyword}: it matters for ties, and in some versions"
    severity = "" if draw.certain else "info"
    hint = f"give it one: {draw.keyword}=0" if draw.generator != "own" or draw.keyword != "seed" else "give it a seed"
    return context.at(
        view, draw.place.node, f"{draw.what} {reason}", hint=hint, fix=_fix(view, draw), severity=severity
    )


def _fix(view: CodeView, draw: Draw) -> Fix | None:
    """The argument, at the end of the call's parentheses."""
    node = draw.place.node
    if not isinstance(node, ast.Call) or draw.keyword not in ("random_state", "seed", "random_seed"):
        return None
    if any(keyword.arg == draw.keyword for keyword in node.keywords) or (draw.generator == "own" and node.args):
        return None
    argument = "0" if draw.generator == "own" else f"{draw.keyword}=0"
    place = _end_of_arguments(view, node)
    if place is None:
        return None
    comma = ", " if node.args or node.keywords else ""
    return Fix(f"add {argument}", False, (Replace(view.index, place, comma + argument),))


def _end_of_arguments(view: CodeView, node: ast.Call) -> Span | None:
    """Behind the last argument; None where something else than a comma follows it."""
    whole = view.span(node)
    given = [view.span(one) for one in (*node.args, *(keyword.value for keyword in node.keywords))]
    last = max(given, key=lambda span: (span.end_line, span.end_column), default=None)
    if last is None:
        last = Span(whole.line, whole.column, whole.end_line, whole.end_column - 1)
    rest = view.positions.text(Span(last.end_line, last.end_column, whole.end_line, whole.end_column))
    if not re.fullmatch(r"\s*,?\s*\)", rest) or any(isinstance(one, ast.GeneratorExp) for one in node.args):
        return None
    return Span(last.end_line, last.end_column, last.end_line, last.end_column)
