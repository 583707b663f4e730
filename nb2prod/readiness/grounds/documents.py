"""Files that must be there."""

from __future__ import annotations

from collections.abc import Callable

from nb2prod.readiness.ground import Ground, Seen, of_pipeline
from nb2prod.readiness.known import Dated, Known, Pipeline


def _there(what: str, of: Callable[[Pipeline], Dated | None]) -> Callable[[Known], Seen]:
    def look(pipeline: Pipeline) -> Seen:
        file = of(pipeline)
        return (
            Seen(False, f"there is no {what}") if file is None else Seen(True, f"there is a {what}", file.path, file.at)
        )

    return of_pipeline(look)


def _shared(pipeline: Pipeline) -> Seen:
    if not pipeline.shared:
        return Seen(False, "no module of features is used by two pipelines")
    return Seen(True, f"shared: {', '.join(pipeline.shared[:3])}")


def _delivery(pipeline: Pipeline) -> Seen:
    file = pipeline.workflow
    if file is None or not pipeline.delivers:
        return Seen(False, "no workflow releases or deploys it")
    return Seen(True, "a workflow releases or deploys it", file.path, file.at)


GROUNDS = (
    Ground(
        "file.lockfile",
        "a lockfile pins the libraries",
        "`nb2prod convert {notebook} --out {folder}`, which writes requirements.txt",
        of_pipeline(
            lambda one: (
                Seen(True, "libraries are pinned", one.lockfile.path, one.lockfile.at)
                if one.lockfile
                else Seen(False, "no lockfile pins the libraries")
            )
        ),
    ),
    Ground(
        "file.schema",
        "a schema of the data is kept with the pipeline",
        "`nb2prod probe {folder}`, which infers one where there is none",
        _there("schema of the data", lambda one: one.schema),
    ),
    Ground(
        "file.card",
        "there is a model card",
        "`nb2prod release {folder}`",
        _there("model card", lambda one: one.card),
    ),
    Ground(
        "file.runbook",
        "there is a runbook",
        "`nb2prod release {folder}`",
        _there("runbook", lambda one: one.runbook),
    ),
    Ground(
        "file.workflow",
        "a CI workflow checks and reproduces it",
        "`nb2prod convert {notebook} --out {folder}`, which writes one; commit it",
        _there("workflow in CI", lambda one: one.workflow),
    ),
    Ground(
        "file.shared",
        "a module of features is used by more than one pipeline",
        "move what two notebooks compute alike into a module that both import",
        of_pipeline(_shared),
    ),
    Ground(
        "file.delivery",
        "a workflow in CI releases or deploys",
        "a job in CI that calls `nb2prod release` and `nb2prod deploy`",
        of_pipeline(_delivery),
    ),
)
