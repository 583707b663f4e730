"""What `production.yaml` says, as records. None: nobody has said it yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

VERSION = 1
FILE = "production.yaml"

Scalar = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Consumer:
    """Who uses the predictions, and in which form they get them."""

    who: str
    form: str | None = None


@dataclass(frozen=True, slots=True)
class Owner:
    """Who answers for it after the release: a name or a team, how to reach them, who is called next."""

    name: str | None = None
    contact: str | None = None
    escalation: str | None = None


@dataclass(frozen=True, slots=True)
class PersonalData:
    """Whether there are any, where, on which legal basis, and where the record of the processing is."""

    present: bool | None = None
    columns: tuple[str, ...] = ()
    legal_basis: str | None = None
    privacy_record: str | None = None


@dataclass(frozen=True, slots=True)
class Model:
    """`artifact`: the file, relative to the pipeline. `function`: `package.module:name`, None for the model's own
    `predict`.
    """

    artifact: str | None = None
    function: str | None = None
    kind: Literal["classification", "regression", "ranking"] | None = None


@dataclass(frozen=True, slots=True)
class Input:
    """The columns of a frame that is predicted. `features` None: all but id and target, in training's order."""

    id: str | None = None
    features: tuple[str, ...] | None = None
    target: str | None = None


@dataclass(frozen=True, slots=True)
class Output:
    """`positive`: the label that a score is about. `threshold`: scores from it on are decided for that label.
    `review`: (low, high), both included: scores between them go to a person.
    """

    form: Literal["score", "decision", "ranking", "value"] | None = None
    positive: Scalar | None = None
    threshold: float | None = None
    review: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Holdout:
    """Data that training never saw. `data`: a frame's artifact; `target`: a column of it, or an artifact of its own
    (with a `/`); `features`: the artifact that lists the model's columns, or holds them as a frame with `data`'s rows.
    """

    data: str | None = None
    target: str | None = None
    features: str | None = None


@dataclass(frozen=True, slots=True)
class Training:
    """What the model was fitted on, written as the hold-out is. `inputs`: the same rows before any feature was made."""

    data: str | None = None
    target: str | None = None
    inputs: str | None = None


@dataclass(frozen=True, slots=True)
class Baseline:
    """What the first version has to beat: a model's artifact, or a value of the gate's metric."""

    artifact: str | None = None
    value: float | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """A behaviour: what must be answered (`expect`: decision, score_min, score_max, value_min, value_max) to `input`.
    `like`: the hold-out's row that gives the columns that `input` leaves out, counted from 0.
    """

    name: str
    input: Mapping[str, Any]
    expect: Mapping[str, Any]
    like: int | None = None


@dataclass(frozen=True, slots=True)
class Gate:
    """What a version must meet. `minimum_effect`: how much better than the champion, in the metric's unit; below 0, how
    much worse it may be. `slice_tolerance`: how much worse a slice may be than the champion's. Latency: milliseconds
    for one row, median. Size: megabytes (10⁶ bytes) of the artifact.
    """

    metric: str | None = None
    direction: Literal["higher", "lower"] | None = None
    minimum_effect: float = 0.0
    confidence: float = 0.95
    slices: tuple[str, ...] = ()
    slice_tolerance: float = 0.05
    cases: tuple[Case, ...] = ()
    latency_ms: float | None = None
    size_mb: float | None = None
    approver: bool = False


@dataclass(frozen=True, slots=True)
class Validation:
    """What happens to rows that break the schema, and the file that holds it."""

    on_violation: Literal["stop", "quarantine"] = "stop"
    schema: str = "schema.yaml"


@dataclass(frozen=True, slots=True)
class Log:
    """What the prediction log keeps of a row, and for how many days."""

    inputs: Literal["hash", "whole", "none"] = "hash"
    retention_days: int = 365


@dataclass(frozen=True, slots=True)
class Monitoring:
    """When somebody is told. `drift`: the largest PSI of a feature; `freshness_days`: the data's age; `volume`: (least,
    most) rows a day; `alerts`: who is told.
    """

    drift: float | None = None
    freshness_days: float | None = None
    volume: tuple[int, int] | None = None
    alerts: str | None = None


@dataclass(frozen=True, slots=True)
class Contract:
    """All of `production.yaml`."""

    name: str | None = None
    decision: str | None = None
    consumers: tuple[Consumer, ...] = ()
    owner: Owner = field(default_factory=Owner)
    schedule: str | None = None
    failure: str | None = None
    retrain: str | None = None
    retire: str | None = None
    personal_data: PersonalData = field(default_factory=PersonalData)
    oversight: str | None = None
    model: Model = field(default_factory=Model)
    input: Input = field(default_factory=Input)
    output: Output = field(default_factory=Output)
    holdout: Holdout = field(default_factory=Holdout)
    training: Training = field(default_factory=Training)
    baseline: Baseline | None = None
    gate: Gate = field(default_factory=Gate)
    validation: Validation = field(default_factory=Validation)
    log: Log = field(default_factory=Log)
    monitoring: Monitoring = field(default_factory=Monitoring)
    environments: tuple[str, ...] = ("production", "staging", "dev")

    @property
    def target_columns(self) -> tuple[str, ...]:
        """Columns of training's and held-out rows that hold the truth: no input has them."""
        named = (self.input.target, self.training.target, self.holdout.target)
        return tuple(dict.fromkeys(one for one in named if one and "/" not in one))
