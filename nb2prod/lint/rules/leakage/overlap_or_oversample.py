"""Copies or mixtures of the same rows lie in the training and in the test set.

## What it does

Reports oversampling (`SMOTE`, `RandomOverSampler`, `resample`, `sample(replace=True)`) before the rows are split or cut
into folds, and a model that was fitted on rows which hold the test rows it is scored on.

## Why is this bad?

The model is asked about rows that it was trained on, or about neighbours made from them. It needs only to remember.

## Example

```python
X, y = SMOTE().fit_resample(X, y)
X_train, X_test, y_train, y_test = train_test_split(X, y)
```

## Use instead

```python
X_train, X_test, y_train, y_test = train_test_split(X, y)
X_train, y_train = SMOTE().fit_resample(X_train, y_train)
```

or imbalanced-learn's `Pipeline`, which resamples only what it is fitted on.

## Known limits

Undersampling makes no copies and is not reported. A score on the training rows themselves is not reported: it is
commonly printed beside the other. Rows that are equal by chance are not seen.
"""

from __future__ import annotations

from collections.abc import Iterator

from nb2prod.lint.context import Context
from nb2prod.lint.provenance.events import Evaluation, Resample
from nb2prod.lint.provenance.pairs import cross_validated_resampling, is_joined, resampled_before, separating
from nb2prod.lint.provenance.rows import TEST, covers, splits_above
from nb2prod.lint.provenance.telling import executed_otherwise, story_of, view_at, where
from nb2prod.lint.rule import Finding

CODE = "NB504"
NAME = "overlap-or-oversample-before-split"
SEVERITY = "warning"
FIXABLE = False

_HINT = "split first, and resample the training rows only"
_FIT_HINT = "fit on the training rows only, or score on rows that were held out"


def check(context: Context) -> Iterator[Finding]:
    """One finding per resampling, and per fit."""
    yield from _resampled(context)
    yield from _overlapping(context)


def _resampled(context: Context) -> Iterator[Finding]:
    story = story_of(context)
    found: dict[Resample, str] = {}
    for event, pair in resampled_before(story):
        split = separating(pair)
        place = split.place if split else pair.fit.place
        name = split.name if split else "the split"
        text = f"before {name} ({where(context, place, event.place)}): training and test rows come from the same ones"
        found[event] = text + executed_otherwise(context, event.place, place)
    for event, one in cross_validated_resampling(story):
        place_text = where(context, one.place, event.place)
        found.setdefault(event, f"before {one.what} ({place_text}): the folds hold rows made from each other")
    for event, text in _merged(found).items():
        view = view_at(context, event.place)
        yield context.at(view, event.place.node, f"{event.what} resamples {text}", hint=_HINT)


def _merged(found: dict[Resample, str]) -> dict[Resample, str]:
    """Each place once."""
    return dict({event.place: (event, text) for event, text in found.items()}.values())


def _overlapping(context: Context) -> Iterator[Finding]:
    seen = set()
    for one in story_of(context).evaluations:
        if _is_overlap(one) and one.fit.place not in seen:
            seen.add(one.fit.place)
            name = one.fit.what.removesuffix(".fit")
            met = where(context, one.place, one.fit.place)
            message = f"{name} is fitted on rows that hold the test rows it is scored on ({met})"
            yield context.at(view_at(context, one.fit.place), one.fit.place.node, message, hint=_FIT_HINT)


def _is_overlap(one: Evaluation) -> bool:
    """Whether it is scored on the test part of a split of the very rows that it was fitted on."""
    if not one.scored or one.watched or one.fit.kind != "model" or is_joined(one.fit):
        return False
    part = next((rows for rows in splits_above(one.data.rows) if rows.role == TEST), None)
    return part is not None and part is not one.fit.rows and covers(one.fit.rows, part)
