"""A transformer is fitted again on the test rows.

## What it does

Reports `fit` and `fit_transform` of scalers, imputers, vectorizers, selections, decompositions and encoders on the test
part of a split, where the same object, or another of its class, is fitted on the training part as well; and statistics
of the test rows that fill or scale them.

## Why is this bad?

The model then sees test rows on another scale, with other columns or other codes than those that it was trained with:
the score says nothing of what will be deployed. It also tells the test rows of each other, which a single row in
production cannot have.

## Example

```python
X_train = scaler.fit_transform(X_train)
X_test = scaler.fit_transform(X_test)
```

## Use instead

```python
X_train = scaler.fit_transform(X_train)
X_test = scaler.transform(X_test)
```

## Known limits

Test rows are known by a split; for files of their own see NB604.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from nb2prod.diagnostics import Fix, Replace, Span
from nb2prod.lint.context import CodeView, Context
from nb2prod.lint.provenance.events import Fit, Story
from nb2prod.lint.provenance.rows import TEST, TRAIN, Rows, overlaps, splits_above
from nb2prod.lint.provenance.telling import by_cause, first_of, story_of, subject, view_at
from nb2prod.lint.rule import Finding

CODE = "NB502"
NAME = "refit-on-test"
SEVERITY = "warning"
FIXABLE = True

_HINT = "fit on the training rows once, and only transform the test rows"
_TRANSFORMERS = ("estimating", "plain")


def check(context: Context) -> Iterator[Finding]:
    """One finding per statement."""
    story = story_of(context)
    used = _used(story)
    mine = [fit for fit in story.fits if _is_refit(fit, story, used)]
    for fits in by_cause(context, mine):
        first = first_of(context, fits)
        view = view_at(context, first.place)
        verb = "again on" if first.kind != "statistic" else "from"
        message = f"{subject(fits, first)} {verb} the test rows"
        yield context.at(view, first.place.node, message, hint=_HINT, fix=_fix(context, view, first, story))


def _used(story: Story) -> frozenset[Fit]:
    """What went into rows that a model met, but not into its training."""
    return frozenset(
        cause
        for one in story.evaluations
        for cause in one.data.taints
        if one.fit.kind == "model" and cause not in one.fit.data.taints and not overlaps(cause.rows, one.fit.rows)
    )


def _is_refit(fit: Fit, story: Story, used: frozenset[Fit]) -> bool:
    part = _test_part(fit.rows)
    if part is None:
        return False
    if fit.kind == "statistic":
        return fit in used
    if fit.kind not in _TRANSFORMERS or fit.estimator is None:
        return False
    return any(_is_trained(other, fit, part) and (_same(other, fit) or fit in used) for other in story.fits)


def _test_part(rows: Rows) -> Rows | None:
    return next((part for part in splits_above(rows) if part.role == TEST), None)


def _same(one: Fit, other: Fit) -> bool:
    return one.estimator is other.estimator


def _is_trained(other: Fit, fit: Fit, part: Rows) -> bool:
    """Whether `other` is a fit of the same class on the training part, before the test's."""
    if other.kind not in _TRANSFORMERS or other.what != fit.what or other.order >= fit.order:
        return False
    return (
        any(one.split is part.split and one.role == TRAIN for one in splits_above(other.rows))
        and other.column == fit.column
    )


def _fix(context: Context, view: CodeView, fit: Fit, story: Story) -> Fix | None:
    """`scaler.fit_transform(X_test)` → `scaler.transform(X_test)`, where it is the object that was fitted before."""
    node = fit.place.node
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.func.attr != "fit_transform":
        return None
    if fit.loops or not any(_same(other, fit) and other.order < fit.order for other in story.fits):
        return None
    if len(node.args) != 1 or node.keywords:
        return None
    end = view.span(node.func)
    name = Span(end.end_line, end.end_column - len("fit_transform"), end.end_line, end.end_column)
    if view.positions.text(name) != "fit_transform":
        return None
    return Fix(
        "transform the test rows with what was fitted on the training rows",
        False,
        (Replace(view.index, name, "transform"),),
    )
