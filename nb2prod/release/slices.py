"""The metric by group of a column, challenger beside champion: no group may become worse unseen."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from nb2prod.release.metrics import Metric

#: A group of fewer rows is told, not judged: one row more or less would decide.
LEAST_ROWS = 20


@dataclass(frozen=True, slots=True)
class Slice:
    """One group. `worse_by`: how much worse than the champion's, negative where better; None where it is not judged."""

    column: str
    group: str
    rows: int
    challenger: float | None
    champion: float | None
    worse_by: float | None


def by_slice(metric: Metric, truth: Any, challenger: Any, champion: Any, groups: Mapping[str, Any]) -> list[Slice]:
    """Every group of every column, in their order. `champion`: predictions, or a number for all groups."""
    return [
        one for column, labels in groups.items() for one in _column(metric, truth, challenger, champion, column, labels)
    ]


def _column(metric: Metric, truth: Any, challenger: Any, champion: Any, column: str, labels: Any) -> list[Slice]:
    ours = _frame(metric, truth, challenger, labels)
    theirs = None if isinstance(champion, int | float) else _frame(metric, truth, champion, labels)
    found = []
    for group, rows in zip(*np.unique(labels, return_counts=True), strict=True):
        value = _known(ours[group])
        other = float(champion) if theirs is None else _known(theirs[group])
        judged = value is not None and other is not None and rows >= LEAST_ROWS
        worse = metric.sign * (other - value) if judged else None  # type: ignore[operator]  # neither is None
        found.append(Slice(column, str(group), int(rows), value, other, worse))
    return found


def _frame(metric: Metric, truth: Any, predicted: Any, labels: Any) -> Any:
    """Fairlearn's frame of the metric by group."""
    from fairlearn.metrics import MetricFrame

    def measure(y_true: Any, y_pred: Any) -> float:
        true, found = np.asarray(y_true), np.asarray(y_pred)
        return metric.measure(true, found, np.ones(len(true)))

    return MetricFrame(metrics=measure, y_true=truth, y_pred=predicted, sensitive_features=labels).by_group


def _known(value: Any) -> float | None:
    return None if math.isnan(float(value)) else float(value)
