"""`nb2prod run`: bring a pipeline's outputs up to date, with DVC as the engine of record."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nb2prod.adapters import dvc
from nb2prod.adapters.files import read_text, write_text
from nb2prod.adapters.machine import is_alive
from nb2prod.adapters.params import updated_params
from nb2prod.adapters.tree import copy_files, project_files
from nb2prod.errors import CellFailed, OutsideError, Stale, UsageError
from nb2prod.operations.preflight import load_params
from nb2prod.operations.progress import Progress, Silent
from nb2prod.operations.project import Project, pipeline_folder
from nb2prod.pipeline.parameters import overridden

if TYPE_CHECKING:
    from nb2prod.operations.warm import Warm

_RUNNING = re.compile(r"Running stage '(?:.*:)?([^']+)'")
_SKIPPED = re.compile(r"Stage '(?:.*:)?([^']+)' (didn't change|is cached)")
_CELL = re.compile(r"Executing:.*?(\d+)/(\d+)")
_OURS = re.compile(r"^StageError: (.+)$", re.MULTILINE)
_UNWRITTEN = re.compile(r"output '(.+)' does not exist")


@dataclass(frozen=True, slots=True)
class Run:
    """What a run did. `folder` is the pipeline's, or the scratch copy's for overridden parameters."""

    folder: Path
    executed: tuple[str, ...]
    skipped: tuple[str, ...]
    metrics: Mapping[str, object]
    retried: tuple[str, ...] = ()

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
    progress: Progress | None = None,
    warm: Warm | None = None,
) -> Run:
    """Run what is out of date.

    `parameters` are tried in a scratch copy that leaves tracked state alone, unless `keep`. `stage` runs that one only.
    `first`: only that stage and what depends on it; `last`: only that stage and what it needs; both: what is between.
    `jobs`: how many stages may run side by side, in kernels forked from a warm process; without it `dvc repro` runs.
    `warm` keeps that process for the next run. A stage that opens a file of the project that it does not declare fails,
    unless `allow_undeclared` (which `dvc repro` runs, one stage after the other).
    Raises UsageError for an unknown parameter or stage, CellFailed where a cell raises, OutsideError where DVC fails,
    Stale where the last conversion was interrupted.
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
    part = _part(project, first, last)
    if (project.manifest or {}).get("unfinished"):
        raise Stale("the last conversion of this pipeline was interrupted", hint="convert the notebook again")
    if parameters:
        project = _with_parameters(project, parameters, keep)
    if not part and not allow_undeclared and (jobs is not None or warm is not None or os.environ.get("NB2PROD_WARM")):
        return _run_warm(project, force=force, stage=stage, jobs=jobs, progress=progress or Silent(), warm=warm)
    arguments = [*(["--force"] if force else []), *(["--single-item", stage] if stage else part)]
    extra = {"NB2PROD_ALLOW_UNDECLARED": "1"} if allow_undeclared else {}
    executed, skipped = _reproduce(project, arguments, extra, progress or Silent())
    return Run(project.folder, tuple(executed), tuple(skipped), read_metrics(project))


def _run_warm(
    project: Project, *, force: bool, stage: str | None, jobs: int | None, progress: Progress, warm: Warm | None
) -> Run:
    """Nothing to do is known from a stamp; else DVC's own reproduction in this process, stages in forked kernels."""
    from nb2prod.adapters import stamp

    assert project.dvc is not None
    clean = None if force else stamp.clean_stages(project.dvc, project.folder)
    if clean is not None:
        return Run(project.folder, (), (stage,) if stage else clean, read_metrics(project))
    from nb2prod.operations.reproduce import Order, reproduce

    order = Order(force=force, single=stage, jobs=jobs or os.cpu_count() or 1)
    done = reproduce(project, project.manifest or {}, order, progress, warm)
    return Run(project.folder, done.executed, done.skipped, read_metrics(project), done.retried)


def current_parameters(folder: str | Path) -> dict[str, object]:
    """The parameters' values in a pipeline's `params.yaml`."""
    project = pipeline_folder(Path(folder))
    return load_params(read_text(project.folder / "params.yaml") or "{}", project.folder)


def _check_stage(project: Project, stage: str | None) -> None:
    names = [one["name"] for one in (project.manifest or {}).get("stages", ())]
    if stage is not None and stage not in names:
        raise UsageError(f"there is no stage `{stage}`", hint=f"there are: {', '.join(names)}")


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
    path = project.folder / "params.yaml"
    text = read_text(path) or "{}"
    values = overridden(load_params(text, project.folder), parameters)
    if not keep:
        project = _scratch_copy(project)
    write_text(project.folder / "params.yaml", updated_params(text, values))
    return project


def _scratch_copy(project: Project) -> Project:
    root = _scratch_place(project) / project.root.name
    copy_files(project.root, root, project_files(project.root))
    top = project.dvc or project.root
    place = root / top.relative_to(project.root) if top.is_relative_to(project.root) else root
    if not (place / ".dvc").exists():
        shutil.copytree(top / ".dvc", place / ".dvc", ignore=shutil.ignore_patterns("cache", "tmp"))
    cache = (top / ".dvc" / "cache").resolve()
    write_text(place / ".dvc" / "config.local", f"[core]\n    no_scm = true\n[cache]\n    dir = {cache}\n")
    return Project(root, root / project.layout.notebook, root / project.layout.folder, None, place)


def _scratch_place(project: Project) -> Path:
    """A new folder; what an earlier try of this pipeline left is removed, unless that is still at work."""
    name = hashlib.sha256(str(project.folder).encode("utf-8", "surrogateescape")).hexdigest()[:12]
    for old in Path(tempfile.gettempdir()).glob(f"nb2prod-run-{name}-*"):
        if not is_alive(int(read_text(old / "process") or 0)):
            shutil.rmtree(old, ignore_errors=True)
    place = Path(tempfile.mkdtemp(prefix=f"nb2prod-run-{name}-"))
    write_text(place / "process", str(os.getpid()))
    return place


def _reproduce(
    project: Project, arguments: Sequence[str], extra: Mapping[str, str], progress: Progress
) -> tuple[list[str], list[str]]:
    executed: list[str] = []
    skipped: list[str] = []
    tail: list[str] = []

    def line(text: str) -> None:
        tail.append(text)
        del tail[:-200]
        if found := _RUNNING.search(text):
            executed.append(found.group(1))
            progress.phase(f"stage {found.group(1)}")
        elif found := _SKIPPED.search(text):
            skipped.append(found.group(1))
        elif found := _CELL.search(text):
            progress.cell("cell", int(found.group(1)), int(found.group(2)))

    with dvc.reproduce(project.folder, arguments, extra) as process:
        _read_lines(process.stdout, line)
        code = process.wait()
    if code != 0:
        raise _failure(executed, tail)
    return executed, skipped


def _read_lines(stream: object, line: Callable[[str], None]) -> None:
    """Lines ended by a newline or, as progress bars do, by a carriage return."""
    pending = b""
    while chunk := stream.read1(65536):  # type: ignore[attr-defined]
        *whole, pending = re.split(rb"[\r\n]+", pending + chunk)
        for one in whole:
            line(re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", one.decode("utf-8", "replace")))
    if pending:
        line(pending.decode("utf-8", "replace"))


def _failure(executed: list[str], tail: list[str]) -> OutsideError:
    text = "\n".join(tail)
    if "PapermillExecutionError" in text and executed:
        shown = text[text.index("PapermillExecutionError") :]
        ours = _OURS.findall(shown)
        why = ours[-1] if ours else "a cell raised"
        return CellFailed(
            f"stage `{executed[-1]}` failed: {why}", traceback=shown, hint="the executed notebook is in runs/"
        )
    if (unwritten := _UNWRITTEN.search(text)) and executed:
        return OutsideError(
            f"stage `{executed[-1]}` did not write `{unwritten.group(1)}`, which it declares as its output",
            hint="convert the notebook again with these parameters, so that its outputs are declared anew",
        )
    if "Unable to acquire lock" in text or "is busy" in text:
        return OutsideError(
            "another DVC process holds the lock of this repository", hint="wait for it to end and run again"
        )
    return OutsideError("`dvc repro` failed", hint=text[-1500:])


def read_metrics(project: Project) -> dict[str, object]:
    """All metrics of the pipeline by name."""
    import json

    found: dict[str, object] = {}
    for path in sorted((project.folder / "metrics").glob("*.json")):
        found |= json.loads(path.read_text(encoding="utf-8"))
    return found
