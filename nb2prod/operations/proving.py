"""Prove a pipeline stage by stage; on a difference repair it and go on where it differed."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace

from nb2prod.adapters.kernels import Start, stage_file
from nb2prod.operations.observe import OBSERVED, OTHER, OTHER_SEED
from nb2prod.operations.progress import Progress
from nb2prod.operations.project import Project
from nb2prod.operations.prove import Prover, StageProof
from nb2prod.pipeline.build import Request, build
from nb2prod.pipeline.model import Pipeline, Repairs, Stage
from nb2prod.pipeline.repair import next_repair
from nb2prod.pipeline.verdict import DIFFERENT, OVER_BUDGET, SAME, SEEDED, TRUSTED, UNVERIFIED, StageEvidence, Verdict
from nb2prod.pipeline.weight import sentence
from nb2prod.writers.generated import GeneratedFile
from nb2prod.writers.project import stage_files

_ATTEMPTS = 60


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is proved. `budget`: seconds for all of it; a stage that would take more than what is left is not run.

    `trusted`: tagged names of stages that are not run. Nor is, for either reason, what needs a stage that was not.
    """

    budget: float | None = None
    trusted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Proved:
    """The pipeline that the proof ended with, its verdict, and what it departs from the plain one by.

    `unproved`: stages that were not run, for want of time or because they are trusted.
    """

    pipeline: Pipeline
    verdict: Verdict
    repairs: Repairs
    unproved: tuple[str, ...] = ()


@dataclass(slots=True)
class _Findings:
    """What one pass over the stages found.

    `varying`: what differs between two runs of a stage. `seeded`, `timed`: stages that are equal only if random
    numbers, or clocks, start alike. `late`, `trusted`: stages that were not run, for want of time or because somebody
    trusts them.
    """

    evidence: list[StageEvidence] = field(default_factory=list)
    varying: list[str] = field(default_factory=list)
    seeded: list[str] = field(default_factory=list)
    timed: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)
    trusted: list[str] = field(default_factory=list)

    @property
    def unproved(self) -> list[str]:
        """All stages that were not run."""
        return [*self.late, *self.trusted]


def prove_pipeline(
    project: Project, request: Request, prover: Prover, progress: Progress, extent: Extent | None = None
) -> Proved:
    """The verdict on the pipeline that `request` gives, repaired where it differs from the notebook."""
    extent = extent or Extent()
    bounds = _Bounds(None if extent.budget is None else time.monotonic() + extent.budget, frozenset(extent.trusted))
    module = stage_file().read_text(encoding="utf-8")
    for attempt in range(_ATTEMPTS):
        pipeline = build(request)
        for boundary in () if attempt else pipeline.boundaries:
            progress.note(sentence(boundary))
        files = {file.path: file for file in stage_files(pipeline, request.notebook, module)}
        findings = _Findings()
        wrong = next(
            (one for stage in pipeline.stages if (one := _prove(prover, pipeline, files, stage, findings, bounds))),
            None,
        )
        if wrong is None:
            return Proved(pipeline, _verdict(findings), request.repairs, tuple(findings.unproved))
        stage = pipeline.stage(wrong.stage)
        repairs = next_repair(pipeline, stage, wrong.evidence, wrong.failed, request.repairs, request.tree)
        if repairs is None:
            return Proved(pipeline, Verdict(DIFFERENT, (*findings.evidence, wrong.evidence)), request.repairs)
        progress.note(f"{wrong.evidence.differences[0].sentence()}; trying another way")
        request = replace(request, repairs=repairs)
    verdict = Verdict(DIFFERENT, tuple(findings.evidence), f"still different after {_ATTEMPTS} repairs")
    return Proved(pipeline, verdict, request.repairs)


@dataclass(frozen=True, slots=True)
class _Bounds:
    """`until`: when no more stage is started, by the monotonic clock. `trusted`: tagged names."""

    until: float | None
    trusted: frozenset[str]


def _is_left_out(
    prover: Prover,
    pipeline: Pipeline,
    files: dict[str, GeneratedFile],
    stage: Stage,
    findings: _Findings,
    bounds: _Bounds,
) -> bool:
    """Whether the stage is not run, and noted as such: one that needs what was not run, is trusted, or has no time."""
    for found in (findings.trusted, findings.late):
        if _needs(pipeline, stage, found):
            found.append(stage.name)
            return True
    took = sum(prover.observed.observation.seconds.get(index, 0.0) for index in stage.code_cells)
    is_trusted = not bounds.trusted.isdisjoint(stage.tagged)
    is_late = bounds.until is not None and time.monotonic() + took > bounds.until
    if not (is_trusted or is_late) or prover.knows(pipeline, files, stage, OTHER):
        return False
    (findings.trusted if is_trusted else findings.late).append(stage.name)
    return True


def _needs(pipeline: Pipeline, stage: Stage, names: list[str]) -> bool:
    """Whether the stage reads what one of those makes."""
    before = [one for one in pipeline.stages if one.name in names]
    made = {artifact.path for one in before for artifact in one.outputs} | {
        file.path for one in before for file in one.writes
    }
    return bool(made & ({artifact.path for artifact in stage.inputs} | {file.path for file in stage.reads}))


def _prove(
    prover: Prover,
    pipeline: Pipeline,
    files: dict[str, GeneratedFile],
    stage: Stage,
    findings: _Findings,
    bounds: _Bounds,
) -> StageProof | None:
    """Prove one stage; returns its proof where it differs from the notebook for a reason of ours.

    The proof starts at another moment and with other entropy than the notebook's run did. Where a stage differs, that
    may be right: then both start at the same moment, and then with the same entropy too. What still differs is run a
    second time, to tell what varies by itself from a fault of ours.
    """
    if _is_left_out(prover, pipeline, files, stage, findings, bounds):
        return None
    start = OTHER
    proof = prover.prove(pipeline, files, stage, start)
    for alike, found in ((OTHER_SEED, findings.timed), (OBSERVED, findings.seeded)):
        if proof.is_same or not prover.may_vary:
            break
        pinned = prover.prove(pipeline, files, stage, alike)
        if len(pinned.evidence.differences) < len(proof.evidence.differences):
            found.append(stage.name)
        proof, start = pinned, alike
    if not proof.is_same and not _varies(prover, pipeline, files, stage, proof, start, findings):
        return proof
    findings.evidence.append(proof.evidence)
    return None


def _varies(
    prover: Prover,
    pipeline: Pipeline,
    files: dict[str, GeneratedFile],
    stage: Stage,
    proof: StageProof,
    start: Start,
    findings: _Findings,
) -> bool:
    """Whether all that differs also differs between two runs of the very same stage."""
    if proof.failed is not None:
        return False
    second = prover.prove(pipeline, files, stage, start, again=True)
    if second.failed is not None:
        return False
    ours = {(one.what, one.name): one.pipeline for one in second.evidence.differences}
    if any(ours.get((one.what, one.name)) == one.pipeline for one in proof.evidence.differences):
        return False
    findings.varying += [f"{one.name} of stage `{stage.name}`" for one in proof.evidence.differences]
    return True


def _left_out(findings: _Findings) -> str:
    pairs = ((OVER_BUDGET, findings.late), (TRUSTED, findings.trusted))
    listed = [f"{why}: stages {', '.join(f'`{name}`' for name in names)}" for why, names in pairs if names]
    again = "again without --trust to prove them" if findings.trusted else "again to go on"
    return f"{'; '.join(listed)} were not run; convert {again}"


def _verdict(findings: _Findings) -> Verdict:
    evidence = tuple(findings.evidence)
    if findings.unproved:
        return Verdict(UNVERIFIED, evidence, _left_out(findings))
    if findings.varying:
        reason = f"these vary from run to run, in the notebook too: {', '.join(dict.fromkeys(findings.varying))}"
        return Verdict(UNVERIFIED, evidence, reason)
    if findings.seeded:
        stages = ", ".join(f"`{name}`" for name in findings.seeded)
        return Verdict(SEEDED, evidence, f"stage {stages}: random numbers without a seed; equal once they are pinned")
    stages = ", ".join(f"`{name}`" for name in findings.timed)
    held = f"stage {stages} keeps or shows times; clocks were held still to compare it" if stages else ""
    return Verdict(SAME, evidence, held)
