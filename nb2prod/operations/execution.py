"""How a stage's command is executed: in a kernel forked from the warm process, or in a new one.

A stage that fails in a fork is tried once more in a new kernel, with its outputs removed, before it is called failed.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nb2prod.adapters import papermill
from nb2prod.adapters.kernelspec import interpreter_of
from nb2prod.adapters.stage_kernel import StageKernel
from nb2prod.adapters.warm import Interpreter, Parent, start_parent
from nb2prod.errors import CellFailed, CellTimedOut, OutsideError
from nb2prod.operations.account import Account, Board
from nb2prod.operations.deadline import Deadline
from nb2prod.operations.imports import Needs
from nb2prod.operations.progress import Progress
from nb2prod.pipeline.attempts import Rules, told


def why_not_forked(needs: Needs) -> str:
    """Why the stages' kernels cannot be forked; "" where they can."""
    if sys.platform != "linux":
        return f"forking is not safe on {sys.platform}"
    if len(needs.kernels) != 1:
        return "the stages do not all name one and the same kernel"
    if interpreter_of(needs.kernels[0]) is None:
        return f"the kernel `{needs.kernels[0]}` is not an installed, plain ipykernel"
    return ""


@dataclass(frozen=True, slots=True)
class _Job:
    """A stage's command, and what its kernel is started with. `clear` removes what an attempt left of its outputs."""

    name: str
    call: papermill.Call
    kernel: str
    cwd: Path
    environment: Mapping[str, str]
    clear: Callable[[], None]


class Stopped(OutsideError):
    """The run was stopped while this stage was at work."""


class Execution:
    """The kernels of a run. `begin` starts the warm process; called, it executes a stage; `stop` ends all at once."""

    def __init__(self, folder: Path, needs: Needs, rules: Rules, progress: Progress) -> None:
        self._folder = folder
        self._needs = needs
        self._rules = rules
        self._board = Board(progress)
        self._interpreters: dict[str, Interpreter | None] = {}
        self._parents: dict[str, Parent] = {}
        self._spares: dict[tuple[str, Path], list[StageKernel]] = {}
        self._running: dict[str, StageKernel] = {}
        self._guard = threading.Lock()
        self._is_stopped = False
        self._is_used = False
        self._inherited: Sequence[int] = ()
        self.memory: dict[str, int] = {}
        self.retried: list[str] = []
        #: The stages that may still ask for a kernel: while there are any, one is forked ahead.
        self.expected: set[str] = set()

    def begin(self, root: Path, cwd: Path, inherited: Sequence[int] = ()) -> None:
        """Start the warm process for the stages' kernel, and fork the first kernel ahead."""
        if why_not_forked(self._needs):
            return
        (kernel,) = self._needs.kernels
        interpreter = self._interpreter(kernel)
        if interpreter is None:
            return
        self._inherited = inherited
        self._parents[kernel] = start_parent(interpreter, self._needs.modules, [cwd], inherited)
        self._fork_ahead(kernel, cwd, _environment({**os.environ, "DVC_ROOT": str(root)}, interpreter))

    def again(self, rules: Rules, progress: Progress) -> None:
        """Get ready for another run with the process that is warm already."""
        self._rules = rules
        self._board = Board(progress)
        self._is_used = True
        self.retried = []

    def needs_gpu(self, stage: str) -> bool:
        """Whether only one such stage runs at a time."""
        return bool(self._rules.of(stage).gpu)

    def rest(self) -> None:
        """The run is over; what is warm stays so."""
        self._is_used = False

    @property
    def is_warm(self) -> bool:
        """Whether there is a warm process, and its libraries are those that are installed."""
        return (
            not self._is_stopped
            and bool(self._parents)
            and all(parent.is_up_to_date for parent in self._parents.values())
        )

    @property
    def is_idle(self) -> bool:
        """Whether no run is under way."""
        return not self._is_used

    def close(self) -> None:
        """End the warm process and whatever still runs."""
        for parent in self._parents.values():
            parent.close()

    def stop(self) -> None:
        """End the stages that run; they fail, and none of them is tried again."""
        self._is_stopped = True
        self.close()

    def __call__(self, name: str, command: str, environment: Mapping[str, str], clear: Callable[[], None]) -> bool:
        """Execute a stage's command; False for one that is DVC's own to run. Raises CellFailed, OutsideError."""
        call = papermill.parse(command)
        if call is None or ":" in name:  # another pipeline's stage, which this one needs: its paths are from there
            return False
        document = papermill.prepare(call, self._folder)
        kernel = str(document.metadata.get("kernelspec", {}).get("name", ""))
        interpreter = self._interpreter(kernel)
        if interpreter is None or kernel not in self._parents:
            return False
        cwd = Path(os.path.normpath(self._folder / call.cwd))
        wanted = _environment(environment, interpreter)
        job = _Job(name, call, kernel, cwd, wanted, clear)
        taken = self._take(kernel, cwd, wanted)
        self.expected.discard(name)
        if self.expected:
            self._fork_ahead(kernel, cwd, {key: value for key, value in wanted.items() if key != "DVC_STAGE"})
        try:
            self._run(job, document, taken, is_first=True)
        except OutsideError as error:
            self._again(job, taken, error)
        return True

    def _again(self, job: _Job, kernel: StageKernel, error: OutsideError) -> None:
        """What failed in a fork is tried in a new kernel; what fails there, as often as it may, has failed."""
        allowed = 1 + self._rules.of(job.name).retry
        failed = int(kernel.is_new)
        while True:
            if self._is_stopped:
                raise Stopped("stopped") from error
            if failed == allowed:
                raise _named(job.name, error) from error
            self._tell_again(job.name, error, failed, allowed)
            job.clear()
            try:
                kernel = self._start(job.kernel, job.cwd, job.environment, fork=False)
                return self._run(job, papermill.prepare(job.call, self._folder), kernel, is_first=False)
            except OutsideError as found:
                error, failed = found, failed + 1

    def _tell_again(self, name: str, error: OutsideError, failed: int, allowed: int) -> None:
        if failed:
            self._board.note(f"stage `{name}` failed: {error.message}; attempt {failed + 1} of {allowed}")
        else:
            self._board.note(f"stage `{name}` failed in a forked kernel; it is tried in a new one")
        if name not in self.retried:
            self.retried.append(name)

    def _run(self, job: _Job, document: object, kernel: StageKernel, *, is_first: bool) -> None:
        account = Account(self._board, job.name, self._folder / "runs" / f"{job.name}.log", anew=is_first)
        limit = self._rules.of(job.name).timeout
        failure: OutsideError | None = None
        deadline = Deadline(limit, kernel.kill)
        try:
            self._execute(job, document, kernel, account, deadline)
        except OutsideError as error:
            failure = error
        if deadline.is_over and limit is not None:
            failure = _timed_out(limit, account.number)
        account.end(failure.message if failure else "")
        if failure is not None:
            raise failure

    def _execute(self, job: _Job, document: object, kernel: StageKernel, account: Account, deadline: Deadline) -> None:
        with self._guard:
            self._running[job.name] = kernel
        client = None
        try:
            client = kernel.connect()
            if changed := _difference(kernel.started.env, job.environment):
                kernel.tell_environment(client, **changed)
            with deadline:  # the kernel's own start is no time of the stage's
                papermill.execute(document, self._folder / job.call.target, kernel, client, account)
            self.memory[job.name] = kernel.peak_memory
        finally:
            self._end(job.name, kernel, client)

    def _end(self, name: str, kernel: StageKernel, client: object) -> None:
        with self._guard:
            self._running.pop(name, None)
        if client is None:
            kernel.kill()
        else:
            kernel.stop(client)

    def _take(self, kernel: str, cwd: Path, wanted: Mapping[str, str]) -> StageKernel:
        """The kernel that was forked ahead, if it fits, or another one."""
        with self._guard:
            spares = self._spares.setdefault((kernel, cwd), [])
            found = spares.pop() if spares else None
        if found is None or _difference(found.started.env, wanted) is None or not found.is_alive():
            found = self._start(kernel, cwd, wanted, fork=True)
        return found

    def _fork_ahead(self, kernel: str, cwd: Path, env: Mapping[str, str]) -> None:
        """Start a kernel for the stage after this one, while this one works."""
        if not self._spares.get((kernel, cwd)):
            spare = self._start(kernel, cwd, env, fork=True)
            self._spares.setdefault((kernel, cwd), []).append(spare)

    def _start(self, kernel: str, cwd: Path, env: Mapping[str, str], *, fork: bool) -> StageKernel:
        interpreter = self._interpreter(kernel)
        assert interpreter is not None
        parent = self._parent(kernel, interpreter)
        is_fork = fork and interpreter.is_plain_ipykernel
        return StageKernel(parent, parent.start(interpreter.argv, fork=is_fork, cwd=cwd, env=env))

    def _parent(self, kernel: str, interpreter: Interpreter) -> Parent:
        """The warm process; where somebody killed it, another one that imports nothing for the stages."""
        with self._guard:
            if self._parents[kernel].is_gone and not self._is_stopped:
                self._parents[kernel].close()
                self._parents[kernel] = start_parent(interpreter, (), (), self._inherited)
            return self._parents[kernel]

    def _interpreter(self, kernel: str) -> Interpreter | None:
        """How the kernel is started; None where that is not ours to do."""
        with self._guard:
            if kernel not in self._interpreters:
                self._interpreters[kernel] = interpreter_of(kernel)
            return self._interpreters[kernel]


def _environment(environment: Mapping[str, str], interpreter: Interpreter) -> dict[str, str]:
    """What the kernel has from papermill's program and from its kernelspec."""
    from string import Template

    found = {"PYDEVD_DISABLE_FILE_VALIDATION": "1", **environment}
    found |= {name: Template(value).safe_substitute(found) for name, value in interpreter.env.items()}
    found.pop("PYTHONEXECUTABLE", None)
    return found


def _difference(given: Mapping[str, str], wanted: Mapping[str, str]) -> dict[str, str] | None:
    """What is still to be set in a kernel that was started ahead; None where it should have started with it."""
    changed = {name for name in given.keys() | wanted.keys() if given.get(name) != wanted.get(name)}
    if changed - {"DVC_STAGE"} or (changed and "DVC_STAGE" not in wanted):
        return None
    return {name: wanted[name] for name in changed}


def _named(name: str, error: OutsideError) -> OutsideError:
    message = f"stage `{name}` failed: {error.message}"
    where = f"the executed notebook is runs/{name}.ipynb, its log runs/{name}.log"
    if isinstance(error, CellFailed):
        return CellFailed(message, traceback=error.traceback, name=error.name, value=error.value, hint=where)
    return type(error)(message, hint=f"{error.hint}; {where}" if error.hint else where)


def _timed_out(seconds: float, cell: int) -> CellTimedOut:
    return CellTimedOut(
        f"it took longer than {told(seconds)} and was in its cell {cell}",
        hint="give it more time in [tool.nb2prod.stages] of pyproject.toml",
    )
