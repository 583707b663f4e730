"""Models and the rows that they are judged on, and what went from these into the training."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from nb2prod.lint.provenance.events import CrossValidation, Evaluation, Fit, Resample, Split, Story
from nb2prod.lint.provenance.library import role_of, words
from nb2prod.lint.provenance.rows import TEST, TRAIN, Rows, covers, down, overlaps, splits_above, up
from nb2prod.lint.provenance.tables import leakage
from nb2prod.lint.provenance.values import Literal, Taints

_VALIDATION = frozenset({"val", "valid", "validation", "validate", "dev", "eval", "cv", "xval", "yval"})


@dataclass(frozen=True, slots=True)
class Pair:
    """A fit of a model and rows that it was not fitted on. `evaluation`: None where they are only set apart for it."""

    fit: Fit
    rows: Rows
    taints: Taints
    evaluation: Evaluation | None


@dataclass(frozen=True, slots=True)
class Leak:
    """An estimate over rows of both sides. `split`: what set the sides apart, if it is known."""

    cause: Fit
    pair: Pair
    split: Split | None


def pairs(story: Story) -> Iterator[Pair]:
    """Every model with every set of rows that it met or that was kept from it, apart from what it was fitted on."""
    for one in story.evaluations:
        if one.fit.kind == "model" and _is_judged(one) and not overlaps(one.fit.rows, one.data.rows):
            yield Pair(one.fit, one.data.rows, one.data.taints, one)
    for fit in story.fits:
        if fit.kind == "model":
            for part in splits_above(fit.rows):
                yield from (Pair(fit, rows, {}, None) for rows in siblings(part))


def _is_judged(one: Evaluation) -> bool:
    """Whether the model is judged on the rows, or they are called test rows: predictions may only fill gaps."""
    rows = one.data.rows
    return one.scored or rows.known_role == TEST or any(role_of(part.label) == TEST for part in up(rows))


def siblings(part: Rows) -> tuple[Rows, ...]:
    """The test parts that a split set apart from a train part."""
    if part.role != TRAIN or part.parent is None:
        return ()
    return tuple(one for one in part.parent.parts.values() if one.split is part.split and one.role == TEST)


def leaks(story: Story) -> list[Leak]:
    """Each cause once, in document order, with the first pair that shows it: best one that a split set apart."""
    held_out = _evaluated_tests(story)
    found: dict[Fit, Leak] = {}
    for pair in pairs(story):
        for cause in {**pair.fit.data.taints, **pair.taints}:
            known = found.get(cause)
            if known is not None and known.split is not None:
                continue
            if _is_leak(cause, pair) and not is_held_out(cause.rows, held_out):
                split = separating(pair)
                if known is None or split is not None:
                    found[cause] = Leak(cause, pair, split)
    return sorted(found.values(), key=lambda leak: leak.cause.order)


def _is_leak(cause: Fit, pair: Pair) -> bool:
    if not cause.leaks or cause is pair.fit or pair.rows.aggregate:
        return False
    return overlaps(cause.rows, pair.rows) and overlaps(cause.rows, pair.fit.rows)


def _evaluated_tests(story: Story) -> frozenset[Rows]:
    """The test parts of splits that some model met."""
    met = {rows for one in story.evaluations for rows in up(one.data.rows)}
    return frozenset(rows for rows in met if rows.split is not None and rows.role == TEST)


def is_held_out(rows: Rows, tests: frozenset[Rows]) -> bool:
    """Whether other rows were kept for the judgement, that these have no part in."""
    return any(test in tests for part in splits_above(rows) for test in siblings(part) if _is_holdout(part))


def _is_holdout(part: Rows) -> bool:
    return isinstance(part.split, Split) and part.split.kind == "holdout"


def separating(pair: Pair) -> Split | None:
    """The split that set the two sides apart."""
    for part in splits_above(pair.fit.rows):
        if isinstance(part.split, Split) and any(covers(test, pair.rows) for test in siblings(part)):
            return part.split
    return None


def is_joined(cause: Fit) -> bool:
    """Whether it saw a union of rows that are called train and test."""
    if role_of(cause.data.name) == TRAIN:
        return False
    return any({one.known_role for one in rows.components} >= {TRAIN, TEST} for rows in up(cause.rows))


# ── resampling ───────────────────────────────────────────────────────────────


def resampled_before(story: Story) -> Iterator[tuple[Resample, Pair]]:
    """Resampling whose rows came to lie on both sides; each once."""
    seen: set[Resample] = set()
    for pair in pairs(story):
        for event in pair.fit.data.dups - seen:
            if any(event.rows in down(rows) for rows in up(pair.rows)):
                seen.add(event)
                yield event, pair


# ── cross-validation ─────────────────────────────────────────────────────────


def _judged_otherwise(story: Story, one: CrossValidation) -> bool:
    """Whether a model that was fitted on these rows is scored on others, that were kept for it."""
    if is_held_out(one.data.rows, _evaluated_tests(story)):
        return True
    return any(
        met.scored and met.fit.kind == "model" and met.data.rows.known_role == TEST and not _is_fold(met.data.rows)
        for met in story.evaluations
        if overlaps(met.fit.rows, one.data.rows) and not overlaps(met.data.rows, one.data.rows)
    )


def _is_fold(rows: Rows) -> bool:
    return any(isinstance(part.split, Split) and part.split.kind == "folds" for part in splits_above(rows))


def cross_validated_leaks(story: Story, known: set[Fit]) -> Iterator[tuple[Fit, CrossValidation]]:
    """Estimates over the rows that are then cut into folds, where nothing else was held out."""
    for one in story.cross_validations:
        if _judged_otherwise(story, one):
            continue
        for cause in one.data.taints:
            if cause.leaks and cause not in known and overlaps(cause.rows, one.data.rows):
                known.add(cause)
                yield cause, one


def cross_validated_resampling(story: Story) -> Iterator[tuple[Resample, CrossValidation]]:
    """Rows made of other rows that are then cut into folds."""
    seen: set[Resample] = set()
    for one in story.cross_validations:
        if not _judged_otherwise(story, one):
            for event in one.data.dups - seen:
                seen.add(event)
                yield event, one


# ── one set of rows for many models ──────────────────────────────────────────


def is_validation(one: Evaluation) -> bool:
    """Whether its rows are called validation rows."""
    return any(_VALIDATION & set(words(rows.label)) for rows in up(one.data.rows))


def model_key(one: Evaluation) -> object:
    """The same for models that only differ by the round of a loop that changes nothing in them."""
    model = one.model
    if model.varies:
        return id(model), model.version
    settings = [(name, str(value.value)) for name, value in model.parameters.items() if isinstance(value, Literal)]
    return model.place, model.cls, tuple(settings), model.version


def is_tuned(one: Evaluation) -> bool:
    """Whether a loop makes the model anew with other settings and scores it on the same rows each time."""
    inside = set(one.loops) - set(one.data.rows.loops)
    return one.model.varies and bool(inside & set(one.fit.loops))


def judged(story: Story) -> dict[Rows, list[Evaluation]]:
    """For each set of rows that models were not fitted on: their scores on it, baselines left out."""
    found: dict[Rows, list[Evaluation]] = {}
    for one in story.evaluations:
        if one.scored and _is_rival(one) and not overlaps(one.fit.rows, one.data.rows):
            found.setdefault(_set_of(one.data.rows), []).append(one)
    return found


def _is_rival(one: Evaluation) -> bool:
    return one.fit.kind == "model" and one.model.short not in leakage().baselines


def _set_of(rows: Rows) -> Rows:
    """The split's part that the rows lie in; filters of it are still the same test set."""
    return next((part for part in splits_above(rows)), rows)
