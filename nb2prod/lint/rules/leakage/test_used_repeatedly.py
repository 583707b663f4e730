"""The same test rows judge several models.

## What it does

Counts the models that are scored on one held-out set of rows, by `score`, `evaluate`, a metric of their predictions,
or by hand. Reports the set where two or more models that could be chosen between are scored on it, where a loop tries
settings on it, and where early stopping or the best checkpoint is decided by it.

## Why is this bad?

The best of many scores is too good: part of it is luck with these rows. Once the test rows have chosen the model, no
rows are left that nobody has looked at.

## Example

```python
for depth in range(1, 20):
    model = DecisionTreeClassifier(max_depth=depth).fit(X_train, y_train)
    print(depth, model.score(X_test, y_test))
```

## Use instead

```python
search = GridSearchCV(DecisionTreeClassifier(), {"max_depth": range(1, 20)}).fit(X_train, y_train)
print(search.score(X_test, y_test))
```

or a third set: choose by validation rows, and score the chosen model once on the test rows.

## Known limits

A set that is called `val`, `valid`, `validation` or `dev` is taken for what its name says. So are a set that is only
given as `validation_data`, and one beside which another is scored by a single model. Dummy models count as no choice.
Whether somebody really chose is not known.
"""

from __future__ import annotations

from collections.abc import Iterator

from nb2prod.lint.context import Context
from nb2prod.lint.provenance.events import Evaluation, Split
from nb2prod.lint.provenance.pairs import is_tuned, is_validation, judged, model_key
from nb2prod.lint.provenance.rows import TEST, TRAIN, Rows, covers, overlaps
from nb2prod.lint.provenance.telling import story_of, view_at, where
from nb2prod.lint.rule import Finding

CODE = "NB505"
NAME = "test-used-repeatedly"
SEVERITY = "warning"
FIXABLE = False

_HINT = "choose by cross-validation or on validation rows, and score the chosen model once on the test rows"


def check(context: Context) -> Iterator[Finding]:
    """One finding per set of test rows."""
    sets = judged(story_of(context))
    for rows, scores in sets.items():
        if _is_test(rows, scores) and not _has_final_test(rows, sets):
            yield from _finding(context, rows, scores)


def _is_test(rows: Rows, scores: list[Evaluation]) -> bool:
    """Held out once, not fold by fold or round by round, and not for validation."""
    if rows.loops or any(is_validation(one) for one in scores) or all(one.watched for one in scores):
        return False
    if isinstance(rows.split, Split):
        return rows.split.kind == "holdout" and rows.role == TEST
    return True


def _has_final_test(rows: Rows, sets: dict[Rows, list[Evaluation]]) -> bool:
    """Whether another set of the same data is scored, by one model only: then these rows were for choosing."""
    mine = sets[rows]
    others = (found for other, found in sets.items() if not overlaps(other, rows) and _belong(other, found, rows, mine))
    return any(_count(found) == 1 and found[0].order > mine[0].order for found in others)


def _belong(other: Rows, found: list[Evaluation], rows: Rows, mine: list[Evaluation]) -> bool:
    """Whether the other set was kept apart from these rows: the same split's, that of a split around them, or a file's.

    What is cut from the training rows beside them comes before; a second split of all rows is another experiment.
    """
    if other.parent is rows.parent and other.split is rows.split:
        return True
    if _train_beside(other, rows):
        return True
    return not _train_beside(rows, other) and bool({one.model for one in found} & {one.model for one in mine})


def _train_beside(test: Rows, rows: Rows) -> bool:
    """Whether rows lie in the training part that belongs to a test part."""
    train = test.parent.parts.get((test.split, TRAIN)) if test.parent is not None else None
    return train is not None and covers(train, rows)


def _count(scores: list[Evaluation]) -> int:
    return len({model_key(one) for one in scores}) + any(is_tuned(one) for one in scores)


def _finding(context: Context, rows: Rows, scores: list[Evaluation]) -> Iterator[Finding]:
    first = scores[0]
    second = next((one for one in scores if model_key(one) != model_key(first)), None)
    tuned = next((one for one in scores if is_tuned(one)), None)
    stopped = next((one for one in scores if one.stops and _is_scored_again(one, scores)), None)
    if tuned is not None:
        yield _at(context, tuned, f"settings are tried one after the other on the {_set(context, rows, tuned)}")
    elif second is not None:
        count = len({model_key(one) for one in scores})
        yield _at(context, second, f"{count} models are scored on the {_set(context, rows, second)}")
    elif stopped is not None:
        yield _at(context, stopped, f"training stops by the {_set(context, rows, stopped)} that the model is scored on")


def _is_scored_again(one: Evaluation, scores: list[Evaluation]) -> bool:
    return any(other.model is one.model and not other.watched for other in scores)


def _set(context: Context, rows: Rows, one: Evaluation) -> str:
    if isinstance(rows.split, Split):
        return f"test rows of {rows.split.name} ({where(context, rows.split.place, one.place)})"
    return f"same test rows ({rows.label})" if rows.label else "same test rows"


def _at(context: Context, one: Evaluation, message: str) -> Finding:
    return context.at(view_at(context, one.place), one.place.node, message, hint=_HINT)
