"""The gate: what was measured on the hold-out → conditions, each met or failed by how much.

1. Both are judged on the same rows, which neither was fitted on (`pairing` finds them).
2. `metric`: the paired difference; its lower bound must reach the minimum effect. Better, and not by chance.
3. `slices`, `cases`, `skew`, `latency`, `size`, `approver`: as far as the contract asks for them.

The rival is the champion; for the first version the contract's baseline (another artifact, or a value of the metric);
where it names none, a dummy that knows only how common the labels are, or the mean.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np

from nb2prod.contract.model import Contract
from nb2prod.errors import Refused, UsageError
from nb2prod.release.cases import judged
from nb2prod.release.comparison import Comparison, Estimate, compare
from nb2prod.release.metrics import Metric, metric_of
from nb2prod.release.slices import Slice, by_slice

#: Fewer rows tell nothing of two models.
LEAST_ROWS = 30


@dataclass(frozen=True, slots=True)
class Scored:
    """What a model answered on the hold-out. `milliseconds`: median of one row. `size`: bytes of the artifact."""

    truth: Any
    score: Any = None
    decision: Any = None
    value: Any = None
    groups: Mapping[str, Any] = field(default_factory=dict)
    cases: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    milliseconds: float | None = None
    size: int = 0

    def taken(self, rows: Any) -> Scored:
        """The same of some rows only, in their order."""

        def some(values: Any) -> Any:
            return None if values is None else np.asarray(values)[rows]

        groups = {name: some(one) for name, one in self.groups.items()}
        taken = {name: some(getattr(self, name)) for name in ("truth", "score", "decision", "value")}
        return replace(self, groups=groups, **taken)

    def of(self, needs: str) -> Any:
        """Score, decision or value, as the metric needs it. Raises Refused where the model gives none."""
        found = getattr(self, needs)
        if found is None:
            raise Refused(
                f"the model gives no {needs}, which the gate's metric needs",
                hint="choose another `gate.metric`; a decision among more than two labels is `output.form: value`: the "
                "model answers the label",
            )
        return found


@dataclass(frozen=True, slots=True)
class Rival:
    """Who is challenged. `what`: `v1`, `the baseline …`, `a dummy`. `scored`: its answers on the same rows, or `value`.
    `version`: the champion's number. `rows`: how the rows were found that neither was fitted on.
    """

    what: str
    scored: Scored | None = None
    value: float | None = None
    version: int | None = None
    rows: str = "the hold-out"


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of the gate. `measured`, `wanted`: in the condition's unit; `short_by`: how far it failed."""

    name: str
    passed: bool
    sentence: str
    measured: float | None = None
    wanted: float | None = None
    short_by: float | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The gate's answer. `against`: the rival. `estimate`: the challenger's metric; `difference`: how much better."""

    against: str
    against_version: int | None
    metric: str
    rows: int
    estimate: Estimate
    rival: Estimate | None
    difference: Estimate
    conditions: tuple[Condition, ...]
    slices: tuple[Slice, ...] = ()
    which_rows: str = ""

    @property
    def passed(self) -> bool:
        """Whether every condition is met."""
        return all(one.passed for one in self.conditions)

    @property
    def sentence(self) -> str:
        """In one line."""
        at = f"{self.metric} {_number(self.estimate.value)} on {self.rows} rows, against {self.against}"
        failed = [one for one in self.conditions if not one.passed]
        return (
            f"passed its gate: {at}" if not failed else f"failed its gate ({', '.join(c.name for c in failed)}): {at}"
        )

    def plain(self) -> dict[str, Any]:
        """Plain data, as the version's tag and the evidence hold it."""
        data = _without_nan(asdict(self))
        return {"passed": self.passed, "sentence": self.sentence, **data}

    def but(self, *conditions: Condition) -> Verdict:
        """With further conditions."""
        return replace(self, conditions=(*self.conditions, *conditions))


def judge(contract: Contract, challenger: Scored, rival: Rival) -> Verdict:
    """The verdict, both on the same rows, which neither was fitted on.

    Raises Refused where they are too few to compare on, UsageError for a metric that is none.
    """
    gate = contract.gate
    metric = direction_checked(contract)
    rows = len(challenger.truth)
    if rows < LEAST_ROWS:
        raise Refused(
            f"only {rows} rows of the hold-out were seen by neither training: too few to compare",
            hint=f"at least {LEAST_ROWS} are needed: keep the split from one version to the next, or hold out more",
        )
    positive = contract.output.positive
    truth, ours = _prepared(metric, challenger, positive)
    theirs = _rival_values(metric, rival, positive)
    compared = compare(metric, truth, ours, theirs, gate.confidence)
    slices = tuple(by_slice(metric, truth, ours, theirs, challenger.groups)) if challenger.groups else ()
    conditions = [
        _metric(metric, compared, rival.what, gate.minimum_effect, gate.confidence),
        *([_slices(slices, gate.slice_tolerance)] if gate.slices else []),
        *([_cases(contract, challenger)] if gate.cases else []),
        *_limits(contract, challenger),
    ]
    return Verdict(
        rival.what,
        rival.version,
        metric.name,
        rows,
        compared.challenger,
        compared.champion,
        compared.difference,
        tuple(conditions),
        slices,
        rival.rows,
    )


def direction_checked(contract: Contract) -> Metric:
    """The contract's metric. Raises UsageError where it names none, or says that the other way is better."""
    if contract.gate.metric is None:
        raise UsageError(
            "production.yaml does not say by which metric versions are compared",
            hint="fill in `gate.metric`, e.g. roc_auc",
        )
    metric = metric_of(contract.gate.metric)
    if contract.gate.direction not in (None, metric.direction):
        raise UsageError(
            f"production.yaml: `gate.direction` is {contract.gate.direction}, but {metric.direction} is better",
            hint=f"remove it: that is known of {metric.name}",
        )
    return metric


def dummy(contract: Contract, training_truth: Any, held: Scored) -> Rival:
    """What knows nothing of a row: the share of the positive label, the commonest label, or the mean, of training."""
    rows, metric = len(held.truth), direction_checked(contract)
    if metric.needs == "value":
        scored = Scored(held.truth, value=np.full(rows, float(np.mean(training_truth))))
        return Rival("a dummy that answers the mean", scored)
    labels, counts = np.unique(training_truth, return_counts=True)
    commonest = np.full(rows, labels[counts.argmax()])
    if metric.needs == "decision" and not metric.two_classes:
        return Rival("a dummy that answers what is commonest", Scored(held.truth, decision=commonest))
    positive = _positive(labels, contract.output.positive)
    share = counts[np.flatnonzero(labels == positive)[0]] / counts.sum()
    scored = Scored(held.truth, score=np.full(rows, share), decision=commonest)
    return Rival("a dummy that answers what is commonest", scored)


def _prepared(metric: Metric, scored: Scored, positive: Any) -> tuple[Any, Any]:
    truth, found = np.asarray(scored.truth), np.asarray(scored.of(metric.needs))
    if not metric.two_classes:
        return truth, found
    label = _positive(np.unique(scored.truth), positive)
    found = (found == label).astype(float) if metric.needs == "decision" else found
    return (truth == label).astype(float), found


def _rival_values(metric: Metric, rival: Rival, positive: Any) -> Any:
    if rival.scored is None:
        assert rival.value is not None
        return float(rival.value)
    return _prepared(metric, rival.scored, positive)[1]


def _positive(labels: Any, positive: Any) -> Any:
    """The label that a score is about: the contract's, else the greater of two."""
    if positive is None:
        if len(labels) > 2:
            raise UsageError(
                f"the truth has {len(labels)} labels, and production.yaml names none of them as positive",
                hint="fill in `output.positive`, or choose accuracy or balanced_accuracy",
            )
        return labels[-1]
    found = [one for one in labels if one == positive or str(one) == str(positive)]
    if not found:
        raise UsageError(
            f"production.yaml: `output.positive` is {positive!r}, which is no label of the truth",
            hint=f"it has {', '.join(str(one) for one in labels[:5])}",
        )
    return found[0]


def _metric(metric: Metric, compared: Comparison, rival: str, effect: float, confidence: float) -> Condition:
    at, better = compared.challenger, compared.difference
    passed = better.low >= effect  # False for NaN, too
    other = f" ({_number(compared.champion.value)})" if compared.champion else ""
    sentence = (
        f"{metric.name} {_number(at.value)} [{_number(at.low)}, {_number(at.high)}] against {rival}{other}: better by "
        f"{better.value:+.4f} [{better.low:+.4f}, {better.high:+.4f}]"
    )
    if not passed:
        sentence += (
            f"; at {confidence:.0%} confidence at least {effect:+.4f} is wanted, short by {effect - better.low:.4f}"
        )
    return Condition("metric", passed, sentence, better.low, effect, None if passed else effect - better.low)


def _slices(slices: tuple[Slice, ...], tolerance: float) -> Condition:
    judged_ones = [one for one in slices if one.worse_by is not None]
    bad = [one for one in judged_ones if one.worse_by is not None and one.worse_by > tolerance]
    worst = max((one.worse_by for one in judged_ones if one.worse_by is not None), default=None)
    if not judged_ones:
        said = f"none of {len(slices)} groups has rows enough to judge: name columns with larger groups"
        return Condition("slices", False, said, None, tolerance)
    if not bad:
        left = len(slices) - len(judged_ones)
        few = f"; {left} with too few rows to judge" if left else ""
        said = f"{len(judged_ones)} groups, none worse by more than {tolerance:g}{few}"
        return Condition("slices", True, said, worst, tolerance)
    said = "; ".join(
        f"{one.column} = {one.group} ({one.rows} rows): {_number(one.challenger)}, worse by {one.worse_by:.4f}"
        for one in bad
    )
    return Condition(
        "slices", False, f"{said}; at most {tolerance:g} is allowed", worst, tolerance, _over(worst, tolerance)
    )


def _cases(contract: Contract, scored: Scored) -> Condition:
    outcomes = [judged(one, scored.cases.get(one.name, {})) for one in contract.gate.cases]
    wrong = [f"{one.name}: {one.said}" for one in outcomes if one.said]
    total = len(outcomes)
    said = "; ".join(wrong) if wrong else f"{total} of {total} as expected"
    return Condition("cases", not wrong, said, total - len(wrong), total, len(wrong) or None)


def _limits(contract: Contract, scored: Scored) -> list[Condition]:
    found = []
    for name, limit, at, unit in (
        ("latency", contract.gate.latency_ms, scored.milliseconds, "ms for one row"),
        ("size", contract.gate.size_mb, scored.size / 1e6, "MB"),
    ):
        if limit is not None and at is None:
            found.append(Condition(name, False, "it could not be measured", None, limit))
        elif limit is not None and at is not None:
            passed = at <= limit
            said = f"{at:.3g} {unit}, at most {limit:g}" + ("" if passed else f": over by {at - limit:.3g}")
            found.append(Condition(name, passed, said, at, limit, None if passed else at - limit))
    return found


def _over(worst: float | None, tolerance: float) -> float | None:
    return None if worst is None else worst - tolerance


def _number(value: float | None) -> str:
    return "unknown" if value is None or math.isnan(value) else f"{value:.4f}"


def _without_nan(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nan(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
