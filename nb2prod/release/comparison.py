"""A metric with its interval, and the difference of two models on the same rows with its own.

Rows are drawn with replacement, the same rows for both models: what makes a row hard, makes it hard for both, and
cancels. The draws are the same from run to run.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from nb2prod.release.metrics import Metric


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value, and the percentile interval of its bootstrap at the contract's confidence."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """`difference`: how much *better* the challenger is, whichever way the metric goes; None without a rival's rows."""

    challenger: Estimate
    champion: Estimate | None
    difference: Estimate


def compare(metric: Metric, truth: Any, challenger: Any, champion: Any, confidence: float) -> Comparison:
    """Both on the same rows. `champion`: its predictions, or a number that the metric has to beat."""
    ours, theirs = _Draws(metric, truth, challenger), _Draws(metric, truth, champion)
    ours_at, theirs_at = ours.all(), theirs.all()
    difference = metric.sign * (ours_at - theirs_at)
    return Comparison(
        _estimate(ours.value, ours_at, confidence),
        None if theirs.is_number else _estimate(theirs.value, theirs_at, confidence),
        _estimate(metric.sign * (ours.value - theirs.value), difference, confidence),
    )


class _Draws:
    def __init__(self, metric: Metric, truth: Any, predicted: Any) -> None:
        self._metric, self._truth, self._predicted = metric, truth, predicted
        self.is_number = isinstance(predicted, int | float)
        self.value = float(predicted) if self.is_number else metric.measure(truth, predicted, np.ones(len(truth)))

    def all(self) -> Any:
        """The metric of each draw."""
        times = draws_for(len(self._truth))
        if self.is_number:
            return np.full(times, self.value)
        random = np.random.default_rng(20_261_121)
        rows = len(self._truth)
        weights = (np.bincount(random.integers(0, rows, rows), minlength=rows).astype(float) for _ in range(times))
        return np.array([self._metric.measure(self._truth, self._predicted, weight) for weight in weights])


def draws_for(rows: int) -> int:
    """Fewer where each costs more and says more."""
    return 1000 if rows <= 20_000 else 400 if rows <= 200_000 else 200


def _estimate(value: float, drawn: Any, confidence: float) -> Estimate:
    known = drawn[~np.isnan(drawn)]
    if not len(known):
        return Estimate(value, float("nan"), float("nan"))
    low, high = np.quantile(known, [(1 - confidence) / 2, (1 + confidence) / 2])
    return Estimate(value, float(low), float(high))
