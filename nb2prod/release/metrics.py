"""The metrics that versions are compared by: what of a prediction each needs, and which way is better."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from nb2prod.errors import UsageError

#: (truth, prediction, weights) → the metric. Truth is 0 or 1 for scores and decisions of two classes.
Measure = Callable[[Any, Any, Any], float]


@dataclass(frozen=True, slots=True)
class Metric:
    """`needs`: score, decision or value. `two_classes`: truth and decision become 1 for the positive label, else 0."""

    name: str
    needs: Literal["score", "decision", "value"]
    direction: Literal["higher", "lower"]
    measure: Measure
    two_classes: bool = False

    @property
    def sign(self) -> int:
        """1 where more is better."""
        return 1 if self.direction == "higher" else -1


def metric_of(name: str) -> Metric:
    """Raises UsageError for a name that is none."""
    if name not in METRICS:
        close = difflib.get_close_matches(name, METRICS, n=1)
        raise UsageError(
            f"production.yaml: `gate.metric` is {name!r}{f'; did you mean `{close[0]}`?' if close else ''}",
            hint=f"write one of {', '.join(METRICS)}",
        )
    return METRICS[name]


def _roc_auc(truth: Any, score: Any, weight: Any) -> float:
    """The share of pairs that are ranked right, half for ties."""
    order = np.argsort(score, kind="stable")
    score, positive = score[order], (truth * weight)[order]
    negative = weight[order] - positive
    ends = np.flatnonzero(np.append(np.diff(score) != 0, True))
    positives, negatives = np.diff(np.cumsum(positive)[ends], prepend=0), np.diff(np.cumsum(negative)[ends], prepend=0)
    pairs = positives.sum() * negatives.sum()
    below = np.cumsum(negatives) - negatives
    return float((positives * (below + negatives / 2)).sum() / pairs) if pairs else float("nan")


def _average_precision(truth: Any, score: Any, weight: Any) -> float:
    order = np.argsort(-score, kind="stable")
    score, found, seen = score[order], np.cumsum((truth * weight)[order]), np.cumsum(weight[order])
    ends = np.flatnonzero(np.append(np.diff(score) != 0, True))
    if not found[-1]:
        return float("nan")
    recall, precision = found[ends] / found[-1], found[ends] / np.maximum(seen[ends], 1e-300)
    return float((np.diff(recall, prepend=0) * precision).sum())


def _mean(loss: Callable[[Any, Any], Any]) -> Measure:
    return lambda truth, found, weight: float(np.average(loss(truth, found), weights=weight))


def _log_loss(truth: Any, score: Any) -> Any:
    kept = np.clip(score, 1e-15, 1 - 1e-15)
    return -np.where(truth == 1, np.log(kept), np.log(1 - kept))


def _rmse(truth: Any, value: Any, weight: Any) -> float:
    return float(np.sqrt(np.average((truth - value) ** 2, weights=weight)))


def _r2(truth: Any, value: Any, weight: Any) -> float:
    spread = np.average((truth - np.average(truth, weights=weight)) ** 2, weights=weight)
    return float(1 - np.average((truth - value) ** 2, weights=weight) / spread) if spread else float("nan")


def _share(of: Callable[[Any, Any], Any], among: Callable[[Any, Any], Any]) -> Measure:
    """The share of the rows in `among` that are in `of`."""

    def measure(truth: Any, found: Any, weight: Any) -> float:
        total = (weight * among(truth, found)).sum()
        return float((weight * of(truth, found)).sum() / total) if total else float("nan")

    return measure


def _f1(truth: Any, found: Any, weight: Any) -> float:
    right = (weight * (truth * found)).sum()
    total = (weight * truth).sum() + (weight * found).sum()
    return float(2 * right / total) if total else float("nan")


def _balanced(truth: Any, found: Any, weight: Any) -> float:
    shares = [
        np.average(found[truth == one] == one, weights=weight[truth == one])
        for one in np.unique(truth)
        if weight[truth == one].sum()
    ]
    return float(np.mean(shares)) if shares else float("nan")


_ALL = (
    Metric("roc_auc", "score", "higher", _roc_auc, True),
    Metric("average_precision", "score", "higher", _average_precision, True),
    Metric("log_loss", "score", "lower", _mean(_log_loss), True),
    Metric("brier", "score", "lower", _mean(lambda truth, score: (truth - score) ** 2), True),
    Metric("accuracy", "decision", "higher", _mean(lambda truth, found: truth == found)),
    Metric("balanced_accuracy", "decision", "higher", _balanced),
    Metric("f1", "decision", "higher", _f1, True),
    Metric("precision", "decision", "higher", _share(lambda t, f: t * f, lambda _, f: f), True),
    Metric("recall", "decision", "higher", _share(lambda t, f: t * f, lambda t, _: t), True),
    Metric("rmse", "value", "lower", _rmse),
    Metric("mae", "value", "lower", _mean(lambda truth, value: np.abs(truth - value))),
    Metric("r2", "value", "higher", _r2),
)
METRICS = {one.name: one for one in _ALL}
