"""Run the notebook once, in a copy of its project, and remember what it did."""

from __future__ import annotations

import ast
import contextlib
import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from nb2prod.adapters.confidential import Confidential, Values, redacted, to_confidential
from nb2prod.adapters.database_files import database_token
from nb2prod.adapters.files import digest
from nb2prod.adapters.kernels import Session, Start, open_session, read_sources, stage_file, to_mark
from nb2prod.adapters.tree import Watch, copy_files, linked_files, project_files
from nb2prod.errors import CellFailed, OutsideError, Refused
from nb2prod.notebook.model import Cell, Notebook
from nb2prod.notebook.parse import parse
from nb2prod.operations.consent import REMEDY, UNRECORDED
from nb2prod.operations.progress import Progress
from nb2prod.operations.project import Project
from nb2prod.operations.segments import NO_SEGMENTS, Diverged, Made, Segments
from nb2prod.pipeline.crossings import SETTER
from nb2prod.pipeline.observation import DATABASE_FILE, Mark, Observation, Output, Refusal, Source
from nb2prod.pipeline.program import Program
from nb2prod.pipeline.stage_cells import parameter_sources

# Where what nobody seeded starts in the observed run. The proof starts elsewhere first: what is equal all the same
# does not depend on it.
OBSERVED = Start(seed=0, clock=0)
OTHER = Start(seed=1, clock=1)
OTHER_SEED = Start(seed=1, clock=0)
_MISSING = re.compile(r"No module named '(\w+)")


@dataclass(frozen=True, slots=True)
class Observed:
    """An observation, the project's files before it, the files that it wrote (by hash), and the interpreter."""

    observation: Observation
    tree: frozenset[str]
    written: Mapping[str, str | None]
    environment: Mapping[str, Any]
    confidential: Confidential

    @property
    def is_confidential(self) -> bool:
        """Whether the notebook read secrets: then none of this outlives the conversion."""
        return self.confidential.is_taken_up


def observe(
    project: Project,
    notebook: Notebook,
    program: Program,
    package: str,
    scratch: Path,
    progress: Progress,
    segments: Segments = NO_SEGMENTS,
    *,
    network: bool = False,
) -> Observed:
    """Run every code cell in a fresh kernel, in a copy of the project: nothing of the user's is changed.

    `segments`: long ones of earlier runs, put back instead of run where nothing that they depend on changed.
    Raises CellFailed naming the cell, with the user's own traceback; Refused where a cell writes to the user's files,
    or contacts somebody without `network`.
    """
    try:
        return _observe(project, notebook, program, package, scratch, progress, segments, network)
    except Diverged as diverged:
        segments.forget()
        progress.note(f"what was kept of an earlier run does not hold any more ({diverged}): the notebook is run whole")
        return _observe(project, notebook, program, package, scratch, progress, NO_SEGMENTS, network)


def _observe(
    project: Project,
    notebook: Notebook,
    program: Program,
    package: str,
    scratch: Path,
    progress: Progress,
    segments: Segments,
    network: bool,
) -> Observed:
    copy = place_of_run(scratch)
    found = list(project_files(project.root, [project.folder]))
    copy_files(project.root, copy, found, _only_read(notebook))
    linked = linked_files(copy, found)
    folder = copy / project.layout.notebook_folder
    folder.mkdir(parents=True, exist_ok=True)
    watch = Watch(copy)
    with open_session(notebook.kernel, folder, scratch) as session:
        session.observe(stage_file(), copy, package, OBSERVED)
        session.guard(copy, [project.root], offline=not network)
        if network:
            session.record(recording(scratch), "record")
        setters = _setters(program)
        start = to_mark((), session.mark(frozenset(), setters), copy, *watch.look())
        before = start = replace(start, folders=watch.folders())
        marks: list[Mark] = []
        outputs: dict[int, tuple[Output, ...]] = {}
        seconds: dict[int, float] = {}
        written: dict[str, str | None] = {}
        done, total = 0, len(notebook.code_cells)
        confidential = Confidential()
        for segment in segments_of(program):
            is_back = segments.begin(session, program, segment, copy, start, before)
            for cell in segment:
                done += 1
                progress.cell(cell.label, done, total)
                if not is_back:
                    with _refusing(project, notebook, session):
                        outputs[cell.index], seconds[cell.index] = _run_cell(session, program, cell)
            record = session.mark(_live_after(program, segment[-1].index), setters)
            confidential |= to_confidential(record["confidential"])
            mark = to_mark(tuple(cell.index for cell in segment), record, copy, *watch.look())
            mark = replace(mark, folders=watch.folders())
            # Before any of it is kept.
            shown = {index: outputs[index] for index in mark.cells if not is_back}
            _refuse_segment(project, notebook, mark, shown, copy, Values(confidential))
            if confidential.is_taken_up:
                segments.stop()
            files = {path: digest(copy / path) for path in mark.writes}
            made = segments.end(session, program, segment, copy, before, Made(mark, outputs, seconds, files))
            marks.append(before := made.mark)
            written |= made.written
            watch.unread(made.mark.writes)
            outputs |= made.outputs
            seconds |= made.seconds
            if is_back:
                progress.note(f"{segment[0].label} to {segment[-1].label}: as in an earlier run, not run again")
        environment = session.environment()
    _check_linked(linked, linked_files(copy, found))
    _refuse_late(notebook, watch.look()[1] - {path for mark in marks for path in mark.writes})
    _refuse_shown(notebook, outputs, Values(confidential))
    sources = (*_sources(scratch, Values(confidential)), *_database_files(marks, Values(confidential)))
    observation = Observation(
        start, tuple(marks), outputs, seconds, sources=sources, secrets=frozenset(confidential.read)
    )
    return Observed(observation, frozenset(path.as_posix() for path in found), written, environment, confidential)


def _database_files(marks: Sequence[Mark], values: Values) -> Iterator[Source]:
    """A database in a file outside of the project is a source as it stands, unless the notebook writes to it.

    A place that is a secret is not noted, and so not looked at again.
    """
    written = {path for mark in marks for path in mark.writes}
    for mark in marks:
        for path in sorted(mark.databases - written):
            if not values.named_in(path.encode("utf-8", "surrogateescape")):
                yield Source(mark.cells[-1], f"{DATABASE_FILE}{path}", database_token(Path(path)))


def _sources(scratch: Path, values: Values) -> tuple[Source, ...]:
    return tuple(replace(one, name=values.redacted(one.name)) for one in read_sources(recording(scratch)))


def _refuse_segment(
    project: Project,
    notebook: Notebook,
    mark: Mark,
    shown: Mapping[int, Sequence[Output]],
    copy: Path,
    values: Values,
) -> None:
    refuse(project, notebook, mark.refused)
    _refuse_written(notebook, mark, copy, values)
    _refuse_shown(notebook, shown, values)


def _refuse_shown(notebook: Notebook, outputs: Mapping[int, Sequence[Output]], values: Values) -> None:
    """What a cell shows stands in the executed notebook."""
    for index in sorted(outputs):
        text = "\n".join(part for output in outputs[index] for _, part in output.data)
        if name := values.named_in(text.encode("utf-8", "surrogateescape")):
            raise Refused(f"{notebook.cells[index].label} shows the value of {name}", hint="let it show something else")


def _refuse_written(notebook: Notebook, mark: Mark, copy: Path, values: Values) -> None:
    label = notebook.cells[mark.cells[-1]].label if mark.cells else ""
    for path in sorted(mark.writes):
        if name := values.named_in_path(path):
            raise Refused(
                f"{label}: the name of a file that it writes holds the value of {name}",
                hint="give the file a name without it: the pipeline names its outputs",
            )
    for path in sorted(path for path in mark.writes if (copy / path).is_file()):
        if name := values.named_in_file(copy / path):
            raise Refused(f"{label}: `{path}` holds the value of {name}", hint="write the file without it")


def _refuse_late(notebook: Notebook, written: frozenset[str]) -> None:
    """What is written only when the kernel ends belongs to no stage."""
    for path in sorted(written):
        cell = next((cell for cell in notebook.code_cells if "atexit" in cell.source or path in cell.source), None)
        where = f"{cell.label}: " if cell else ""
        raise Refused(
            f"{where}`{path}` is written only when the kernel ends, after the last cell",
            hint="write it in a cell, or close the file there: a stage's kernel ends with the stage",
        )


_WRITES = re.compile(
    r"\b(to_\w+|write\w*|dump\w*|save\w*|copy\w*|move|rename|replace|remove|unlink)\b|['\"][wax]b?\+?['\"]|r\+"
)


def _only_read(notebook: Notebook) -> Callable[[Path], bool]:
    """Whether the code names a file, and never in a cell that writes something."""
    sources = [cell.source for cell in notebook.code_cells]

    def only_read(path: Path) -> bool:
        naming = [source for source in sources if path.name in source]
        return bool(naming) and not any(_WRITES.search(source) for source in naming)

    return only_read


def _check_linked(before: Mapping[str, tuple[int, int]], after: Mapping[str, tuple[int, int]]) -> None:
    for path in sorted(before):
        if after.get(path, before[path]) != before[path]:
            raise OutsideError(
                f"{path} was changed while the notebook ran on a copy of its folder: a file of this size is linked",
                hint="let the notebook write another file, or move this one away before converting",
            )


def recording(scratch: Path) -> Path:
    """Where what was read from others is kept until the proof is over."""
    return scratch / "recording"


def place_of_run(scratch: Path) -> Path:
    """The tree for one run, emptied. All runs have the same place, so that a path which a cell shows is the same."""
    shutil.rmtree(scratch / "run", ignore_errors=True)
    return scratch / "run" / "project"


@contextlib.contextmanager
def _refusing(project: Project, notebook: Notebook, session: Session) -> Iterator[None]:
    """A cell that failed because of what was refused it is told so."""
    try:
        yield
    except CellFailed as failed:
        refuse(project, notebook, session.refused())
        raise redacted(failed, Values(session.confidential())) from None


def refuse(project: Project, notebook: Notebook, refused: Sequence[Refusal]) -> None:
    """Raise Refused for the first thing that a cell was not let do."""
    for one in refused:
        where = f"{notebook.cells[one.cell].label}: " if one.cell is not None else ""
        if one.kind == "host":
            raise Refused(f"{where}it contacts {one.what}", hint=REMEDY)
        if one.kind == "unrecorded":
            raise Refused(f"{where}what it reads from {one.what} cannot be recorded", hint=UNRECORDED)
        name = project.layout.from_notebook(Path(one.what).relative_to(project.root).as_posix())
        raise Refused(
            f"{where}`{one.what}` lies in the project and is written by its absolute path",
            hint=f"write `{name}`, relative to the notebook's folder, so that it works in every clone",
        )


def segments_of(program: Program) -> list[list[Cell]]:
    """Runs of code cells after which the kernel is looked at: a change of stage or of role ends one."""
    cut = program.cut
    stages = {index: stage.name for stage in cut.stages for index in stage.cells}
    found: list[list[Cell]] = []
    last: object = None
    for cell in program.notebook.code_cells:
        role = cut.roles[cell.index]
        first = cut.stages[0].name if cut.stages else ""
        alone = (role.skip or role.report) and cell.index
        key = (stages.get(cell.index, first), role.skip, role.setup, role.parameters, alone)
        if key != last:
            found.append([])
        found[-1].append(cell)
        last = key
    return found


def _run_cell(session: Session, program: Program, cell: Cell) -> tuple[Any, float]:
    """Run the cell; the parameters cell in parts, with the values of `params.yaml` between them."""
    sources = parameter_sources(program, cell.index) if cell.index == program.cut.parameters else [cell.source]
    outputs: list[Any] = []
    seconds = 0.0
    for source in sources:
        session.pin(cell.id, cell.index)
        try:
            run = session.run(source, cell.label, cell.tags)
        except CellFailed as failed:
            raise CellFailed(
                f"{failed.message} (the notebook itself, not the pipeline)",
                hint=failed.hint or _remedy(failed, program.notebook.kernel),
                traceback=failed.traceback,
                name=failed.name,
                value=failed.value,
            ) from failed
        outputs += run.compared
        seconds += run.seconds
    return tuple(outputs), seconds


def _remedy(failed: CellFailed, kernel: str) -> str:
    if failed.name == "ModuleNotFoundError" and (found := _MISSING.search(failed.value)):
        return f"install what `{found[1]}` comes from in the environment of kernel `{kernel}`, or choose another kernel"
    return "the notebook must run from top to bottom in a fresh kernel: correct the cell"


def _setters(program: Program) -> frozenset[str]:
    ambient = {symbol for facts in program.facts.values() for symbol in facts.facts.ambient}
    return frozenset(symbol.removeprefix(SETTER) for symbol in ambient if symbol.startswith(SETTER))


def _live_after(program: Program, index: int) -> frozenset[str]:
    """Names that code after the cell may mention, functions defined before included."""
    names = {name for facts in program.facts.values() for _, callable_ in facts.callables for name in callable_.reads}
    for cell in program.notebook.code_cells:
        if cell.index > index or cell.index in program.cut.report:
            for statement in parse(cell.source).statements:
                names |= {node.id for node in ast.walk(statement.node) if isinstance(node, ast.Name)}
            names |= {name for name in program.facts[cell.index].facts.uses if not name.startswith("$")}
    return frozenset(names)
