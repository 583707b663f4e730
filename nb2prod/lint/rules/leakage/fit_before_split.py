"""Something is estimated from all rows before they are split into training and test rows.

## What it does

Follows the data from where it is read to the models, through functions, columns, aliases and pipelines. Reports the
`fit` of a scaler, imputer, vectorizer, feature selection, decomposition or clustering, and a mean, quantile,
correlation or other statistic, that saw the test rows as well and went into what a model is trained on.

## Why is this bad?

The test rows were to stand for data that nobody has seen. Here the training knows something of them, so the score is
too good, and what is deployed will do worse.

## Example

```python
X = StandardScaler().fit_transform(X)
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
```

## Use instead

```python
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
scaler = StandardScaler()
X_train = scaler.fit_transform(X_train)
X_test = scaler.transform(X_test)
```

or a `Pipeline`, which fits its steps on the training rows only.

## Known limits

What works on one row at a time (`log`, `dropna`, `get_dummies`, `astype`, filling with a constant) is not reported, nor
are label and one-hot encoders, which learn only which categories there are. Rows that are removed because of a
statistic are not reported. What an imported function of your own does is not seen.
"""

from __future__ import annotations

from collections.abc import Iterator

from nb2prod.lint.context import Context
from nb2prod.lint.provenance.pairs import Leak, is_joined
from nb2prod.lint.provenance.telling import (
    by_cause,
    executed_otherwise,
    first_of,
    leaks_of,
    subject,
    view_at,
    where,
)
from nb2prod.lint.rule import Finding
from nb2prod.lint.rules.leakage.split_first import split_first

CODE = "NB501"
NAME = "fit-before-split"
SEVERITY = "warning"
FIXABLE = True

_HINT = "split first, fit on the training rows only, and transform the test rows with it (or use a Pipeline)"


def check(context: Context) -> Iterator[Finding]:
    """One finding per statement that fits, and per cell that takes statistics."""
    mine = {leak.cause: leak for leak in leaks_of(context) if _is_mine(leak)}
    for fits in by_cause(context, mine):
        first = first_of(context, fits)
        leak = mine[first]
        message = f"{subject(fits, first)} on rows that {_sides(context, leak)}"
        view = view_at(context, first.place)
        yield context.at(view, first.place.node, message, hint=_HINT, fix=split_first(context, leak))


def _is_mine(leak: Leak) -> bool:
    return not is_joined(leak.cause) and (leak.split is None or leak.split.kind != "folds")


def _sides(context: Context, leak: Leak) -> str:
    """`train_test_split (cell 4) splits into training and test rows later`."""
    cause, split = leak.cause, leak.split
    if split is None:
        met = leak.pair.evaluation.place if leak.pair.evaluation else leak.pair.fit.place
        return f"{leak.pair.fit.what.removesuffix('.fit')} is judged on later ({where(context, met, cause.place)})"
    text = f"{split.name} ({where(context, split.place, cause.place)}) sets apart for the test"
    return text + executed_otherwise(context, cause.place, split.place)
