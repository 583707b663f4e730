"""The features hold the target, or what is only known later.

## What it does

Follows columns of a frame to the model's features and target. Reports features that hold the target's own column, a
column that was computed row by row from it, the column that the target was computed from, or a column that was shifted
back from the rows that follow (`shift(-1)`).

## Why is this bad?

The model reads the answer off its input. In production that column is empty, or does not exist.

## Example

```python
df["high"] = df["price"] > 300_000
X = df.drop(columns=["high"])  # the price is still in it
model.fit(X, df["high"])
```

## Use instead

```python
X = df.drop(columns=["high", "price"])
```

## Known limits

Only columns that are named in the code are followed; whatever chooses them in another way ends the trail, and nothing
is reported. A column that merely goes along with the target cannot be seen in the code.
"""

from __future__ import annotations

from collections.abc import Iterator

from nb2prod.lint.context import Context
from nb2prod.lint.provenance.events import Fit
from nb2prod.lint.provenance.telling import story_of, view_at
from nb2prod.lint.provenance.values import Data, Table
from nb2prod.lint.rule import Finding

CODE = "NB506"
NAME = "target-or-future-feature"
SEVERITY = "warning"
FIXABLE = False

_HINT = "drop the column from the features before anything is fitted"


def check(context: Context) -> Iterator[Finding]:
    """One finding per reason: a model of several fitted on the same features tells it first."""
    seen: set[str] = set()
    for fit in story_of(context).fits:
        new = [reason for reason in _reasons(fit) if reason not in seen]
        seen.update(new)
        if new:
            message = f"the features hold {', and '.join(new)}"
            yield context.at(view_at(context, fit.place), fit.place.node, message, hint=_HINT)


def _reasons(fit: Fit) -> Iterator[str]:
    features, target = fit.data, fit.target
    if fit.kind != "model" or target is None or features.table is None:
        return
    if target.table is not None and target.table.key is features.table.key and len(target.sources) == 1:
        (name,) = target.sources
        yield from _about(features, features.table, name)
    for column in sorted(features.table.future - target.sources):
        if features.columns.has(column):
            yield f"{column!r}, which is shifted back from later rows"


def _about(features: Data, table: Table, name: str) -> Iterator[str]:
    if features.columns.has(name):
        yield f"the target {name!r}"
    origin = table.sources.get(name, frozenset())
    if origin and all(features.columns.has(one) for one in origin):
        yield f"{_listed(origin)}, which the target {name!r} is computed from"
    for column, sources in sorted(table.sources.items()):
        if name in sources and column != name and features.columns.has(column):
            yield f"{column!r}, which is computed from the target {name!r}"


def _listed(names: frozenset[str]) -> str:
    return " and ".join(repr(name) for name in sorted(names))
