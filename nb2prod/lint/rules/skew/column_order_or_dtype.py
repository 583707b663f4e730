"""Training rows and rows to be predicted are one-hot encoded apart from each other.

## What it does

Reports `pd.get_dummies` on test rows, or on rows to be predicted, where the training rows went through a
`get_dummies` of their own and nothing aligns the columns afterwards.

## Why is this bad?

`get_dummies` makes a column for each category that occurs. Where the rows hold other categories, the columns are
others, or the same ones in another order or with another type: the model fails, or takes one feature for another.

## Example

```python
X_train = pd.get_dummies(train)
X_test = pd.get_dummies(test)
```

## Use instead

```python
X_train = pd.get_dummies(train)
X_test = pd.get_dummies(test).reindex(columns=X_train.columns, fill_value=0)
```

or scikit-learn's `OneHotEncoder(handle_unknown="ignore")`, fitted on the training rows.

## Known limits

Only `get_dummies` is looked at. A check of the columns by `assert` is not seen.
"""

from __future__ import annotations

from collections.abc import Iterator

from nb2prod.lint.context import Context
from nb2prod.lint.provenance.events import Fit
from nb2prod.lint.provenance.pairs import Pair, pairs
from nb2prod.lint.provenance.rows import overlaps
from nb2prod.lint.provenance.telling import story_of, view_at, where
from nb2prod.lint.rule import Finding

CODE = "NB603"
NAME = "column-order-or-dtype"
SEVERITY = "warning"
FIXABLE = False

_HINT = "align the columns: .reindex(columns=train.columns, fill_value=0), or use OneHotEncoder"


def check(context: Context) -> Iterator[Finding]:
    """One finding per call on the rows to be predicted."""
    seen = set()
    for pair in pairs(story_of(context)):
        for later, before in _apart(pair):
            if later.place not in seen:
                seen.add(later.place)
                place = where(context, before.place, later.place)
                message = f"get_dummies may give other columns here than for the training rows ({place})"
                yield context.at(view_at(context, later.place), later.place.node, message, hint=_HINT)


def _apart(pair: Pair) -> Iterator[tuple[Fit, Fit]]:
    trained = [one for one in pair.fit.data.taints if one.kind == "dummies"]
    for later in pair.taints:
        if later.kind == "dummies" and later not in trained and not overlaps(later.rows, pair.fit.rows):
            before = next(
                (one for one in trained if overlaps(one.rows, pair.fit.rows) and one.place != later.place), None
            )
            if before is not None:
                yield later, before
