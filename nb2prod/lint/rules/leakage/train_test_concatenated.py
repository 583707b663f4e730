"""Training and test rows are put together, and something is estimated from both.

## What it does

Follows `pd.concat([train, test])`, `train.append(test)`, `np.vstack` and their like. Reports a `fit` or a statistic
over the union whose result goes into the training, and a model that is trained on the union and scored on the test
rows.

## Why is this bad?

Means, vocabularies and components then tell the training of the test rows. In production there is no test set to
join: the same steps give other values there.

## Example

```python
everything = pd.concat([train, test])
everything["age"] = everything["age"].fillna(everything["age"].median())
train, test = everything[:n], everything[n:]
```

## Use instead

```python
median = train["age"].median()
train["age"] = train["age"].fillna(median)
test["age"] = test["age"].fillna(median)
```

## Known limits

Rows count as training and test rows by a known split, or by the names of files and variables. Work on one row at a
time, and one-hot encoding, over the union is not reported.
"""

from __future__ import annotations

from collections.abc import Iterator

from nb2prod.lint.context import Context
from nb2prod.lint.provenance.events import Evaluation, Place
from nb2prod.lint.provenance.pairs import is_joined
from nb2prod.lint.provenance.rows import TEST, covers, up
from nb2prod.lint.provenance.telling import by_cause, first_of, leaks_of, story_of, subject, view_at, where
from nb2prod.lint.rule import Finding

CODE = "NB507"
NAME = "train-test-concatenated"
SEVERITY = "warning"
FIXABLE = False

_HINT = "take every estimate from the training rows alone and apply it to the test rows"


def check(context: Context) -> Iterator[Finding]:
    """One finding per statement that fits on the union, and per model that is trained on it."""
    joined = [leak.cause for leak in leaks_of(context) if is_joined(leak.cause)]
    for fits in by_cause(context, joined):
        first = first_of(context, fits)
        place = _joined_at(context, first.rows) or first.place
        joined_at = where(context, place, first.place)
        message = f"{subject(fits, first)} on training and test rows together (joined in {joined_at})"
        yield context.at(view_at(context, first.place), first.place.node, message, hint=_HINT)
    yield from _trained_on_both(context)


def _joined_at(context: Context, rows: object) -> Place | None:
    story = story_of(context)
    return next((story.unions[one] for one in up(rows) if one in story.unions), None)  # type: ignore[arg-type]


def _trained_on_both(context: Context) -> Iterator[Finding]:
    seen = set()
    for one in story_of(context).evaluations:
        if _is_trained_on_both(one) and one.fit.place not in seen:
            seen.add(one.fit.place)
            name = one.fit.what.removesuffix(".fit")
            met = where(context, one.place, one.fit.place)
            message = f"{name} is trained on training and test rows together, and scored on the test rows ({met})"
            yield context.at(view_at(context, one.fit.place), one.fit.place.node, message, hint=_HINT)


def _is_trained_on_both(one: Evaluation) -> bool:
    if not one.scored or one.fit.kind != "model" or one.data.rows.known_role != TEST:
        return False
    return is_joined(one.fit) and one.data.rows is not one.fit.rows and covers(one.fit.rows, one.data.rows)
