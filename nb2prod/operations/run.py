"""`nb2prod run`: bring a pipeline's outputs up to date, with DVC as the engine of record."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from nb2prod.adapters.files import read_text, write_text
from nb2prod.contract.model import FILE as CONTRACT
from nb2prod.errors import Stale, UsageError
from nb2prod.operations.keeping_secrets import keeping_secrets
from nb2prod.operations.progress import Progress, Silent
from nb2prod.operations.project import Project, pipeline_folder
from nb2prod.pipeline.profile import Sampled

if TYPE_CHECKING:
    from nb2prod.operations.warm import Warm

_SWITCH = "NB2PROD_WARM"


@dataclass(frozen=True, slots=True)
class Run:
    """What a run did. `folder` is the pipeline's, or the scratch copy's for overridden parameters and profiles.

    With a `profile` the metrics are those of a part of the data, which `sampled` tells.
    """

    folder: Path
    executed: tuple[str, ...]
    skipped: tuple[str, ...]
    metrics: Mapping[str, object]
    retried: tuple[str, ...] = ()
    profile: str = ""
    sampled: tuple[Sampled, ...] = ()

    @property
    def nothing_to_do(self) -> bool:
        """Whether everything was up to date."""
        return not self.executed


def run(
    folder: str | Path = ".",
    *,
    parameters: Mapping[str, object] | None = None,
    keep: bool = False,
    force: bool = False,
    stage: str | None = None,
    first: str | None = None,
    last: str | None = None,
    jobs: int | None = None,
    allow_undeclared: bool = False,
    refresh: bool = False,
    profile: str | None = None,
    progress: Progress | None = None,
    warm: Warm | None = None,
) -> Run:
    """Run what is out of date.

    `parameters` are tried in a scratch copy that leaves tracked state alone, unless `keep`. So is a `profile`, which
    reads a part of the data's rows; with `keep` that part stays in the pipeline's folder for the next ones.
    `stage` runs that one only. `first`: only that stage and what depends on it; `last`: only that stage and what it
    needs; both: what is between.
    `jobs`: how many stages may run side by side, as far as memory goes; by default as many as there are processors.
    Their kernels are forked from a warm process; where that is not safe, and where the environment variable
    NB2PROD_WARM is 0, `dvc repro` runs the stages one by one. `warm` keeps that process for the next run.
    A stage that opens a file of the project that it does not declare fails, unless `allow_undeclared`. A part, and
    `allow_undeclared`, are run by `dvc repro`. `refresh`: first look whether the sources that stages read from others
    changed; without it they are taken to be as they were.
    Raises UsageError for an unknown parameter or stage, CellFailed where a cell raises, OutsideError where DVC fails,
    Stale where the last conversion was interrupted, DataRefused where training's data break rules of `schema.yaml` that
    people set.
    """
    project = pipeline_folder(Path(folder))
    if project.dvc is None:
        raise UsageError(
            f"{project.folder} is in no DVC repository",
            hint="`dvc init` (or `dvc init --no-scm`) in the project's root",
        )
    for name in (stage, first, last):
        _check_stage(project, name)
    if (first or last) and jobs is not None:
        raise UsageError("`--from` and `--to` run one stage after the other", hint="leave out --jobs")
    if profile:
        _check_profile(parameters=parameters and keep, first=first, stage=stage, refresh=refresh)
    part = _part(project, first, last)
    if (project.manifest or {}).get("unfinished"):
        raise Stale("the last conversion of this pipeline was interrupted", hint="convert the notebook again")
    sampled: tuple[Sampled, ...] = ()
    if profile:
        from nb2prod.operations.sample import sampled_copy

        project, sampled = sampled_copy(project, profile, parameters or {}, keep)
    elif parameters:
        project = _with_parameters(project, parameters, keep)
    asked = Asked(force, stage, tuple(part), jobs, allow_undeclared)
    progress = progress or Silent()
    if refresh:
        _refresh(project, progress)
    with keeping_secrets(project, progress) as shown:
        done = _run_dvc(project, asked, shown) if _is_dvc(asked) else _run_warm(project, asked, shown, warm)
        if (keep or not parameters) and not profile and (project.folder / CONTRACT).exists():
            _take_in(project, shown)
    return replace(done, profile=profile or "", sampled=sampled)


def _refresh(project: Project, progress: Progress) -> None:
    from nb2prod.operations.refresh import refresh

    for name in refresh(project, progress):
        progress.note(f"what stage `{name}` reads from others changed")


def _take_in(project: Project, progress: Progress) -> None:
    """New training data: the schema follows them, and they must hold to what people set in it."""
    from nb2prod.operations.schema import ingested

    found = ingested(project.folder)
    for change in found.changes if found else ():
        progress.note(f"schema: {change.sentence()}")


@dataclass(frozen=True, slots=True)
class Asked:
    """How to run: whatever DVC says or not, one stage, a part or all, how many side by side (None: as many as cores).

    `part`: what `dvc repro` is told to run a part of the pipeline.
    """

    force: bool = False
    stage: str | None = None
    part: tuple[str, ...] = ()
    jobs: int | None = None
    allow_undeclared: bool = False


def _run_warm(project: Project, asked: Asked, progress: Progress, warm: Warm | None) -> Run:
    """Nothing to do is known from a stamp; else DVC's own reproduction in this process, stages in forked kernels.

    Where kernels cannot be forked, or this DVC is another one than was tested, `dvc repro` runs them.
    """
    from nb2prod.adapters import stamp

    assert project.dvc is not None
    clean = None if asked.force else stamp.clean_stages(project.dvc, project.folder)
    if clean is not None:
        return Run(project.folder, (), (asked.stage,) if asked.stage else clean, read_metrics(project))
    from nb2prod.adapters.machine import cores
    from nb2prod.adapters.reproduction import UnknownDvc
    from nb2prod.operations.execution import why_not_forked
    from nb2prod.operations.imports import read_needs
    from nb2prod.operations.reproduce import Order, reproduce

    needs = read_needs(project.folder, project.manifest or {}, asked.stage)
    if reason := why_not_forked(needs):
        return _run_dvc(project, asked, progress, reason)
    order = Order(force=asked.force, single=asked.stage, jobs=asked.jobs or cores())
    try:
        done = reproduce(project, needs, order, progress, warm)
    except UnknownDvc as unknown:
        return _run_dvc(project, asked, progress, f"this version of DVC has another `{unknown}`")
    return Run(project.folder, done.executed, done.skipped, read_metrics(project), done.retried)


def _run_dvc(project: Project, asked: Asked, progress: Progress, reason: str = "") -> Run:
    """`dvc repro`: one stage after the other, each in a papermill process of its own."""
    from nb2prod.adapters.settings import stage_rules
    from nb2prod.operations.dvc_repro import dvc_repro

    if reason:
        progress.note(f"`dvc repro` runs the stages: {reason}")
    if stage_rules(project.folder):
        progress.note("[tool.nb2prod.stages] is left out: `dvc repro` has neither timeouts nor retries")
    arguments = ["--force"] if asked.force else []
    arguments += ["--single-item", asked.stage] if asked.stage else asked.part
    extra = {"NB2PROD_ALLOW_UNDECLARED": "1"} if asked.allow_undeclared else {}
    executed, skipped = dvc_repro(project, arguments, extra, progress)
    return Run(project.folder, tuple(executed), tuple(skipped), read_metrics(project))


def _is_dvc(asked: Asked) -> bool:
    """Whether everything is left to `dvc repro`: it knows how to run a part, or somebody asked for it."""
    return bool(asked.part) or asked.allow_undeclared or os.environ.get(_SWITCH) == "0"


def current_parameters(folder: str | Path) -> dict[str, object]:
    """The parameters' values in a pipeline's `params.yaml`."""
    from nb2prod.operations.preflight import load_params

    project = pipeline_folder(Path(folder))
    return load_params(read_text(project.folder / "params.yaml") or "{}", project.folder)


def _check_stage(project: Project, stage: str | None) -> None:
    names = [one["name"] for one in (project.manifest or {}).get("stages", ())]
    if stage is not None and stage not in names:
        raise UsageError(f"there is no stage `{stage}`", hint=f"there are: {', '.join(names)}")


def _check_profile(**given: object) -> None:
    """A profile's run is one of its own, from the data on."""
    options = {"parameters": "-p with --keep", "first": "--from", "stage": "a single stage", "refresh": "--refresh"}
    if named := [options[name] for name, value in given.items() if value]:
        raise UsageError(f"--profile and {named[0]} do not go together", hint="it runs from the data on, elsewhere")


def _part(project: Project, first: str | None, last: str | None) -> list[str]:
    """What `dvc repro` is told to run a part of the pipeline. Raises UsageError where nothing is between the two."""
    if first and last:
        names = _between(project, first, last)
        if not names:
            raise UsageError(f"stage `{last}` does not depend on stage `{first}`", hint="swap them, or name one only")
        return ["--single-item", *names]
    return ["--downstream", first] if first else [last] if last else []


def _between(project: Project, first: str, last: str) -> list[str]:
    """The stages on the ways from one to the other, both included, in the pipeline's order; none where there is no way.

    An output that is a folder is needed by who reads a file in it.
    """
    from nb2prod.operations.preflight import load_params

    stages = load_params(read_text(project.folder / "dvc.yaml") or "", project.folder)["stages"]
    assert isinstance(stages, dict)
    needs = {name: {str(dep) for dep in one.get("deps", ())} for name, one in stages.items()}
    makes = {name: {str(out) for out in one.get("outs", ())} for name, one in stages.items()}
    after = {first}
    for name in stages:  # in the notebook's order: what a stage needs stands before it
        if any(_is_of(dep, out) for dep in needs[name] for one in after for out in makes[one]):
            after.add(name)
    found = {last} & after
    for name in reversed(list(stages)):
        if name in after and any(_is_of(dep, out) for one in found for dep in needs[one] for out in makes[name]):
            found.add(name)
    return [name for name in stages if name in found] if first in found else []


def _is_of(path: str, output: str) -> bool:
    return path == output or path.startswith(f"{output}/") or output.startswith(f"{path}/")


def _with_parameters(project: Project, parameters: Mapping[str, object], keep: bool) -> Project:
    """The project with changed parameters: itself, or a copy that shares its DVC cache."""
    from nb2prod.adapters.params import updated_params
    from nb2prod.operations.preflight import load_params
    from nb2prod.operations.scratch import scratch_copy
    from nb2prod.pipeline.parameters import overridden

    path = project.folder / "params.yaml"
    text = read_text(path) or "{}"
    values = overridden(load_params(text, project.folder), parameters)
    if not keep:
        project = scratch_copy(project)
    write_text(project.folder / "params.yaml", updated_params(text, values))
    return project


def read_metrics(project: Project) -> dict[str, object]:
    """All metrics of the pipeline by name."""
    import json

    found: dict[str, object] = {}
    for path in sorted((project.folder / "metrics").glob("*.json")):
        found |= json.loads(path.read_text(encoding="utf-8"))
    return found
