"""Something is estimated from all rows before cross-validation cuts them into folds.

## What it does

Reports a `fit` or a statistic over rows that `cross_val_score`, `GridSearchCV` and their like, or a loop over
`KFold.split`, then divide, where no other rows were held out for the judgement.

## Why is this bad?

In each fold the training knows something of the rows that it is tested on. Feature selection outside the folds can
turn pure noise into a good score.

## Example

```python
X = SelectKBest(k=25).fit_transform(X, y)
cross_val_score(model, X, y)
```

## Use instead

```python
cross_val_score(make_pipeline(SelectKBest(k=25), model), X, y)
```

## Known limits

Scaling the training rows before a search on them is not reported where a test set is kept and scored afterwards: the
chosen parameters may be a little off, but the final score is not.
"""

from __future__ import annotations

from collections.abc import Iterator

from nb2prod.lint.context import Context
from nb2prod.lint.provenance.events import Fit, Place
from nb2prod.lint.provenance.pairs import cross_validated_leaks, is_joined
from nb2prod.lint.provenance.telling import by_cause, first_of, leaks_of, story_of, subject, view_at, where
from nb2prod.lint.rule import Finding

CODE = "NB503"
NAME = "cross-validation-preprocess"
SEVERITY = "warning"
FIXABLE = False

_HINT = "put the step and the model into one Pipeline, which is fitted anew in each fold"


def check(context: Context) -> Iterator[Finding]:
    """One finding per statement that fits, and per cell that takes statistics."""
    mine = _causes(context)
    for fits in by_cause(context, mine):
        first = first_of(context, fits)
        name, place = mine[first]
        text = f"before {name} ({where(context, place, first.place)}) cuts them into folds"
        message = f"{subject(fits, first)} on all rows {text}"
        yield context.at(view_at(context, first.place), first.place.node, message, hint=_HINT)


def _causes(context: Context) -> dict[Fit, tuple[str, Place]]:
    found: dict[Fit, tuple[str, Place]] = {}
    known: set[Fit] = set()
    for leak in leaks_of(context):
        known.add(leak.cause)
        if leak.split is not None and leak.split.kind == "folds" and not is_joined(leak.cause):
            found[leak.cause] = (leak.split.name, leak.split.place)
    for cause, event in cross_validated_leaks(story_of(context), known):
        found[cause] = (event.what, event.place)
    return found
