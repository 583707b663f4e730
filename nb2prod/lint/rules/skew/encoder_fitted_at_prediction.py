"""An encoder or scaler is fitted on the rows that are to be predicted.

## What it does

Reports a second `fit` of the same object, or a fit of another one of its class, on rows of their own that a model then
predicts, where the training's rows went through the first.

## Why is this bad?

The encoder gives "b" the code that "a" had in training, if "a" does not occur; the scaler moves the rows to their own
mean. The model reads the numbers in the old sense, and its predictions are quietly wrong.

## Example

```python
train["city"] = encoder.fit_transform(train["city"])
test["city"] = encoder.fit_transform(test["city"])
model.predict(test)
```

## Use instead

```python
train["city"] = encoder.fit_transform(train["city"])
test["city"] = encoder.transform(test["city"])
```

## Known limits

The test part of a split is NB502's. Codes that come from `factorize` or a dictionary are not followed.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from nb2prod.diagnostics import Fix, Replace, Span
from nb2prod.lint.context import CodeView, Context
from nb2prod.lint.provenance.events import Evaluation, Fit
from nb2prod.lint.provenance.rows import TEST, overlaps, splits_above
from nb2prod.lint.provenance.telling import by_cause, first_of, story_of, view_at
from nb2prod.lint.rule import Finding

CODE = "NB604"
NAME = "encoder-fitted-at-prediction"
SEVERITY = "warning"
FIXABLE = True

_HINT = "keep what was fitted on the training rows, and only transform the rows to be predicted"


def check(context: Context) -> Iterator[Finding]:
    """One finding per statement that fits."""
    mine: dict[Fit, Fit] = {}
    for one in story_of(context).evaluations:
        mine.update(_refits(one))
    for fits in by_cause(context, mine):
        first = first_of(context, fits)
        view = view_at(context, first.place)
        name = first.what.removesuffix(".fit")
        message = f"{name} is fitted again on the rows to be predicted"
        yield context.at(view, first.place.node, message, hint=_HINT, fix=_fix(view, first, mine[first]))


def _refits(one: Evaluation) -> dict[Fit, Fit]:
    """The fits over predicted rows, each with the training's fit that it stands beside."""
    if one.fit.kind != "model" or overlaps(one.fit.rows, one.data.rows):
        return {}
    found = {}
    for later in one.data.taints:
        if later.kind not in ("estimating", "plain") or not _is_own(later, one):
            continue
        before = next((first for first in one.fit.data.taints if _is_counterpart(first, later)), None)
        if before is not None:
            found[later] = before
    return found


def _is_own(later: Fit, one: Evaluation) -> bool:
    """Whether it saw predicted rows only, that are no test part of a split."""
    if later in one.fit.data.taints or overlaps(later.rows, one.fit.rows):
        return False
    return overlaps(later.rows, one.data.rows) and not any(part.role == TEST for part in splits_above(later.rows))


def _is_counterpart(first: Fit, later: Fit) -> bool:
    same = first.estimator is later.estimator or (first.what == later.what and first.column == later.column)
    return same and first.kind == later.kind and first is not later and not overlaps(first.rows, later.rows)


def _fix(view: CodeView, later: Fit, before: Fit) -> Fix | None:
    node = later.place.node
    if later.estimator is not before.estimator or later.loops or before.column != later.column:
        return None
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.func.attr != "fit_transform":
        return None
    end = view.span(node.func)
    name = Span(end.end_line, end.end_column - len("fit_transform"), end.end_line, end.end_column)
    if len(node.args) != 1 or node.keywords or view.positions.text(name) != "fit_transform":
        return None
    return Fix("transform with what was fitted on the training rows", False, (Replace(view.index, name, "transform"),))
