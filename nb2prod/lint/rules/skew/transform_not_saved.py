"""A model is saved, and what its rows went through is not.

## What it does

Follows the rows that a model was fitted on back to the scalers, encoders, vectorizers and selections that were fitted
for them, and looks whether these are written to a file (`joblib.dump`, `pickle.dump`, `save`) as the model is.

## Why is this bad?

Who loads the model has to scale and encode as the training did, with the training's numbers. They are gone with the
kernel; fitted again on other rows they are others.

## Example

```python
X_train = scaler.fit_transform(X_train)
model.fit(X_train, y_train)
joblib.dump(model, "model.joblib")
```

## Use instead

```python
model = make_pipeline(StandardScaler(), LogisticRegression()).fit(X_train, y_train)
joblib.dump(model, "model.joblib")
```

## Known limits

What is written in another way (a database, an experiment tracker's own call) is not seen. Statistics that are kept in
plain variables are not followed.
"""

from __future__ import annotations

from collections.abc import Iterator

from nb2prod.lint.context import Context
from nb2prod.lint.provenance.events import Dump, Story
from nb2prod.lint.provenance.telling import story_of, view_at
from nb2prod.lint.provenance.values import Estimator
from nb2prod.lint.rule import Finding

CODE = "NB602"
NAME = "transform-not-saved"
SEVERITY = "warning"
FIXABLE = False

_HINT = "save the transformers with the model, or put them into one Pipeline and save that"


def check(context: Context) -> Iterator[Finding]:
    """One finding per transformer that is missing, at the first model that is saved without it."""
    story = story_of(context)
    saved = _saved(story)
    told: set[Estimator] = set()
    for dump in story.dumps:
        missing = _missing(dump, saved)
        if not told.issuperset(missing):
            told.update(missing)
            names = " and ".join(sorted({one.short for one in missing}))
            message = f"the model is saved without the {names} that its rows went through"
            yield context.at(view_at(context, dump.place), dump.place.node, message, hint=_HINT)


def _saved(story: Story) -> set[Estimator]:
    found: set[Estimator] = set()
    pending = [one for dump in story.dumps for one in dump.estimators]
    while pending:
        one = pending.pop()
        if one not in found:
            found.add(one)
            pending += one.parts
    return found


def _missing(dump: Dump, saved: set[Estimator]) -> list[Estimator]:
    fits = [one.fitted for one in dump.estimators if one.fitted is not None and one.fitted.kind == "model"]
    needed = [cause.estimator for fit in fits for cause in fit.data.taints if cause.kind in ("estimating", "plain")]
    return [one for one in needed if one is not None and one not in saved]
