"""`nb2prod run`: bring a pipeline's outputs up to date, with DVC as the engine of record."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nb2prod.adapters import dvc
from nb2prod.adapters.confidential import Confidential, Values, redacted
from nb2prod.adapters.files import read_text, write_text
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
    jobs: int | None = None,
    allow_undeclared: bool = False,
    refresh: bool = False,
    progress: Progress | None = None,
    warm: Warm | None = None,
) -> Run:
    """Run what is out of date.

    `parameters` are tried in a scratch copy that leaves tracked state alone, unless `keep`. `stage` runs that one only.
    `jobs`: how many stages may run side by side, in kernels forked from a warm process; without it `dvc repro` runs.
    `warm` keeps that process for the next run. A stage that opens a file of the project that it does not declare fails,
    unless `allow_undeclared` (which `dvc repro` runs, one stage after the other). `refresh`: first look whether the
    sources that stages read from others changed; without it they are taken to be as they were.
    Raises UsageError for an unknown parameter or stage, CellFailed where a cell raises, OutsideError where DVC fails,
    Stale where the last conversion was interrupted.
    """
    project = pipeline_folder(Path(folder))
    if project.dvc is None:
        raise UsageError(
            f"{project.folder} is in no DVC repository",
            hint="`dvc init` (or `dvc init --no-scm`) in the project's root",
        )
    _check_stage(project, stage)
    if (project.manifest or {}).get("unfinished"):
        raise Stale("the last conversion of this pipeline was interrupted", hint="convert the notebook again")
    if parameters:
        project = _with_parameters(project, parameters, keep)
    if refresh:
        _refresh(project, progress or Silent())
    with _keeping_secrets(project):
        return _run(project, force, stage, jobs, allow_undeclared, progress or Silent(), warm)


def _run(
    project: Project,
    force: bool,
    stage: str | None,
    jobs: int | None,
    allow_undeclared: bool,
    progress: Progress,
    warm: Warm | None,
) -> Run:
    if not allow_undeclared and (jobs is not None or warm is not None or os.environ.get("NB2PROD_WARM")):
        return _run_warm(project, force=force, stage=stage, jobs=jobs, progress=progress, warm=warm)
    arguments = [*(["--force"] if force else []), *(["--single-item", stage] if stage else [])]
    extra = {"NB2PROD_ALLOW_UNDECLARED": "1"} if allow_undeclared else {}
    executed, skipped = _reproduce(project, arguments, extra, progress)
    return Run(project.folder, tuple(executed), tuple(skipped), read_metrics(project))


@contextlib.contextmanager
def _keeping_secrets(project: Project) -> Iterator[None]:
    """What a failing cell showed stands in its executed notebook and in the error: values become names."""
    names = {name for stage in (project.manifest or {}).get("stages", ()) for name in stage.get("secrets", ())}
    if not names:
        yield
        return
    values = Values(Confidential(tuple(sorted(names)), (), (str(project.notebook.parent / ".env"),)))
    try:
        yield
    except CellFailed as failed:
        raise redacted(failed, values) from None
    except OutsideError as error:
        raise type(error)(values.redacted(error.message), hint=values.redacted(error.hint)) from None
    finally:
        for path in (project.folder / "runs").glob("*.ipynb"):
            values.redact_file(path)


def _refresh(project: Project, progress: Progress) -> None:
    from nb2prod.operations.refresh import refresh

    for name in refresh(project, progress):
        progress.note(f"what stage `{name}` reads from others changed")


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
    root = Path(tempfile.mkdtemp(prefix="nb2prod-run-")) / project.root.name
    copy_files(project.root, root, project_files(project.root))
    top = project.dvc or project.root
    place = root / top.relative_to(project.root) if top.is_relative_to(project.root) else root
    if not (place / ".dvc").exists():
        shutil.copytree(top / ".dvc", place / ".dvc", ignore=shutil.ignore_patterns("cache", "tmp"))
    cache = (top / ".dvc" / "cache").resolve()
    write_text(place / ".dvc" / "config.local", f"[core]\n    no_scm = true\n[cache]\n    dir = {cache}\n")
    return Project(root, root / project.layout.notebook, root / project.layout.folder, None, place)


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
