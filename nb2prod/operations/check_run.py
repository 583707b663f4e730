"""`nb2prod check --run`: run the notebook in a throw-away copy, and let the runs judge the findings.

1. The project's files are copied; the kernel is the notebook's own; the network is off unless it is allowed.
2. The first run starts from nothing. After a cell fails, the cells that need what it would have made are left out.
3. The second run starts at other random states, at another time, with another order of sets, in a copy of its own.
4. The third runs each cell twice in a row, with the random states put back in between.
5. `lint.running` makes facts of that, and lays them beside the static diagnostics.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nb2prod.adapters import dvc, git
from nb2prod.adapters.documents import read_document
from nb2prod.adapters.kernels import Session, Start, open_session, stage_file, to_mark, to_outputs
from nb2prod.adapters.tree import Watch, copy_files, project_files
from nb2prod.errors import CellFailed, CellTimedOut, OutsideError, Refused
from nb2prod.lint.context import CodeView, Context
from nb2prod.lint.results import Checked, checked_of
from nb2prod.lint.running.chain import Chain, unfinished, written_by
from nb2prod.lint.running.evidence import CellEvidence, Evidence, Failure, Repeat, RunEvidence
from nb2prod.lint.running.judge import judged
from nb2prod.lint.running.places import failed_line
from nb2prod.lint.running.repeating import changed_again
from nb2prod.lint.suppression import unsuppressed
from nb2prod.operations.check import Choice
from nb2prod.operations.progress import Progress, Silent
from nb2prod.pipeline.observation import Mark

# Where the two runs begin what nobody fixed: random states, the time, the order of sets.
_FIRST, _SECOND = (Start(seed=0, clock=0), "1"), (Start(seed=1, clock=1), "2")
# Programs that the notebook starts are led to a port where nobody listens.
_NOWHERE = "http://127.0.0.1:9"
_OFFLINE = {
    **{
        name: _NOWHERE
        for word in ("http", "https", "ftp", "all")
        for name in (f"{word}_proxy", f"{word.upper()}_PROXY")
    },
    **dict.fromkeys(("no_proxy", "NO_PROXY"), "localhost,127.0.0.1,::1"),
    **{"PIP_NO_INDEX": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
}
_MOST_FILES = 50_000


@dataclass(frozen=True, slots=True)
class RunOptions:
    """`seconds`: for all runs of one notebook together. `network`: whether it may be used. `kernel`: another one."""

    seconds: float = 600.0
    network: bool = False
    kernel: str | None = None


@dataclass(frozen=True, slots=True)
class Ran:
    """The notebook's diagnostics, judged, and what was executed, in sentences. `failed`: no run could be had."""

    checked: Checked
    executed: tuple[str, ...]
    failed: bool = False


def check_run(
    path: Path, checked: Checked, options: RunOptions, progress: Progress | None = None, choice: Choice | None = None
) -> Ran:
    """Run the notebook at `path`, whose static diagnostics `checked` holds. `choice`: the rules that are asked for.

    Raises OutsideError where there is no kernel, or the project cannot be copied; Refused for another language.
    """
    notebook = read_document(path)
    context = Context(notebook)
    if not context.notebook.code_cells:
        return Ran(checked, (f"{path} holds no code: nothing was run",))
    if not context.is_python:
        raise Refused(f"{path} is written in {notebook.language}", hint="`--run` runs Python notebooks")
    root = _root(path.resolve())
    scratch = Path(tempfile.mkdtemp(prefix="nb2prod-check-"))
    try:
        runs = _Runs(context, path.resolve(), root, scratch, options, progress or Silent())
        evidence = runs.evidence()
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    wanted = {rule.code for rule in (choice or Choice()).rules_for(path)}
    found = [one for one in judged(context, checked.diagnostics, evidence) if one.code in wanted]
    return Ran(checked_of(checked.path, notebook, unsuppressed(notebook, found)), runs.told)


def _root(notebook: Path) -> Path:
    """The project's root: git's or DVC's, else the notebook's folder."""
    return (git.root(notebook.parent) or dvc.root(notebook.parent) or notebook.parent).resolve()


class _Runs:
    """The runs of one notebook, within one limit of time."""

    def __init__(
        self, context: Context, notebook: Path, root: Path, scratch: Path, options: RunOptions, progress: Progress
    ) -> None:
        self._context = context
        self._folder = notebook.parent.relative_to(root)
        self._root, self._scratch = root, scratch
        self._kernel = options.kernel or context.notebook.kernel
        self._options, self._progress = options, progress
        self._ends = time.monotonic() + options.seconds
        self._files = _project(root)
        self._versions: Mapping[str, str] = {}
        self.told: tuple[str, ...] = ()

    def evidence(self) -> Evidence:
        """All runs that there is time for."""
        first = self._run("first", *_FIRST)
        over = any(cell.status in ("timed out", "died") for cell in first.cells.values())
        second = None if over else self._run("second", *_SECOND)
        repeats = {} if over else self._repeat()
        self.told = (*self.told, *_told(self._context, first, second, self._options, self._kernel, self._root))
        tree = frozenset(path.as_posix() for path in self._files)
        return Evidence(first, second, repeats, self._versions, tree)

    def _run(self, name: str, start: Start, order: str) -> RunEvidence:
        self._progress.phase(f"{name} run")
        with _Kernel(self, name, start, order) as kernel:
            cells: dict[int, CellEvidence] = {}
            chain = Chain(self._context)
            views = self._context.views
            for number, view in enumerate(views, 1):
                self._progress.cell(view.cell.label, number, len(views))
                cells[view.index] = cell = self._cell(kernel, view, chain)
                if cell.status in ("timed out", "died"):
                    break
            if not self._versions and all(cell.status not in ("timed out", "died") for cell in cells.values()):
                self._versions = kernel.versions()
            return RunEvidence(cells, kernel.begin)

    def _cell(self, kernel: _Kernel, view: CodeView, chain: Chain) -> CellEvidence:
        """Run one cell, unless it needs what a failed one would have made."""
        cause = chain.cause(view)
        if cause is not None:
            chain.follow(view, cause[1])
            return CellEvidence(view.index, "not run", reason=f"needs `{cause[0]}` of cell {cause[1] + 1}")
        found = kernel.run(view)
        for failure in found.failures:
            chain.spoil(_lost(self._context, view, failure), view.index)
        if found.ran:
            chain.heal(view)
        return found

    def _repeat(self) -> dict[int, Repeat]:
        """Each cell twice in a row. What changed by it spoils the cells that use it."""
        self._progress.phase("each cell twice")
        found: dict[int, Repeat] = {}
        with _Kernel(self, "repeated", *_FIRST) as kernel:
            chain = Chain(self._context)
            before = kernel.begin
            for view in self._context.views:
                once = self._cell(kernel, view, chain)
                if once.status in ("timed out", "died"):
                    break
                if once.mark is None or not once.ran:
                    continue
                repeat = self._again(kernel, view, before, once.mark)
                if repeat is None:
                    break
                found[view.index] = repeat
                chain.spoil([*repeat.names, *(_all(self._context, view) if repeat.failure else ())], view.index)
                before = once.mark
        return found

    def _again(self, kernel: _Kernel, view: CodeView, before: Mark | None, once: Mark) -> Repeat | None:
        twice = kernel.run(view, again=True)
        if twice.status in ("timed out", "died"):
            return None
        if twice.failures:
            return Repeat(view.index, failure=twice.failures[0])
        if twice.mark is None or before is None:
            return Repeat(view.index)
        return Repeat(view.index, changed_again(written_by(self._context, view), before, once, twice.mark))

    @property
    def left(self) -> float:
        """Seconds of the limit that are left."""
        return self._ends - time.monotonic()


class _Kernel:
    """A fresh kernel in a fresh copy of the project, observed."""

    def __init__(self, runs: _Runs, name: str, start: Start, order: str) -> None:
        self._runs = runs
        self._tree = runs._scratch / name
        self._start = start
        copy_files(runs._root, self._tree, runs._files)
        folder = self._tree / runs._folder
        folder.mkdir(parents=True, exist_ok=True)
        offline = {} if runs._options.network else _OFFLINE
        self._session = open_session(runs._kernel, folder, runs._scratch, {"PYTHONHASHSEED": order, **offline})
        self._watch = Watch(self._tree)
        self.begin: Mark | None = None

    def __enter__(self) -> _Kernel:
        self._open: Session = self._session.__enter__()
        self._open.observe(stage_file(), self._tree, "_nb2prod_checked", self._start)
        if not self._runs._options.network:
            self._open.block_network()
        self.begin = self._mark(())
        return self

    def __exit__(self, *error: object) -> None:
        self._session.__exit__(None, None, None)
        shutil.rmtree(self._tree, ignore_errors=True)

    def run(self, view: CodeView, *, again: bool = False) -> CellEvidence:
        """One cell; after a failed import the rest of it as well. `again`: from the random states of before."""
        began = time.monotonic()
        failures: list[Failure] = []
        outputs: list[object] = []
        source, above = view.cell.source, 0
        try:
            self._prepare(view, again)
            while True:
                try:
                    run = self._open.run(source, view.cell.label, view.cell.tags, max(1.0, self._runs.left))
                    outputs += to_outputs(run.outputs)
                    break
                except CellFailed as error:
                    line = failed_line(error.traceback)
                    failures.append(Failure(error.name, error.value, line + above))
                    rest = _rest(view, failures[-1])
                    if rest is None:
                        break
                    above, source = rest
            mark = self._mark((view.index,))
        except CellTimedOut:
            spent = f"{self._runs._options.seconds:.0f} s for all runs together"
            return CellEvidence(view.index, "timed out", reason=spent)
        except OutsideError as error:
            return CellEvidence(view.index, "died", reason=error.message)
        status = "failed" if failures else "ran"
        given = tuple(to_outputs(run.outputs)) if not failures else ()
        return CellEvidence(view.index, status, given, mark, tuple(failures), seconds=time.monotonic() - began)

    def _prepare(self, view: CodeView, again: bool) -> None:
        if again:
            self._open.rewind()
        else:
            self._open.hold()
        self._open.pin(view.cell.id, view.index)

    def _mark(self, cells: tuple[int, ...]) -> Mark:
        return to_mark(cells, self._open.mark(frozenset()), self._tree, *self._watch.look())

    def versions(self) -> dict[str, str]:
        """Distribution → version, of the kernel's interpreter."""
        found = self._open.environment()["distributions"]
        return {str(one["name"]).lower().replace("_", "-"): str(one["version"]) for one in found}


def _project(root: Path) -> list[Path]:
    """The files to copy. Raises Refused where the folder is no project but somebody's whole disk."""
    found = []
    for path in project_files(root):
        found.append(path)
        if len(found) > _MOST_FILES:
            raise Refused(
                f"{root} holds more than {_MOST_FILES} files, and `--run` works on a copy of it",
                hint="put the notebook into a folder (or a git repository) of its own",
            )
    return found


def _rest(view: CodeView, failure: Failure) -> tuple[int, str] | None:
    """(lines above, text) of what follows a failed import in its cell; None where the cell ends there."""
    if failure.name not in ("ModuleNotFoundError", "ImportError") or view.parsed.magic is not None:
        return None
    nodes = [one.node for one in view.parsed.statements]
    at = next((i for i, node in enumerate(nodes) if node.lineno <= failure.line <= (node.end_lineno or 0)), None)
    if at is None or at + 1 >= len(nodes) or type(nodes[at]).__name__ not in ("Import", "ImportFrom"):
        return None
    above = nodes[at].end_lineno or failure.line
    lines = view.cell.source.split("\n")
    return above, "\n".join(lines[above:])


def _lost(context: Context, view: CodeView, failure: Failure) -> frozenset[str]:
    """Names that are not there, or not whole, after a failure."""
    if _rest(view, failure) is None:
        return unfinished(context, view, failure.line)
    facts = context.facts(view)
    nodes = [one.node for one in view.parsed.statements]
    pairs = zip(nodes, facts.statements, strict=False)
    return frozenset(
        name
        for node, one in pairs
        if node.lineno <= failure.line <= (node.end_lineno or 0)
        for name in one.facts.defines
    )


def _all(context: Context, view: CodeView) -> frozenset[str]:
    return written_by(context, view)


def _told(
    context: Context, first: RunEvidence, second: RunEvidence | None, options: RunOptions, kernel: str, root: Path
) -> list[str]:
    """What was executed, in sentences."""
    cells = list(first.cells.values())
    done = sum(cell.status in ("ran", "failed") for cell in cells)
    runs = "two runs from fresh kernels, and each cell twice in a row" if second else "one run from a fresh kernel"
    network = "with the network" if options.network else "without network"
    seconds = sum(cell.seconds for cell in cells)
    lines = [
        f"ran {done} of {len(context.views)} code cells of {context.notebook.file} in kernel `{kernel}`, {network}, "
        f"in a copy of {root}: {runs}; the first took {seconds:.1f} s"
    ]
    lines += [f"cell {cell.index + 1} was not run: it {cell.reason}" for cell in cells if cell.status == "not run"]
    reached = max(first.cells, default=-1)
    after = [view.index + 1 for view in context.views if view.index > reached]
    if after:
        lines.append(f"cells from {after[0]} on were not run")
    return lines


def run_all(
    checked: Sequence[Checked], choice: Choice, options: RunOptions, progress: Progress | None = None
) -> list[Ran]:
    """Run every notebook that could be read; one that cannot be run keeps its diagnostics and says why."""
    found = []
    for one in checked:
        if one.error:
            found.append(Ran(one, ()))
            continue
        try:
            found.append(check_run(Path(one.path), one, options, progress, choice))
        except (OutsideError, Refused) as error:
            told = (f"{one.path} was not run: {error.message}", f"hint: {error.hint}")
            found.append(Ran(one, told, isinstance(error, OutsideError)))
    return found
