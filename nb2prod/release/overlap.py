"""Whether the hold-out was held out: which stages could read it, and which of its rows training saw."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from nb2prod.contract.model import Contract
from nb2prod.errors import Refused

_ROWS = (".parquet", ".csv", ".tsv", ".npy", ".pkl", ".joblib")


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage in `dvc.lock`: path → MD5 of what it reads and makes, paths relative to the pipeline; its parameters."""

    name: str
    deps: Mapping[str, str]
    outs: Mapping[str, str]
    params: Mapping[str, Any] = field(default_factory=dict)


class NotHeldOut(Refused):
    """The hold-out was seen by training, or that it was not cannot be shown."""


def training_stage(stages: Iterable[Stage], artifact: str) -> Stage:
    """The stage that makes the model. Raises Refused where none does."""
    found = next((one for one in stages if artifact in one.outs), None)
    if found is None:
        raise Refused(
            f"no stage of dvc.lock makes the contract's model {artifact}",
            hint="correct `model.artifact`, or run the pipeline",
        )
    return found


def seen_by(stage: Stage, stages: Iterable[Stage], contract: Contract) -> dict[str, str]:
    """The artifacts with rows that the stage that makes the model reads: path → MD5.

    Raises NotHeldOut where the hold-out is among them, Refused where what the model was fitted on is not.
    """
    held = {one for one in (contract.holdout.data, contract.holdout.target) if one and "/" in one}
    for path in sorted(held):
        if path in stage.deps:
            raise NotHeldOut(
                f"stage `{stage.name}` makes the model and reads the hold-out {path}: training saw it",
                hint="evaluate in a stage of its own, and fit on training data only",
            )
        if path in stage.outs:
            raise NotHeldOut(
                f"stage `{stage.name}` makes both the model and the hold-out {path}: that training did not see it "
                "cannot be shown",
                hint="split in one stage and fit in another: tag the cells `stage:split` and `stage:train`",
            )
    training = contract.training.data
    made = {path for one in stages for path in one.outs}
    read = {path: md5 for path, md5 in stage.deps.items() if posixpath.splitext(path)[1] in _ROWS and path in made}
    if training is None:
        raise Refused(
            "production.yaml does not say what the model was fitted on: that the hold-out was held out cannot be shown",
            hint="fill in `training.data` (and `training.target`)",
        )
    if training not in stage.deps:
        raise Refused(
            f"stage `{stage.name}` makes the model, but does not read the contract's training data {training}",
            hint=f"it reads {', '.join(sorted(read)) or 'no artifact'}: correct `training.data`",
        )
    return read


@dataclass(frozen=True, slots=True)
class Overlap:
    """What the comparison of rows said of one artifact. Empty `said`: nothing against the hold-out."""

    artifact: str
    said: str


def judged(artifact: str, found: Mapping[str, Any], *, is_training: bool) -> Overlap:
    """One artifact that training read. Rows that are only alike are usual where training's own rows are so too."""
    if not found["comparable"]:
        unknown = f"{artifact} has no columns in common with the hold-out: that they share no rows cannot be shown"
        return Overlap(artifact, unknown if is_training else "")
    rows, same = found["rows"], found["same"]
    if same:
        where = ", ".join(str(one) for one in found["examples"])
        return Overlap(
            artifact, f"training saw {same} of the hold-out's {rows} rows, in {artifact} (e.g. rows {where})"
        )
    alike = found["alike"] / rows if rows else 0.0
    if alike > usual_at_most(found["usual"], rows):
        return Overlap(
            artifact,
            f"{found['alike']} of the hold-out's {rows} rows have a double of another name in {artifact}, where "
            f"{found['usual']:.1%} of the rows have one",
        )
    return Overlap(artifact, "")


def usual_at_most(share: float, rows: int) -> float:
    """Doubles that come about by themselves, with three standard deviations for chance."""
    return share + 3 * float((share * (1 - share) / max(rows, 1)) ** 0.5)
