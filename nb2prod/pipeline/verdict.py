"""What the proof found."""

from __future__ import annotations

from dataclasses import dataclass

SAME = "same"
SEEDED = "same when seeded"
DIFFERENT = "different"
UNVERIFIED = "unverified"

NOT_RUN = "not run"
"""The reason of a verdict that nobody asked for."""

OVER_BUDGET = "over budget"
"""How the reason begins where the time did not suffice for all stages."""

TRUSTED = "trusted"
"""How the reason begins where somebody asked to leave stages unproved."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that pipeline and notebook do not agree on. `what`: variable, output, file, error."""

    stage: str
    what: str
    name: str
    notebook: str
    pipeline: str
    cell: int | None = None

    def sentence(self) -> str:
        """For people."""
        where = f" ({self.what})" if self.what != "error" else ""
        return f"stage `{self.stage}`, {self.name}{where}: notebook {self.notebook}, pipeline {self.pipeline}"


@dataclass(frozen=True, slots=True)
class StageEvidence:
    """How much of a stage was compared, and what could not be: opaque values by name."""

    stage: str
    variables: int
    outputs: int
    files: int
    opaque: tuple[str, ...] = ()
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """`state` is one of same, same when seeded, different, unverified; `reason` says why where it is not `same`."""

    state: str
    stages: tuple[StageEvidence, ...] = ()
    reason: str = ""

    @property
    def is_success(self) -> bool:
        """Whether the pipeline may be handed over."""
        return self.state in (SAME, SEEDED)

    @property
    def differences(self) -> tuple[Difference, ...]:
        """All of them, in the order of the stages."""
        return tuple(difference for stage in self.stages for difference in stage.differences)
