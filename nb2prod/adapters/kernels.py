"""A real kernel of the notebook's kernelspec, with the observer inside."""

from __future__ import annotations

import contextlib
import json
import math
import os
import subprocess
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple

from nb2prod.adapters.confidential import Confidential, to_confidential
from nb2prod.errors import CellFailed, CellTimedOut, OutsideError
from nb2prod.pipeline.observation import Mark, Output, Refusal, Source, Variable

TEMPLATES = resources.files("nb2prod") / "_templates"


@dataclass(frozen=True, slots=True)
class CellRun:
    """What a cell gave: its outputs as nbformat has them, its seconds, and (name, text) of an expected exception."""

    outputs: tuple[dict[str, Any], ...]
    seconds: float
    raised: tuple[str, str] | None = None

    @property
    def compared(self) -> tuple[Output, ...]:
        """What must be equal. An expected exception counts, however its traceback was shown."""
        shown = [output for output in self.outputs if not (self.raised and output["output_type"] == "error")]
        error = [Output("error", (("text/plain", ": ".join(self.raised)),))] if self.raised else []
        return (*to_outputs(tuple(shown)), *error)


class Start(NamedTuple):
    """Where a run begins what nobody fixed: random numbers and entropy, and the clocks."""

    seed: int
    clock: int


class Session:
    """A running kernel. Use `open_session`."""

    def __init__(self, client: Any, scratch: Path) -> None:
        self._client = client
        #: Where code of ours in the kernel may write: the project's own folders are read-only for it.
        self.scratch = scratch
        self._asked = 0

    def run(self, source: str, label: str, tags: tuple[str, ...] = (), seconds: float | None = None) -> CellRun:
        """Run a cell as Jupyter would, for so many seconds at most.

        Raises CellFailed with the user's own traceback, CellTimedOut (the kernel is then of no more use), OutsideError
        if it dies.
        """
        from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
        from nbformat.v4 import new_code_cell

        cell = new_code_cell(source, metadata={"tags": list(tags)} if tags else {})
        self._client.nb.cells.append(cell)
        raised: list[tuple[str, str]] = []
        self._client.on_cell_error = lambda execute_reply, **_: raised.append(_error_of(execute_reply["content"]))
        self._client.timeout = None if seconds is None else max(1, math.ceil(seconds))
        began = time.perf_counter()
        try:
            self._client.execute_cell(cell, len(self._client.nb.cells) - 1)
        except CellExecutionError as error:
            raise CellFailed(
                f"{label} raised {error.ename}: {error.evalue}",
                traceback=_traceback(cell),
                name=str(error.ename),
                value=str(error.evalue),
            ) from error
        except CellTimeoutError as error:
            self._client.shutdown_kernel = "immediate"
            raise CellTimedOut(f"{label} did not end in time", hint="give it more with --timeout") from error
        except DeadKernelError as error:
            raise OutsideError(
                f"the kernel died while {label} was running", hint="it may have run out of memory: `dmesg` tells"
            ) from error
        outputs = tuple(dict(output) for output in cell.outputs)
        return CellRun(outputs, time.perf_counter() - began, raised[0] if raised else None)

    def observe(self, stage_file: Path, root: Path, package: str, start: Start) -> None:
        """Start the observer in the kernel; `start` is where pinned randomness and the clocks begin."""
        self._silently(
            f'__import__("runpy").run_path({str(observer_file())!r})["install"]'
            f"(stage_file={str(stage_file)!r}, root={str(root)!r}, package={package!r}, "
            f"seed={start.seed}, clock={start.clock})"
        )

    def pin(self, label: str, moment: int) -> None:
        """The same entropy and the same time for the same cell, in notebook and stage."""
        self._silently(f"{_OBSERVER}.pin({label!r}, {moment})")

    def guard(self, tree: Path, kept: Sequence[Path], *, offline: bool) -> None:
        """Keep the user's own folders (`kept`) as they are while code runs in the tree; `offline`: contact nothing."""
        folders = [str(path) for path in kept]
        self._silently(f"{_OBSERVER}.guard({str(tree)!r}, {folders!r}, {offline!r})")

    def record(self, folder: Path, mode: str) -> None:
        """What is read from others from now on is kept in the folder; `mode` "replay" takes it from there.

        "look" keeps it too, and refuses writes.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self._silently(f"{_OBSERVER}.record({str(folder)!r}, {mode!r})")

    def confidential(self) -> Confidential:
        """Which secrets the run took up so far: names, no values."""
        return to_confidential(self._answer("refused", "")["confidential"])

    def refused(self) -> tuple[Refusal, ...]:
        """What `guard` refused so far, whether or not the notebook caught the error."""
        return to_refusals(self._answer("refused", "")["refused"])

    def block_network(self) -> None:
        """Let code in the kernel reach this machine only; what else it asks for fails with a sentence that says so."""
        self._silently(f"{_OBSERVER}.block_network()")

    def hold(self) -> None:
        """Remember the states of the random generators, for `rewind`."""
        self._silently(f"{_OBSERVER}.hold()")

    def rewind(self) -> None:
        """Put the random generators back to where `hold` found them."""
        self._silently(f"{_OBSERVER}.rewind()")

    def mark(self, live: frozenset[str], setters: frozenset[str] = frozenset()) -> dict[str, Any]:
        """The observer's record of the kernel's state, with what the named setters of libraries set."""
        return self._answer("mark", f", live={sorted(live)!r}, setters={sorted(setters)!r}")

    def environment(self) -> dict[str, Any]:
        """The interpreter and its distributions."""
        return self._answer("environment", "")

    def ask_file(self, file: Path, function: str, *arguments: object) -> dict[str, Any]:
        """Call a file's function in the kernel; its first argument is where it writes its answer.

        The kernel gets the file's text, not the file: what it opens is watched.
        """
        self._asked += 1
        out = self.scratch / f"{function}-{os.getpid()}-{id(self)}-{self._asked}.json"
        given = ", ".join(map(repr, (str(out), *arguments)))
        names = f"{{'__name__': '_nb2prod_{file.stem}'}}"
        source = file.read_text(encoding="utf-8")
        self._silently(f"(lambda names: (exec({source!r}, names), names[{function!r}]({given})))({names})")
        record = json.loads(out.read_text(encoding="utf-8"))
        out.unlink()
        return dict(record)

    def _answer(self, verb: str, arguments: str) -> dict[str, Any]:
        self._asked += 1
        out = self.scratch / f"{verb}-{os.getpid()}-{id(self)}-{self._asked}.json"
        self._silently(f"{_OBSERVER}.{verb}(out={str(out)!r}{arguments})")
        record = json.loads(out.read_text(encoding="utf-8"))
        out.unlink()
        return dict(record)

    def _silently(self, expression: str) -> None:
        """Evaluate without leaving a trace in the user's namespace, history or counters."""

        code = f"if True: {expression}"  # no expression statement at the top: nothing becomes `_`
        message = self._client.kc.execute(code, silent=True, store_history=False, allow_stdin=False)
        content = self._reply(message)
        if content["status"] != "ok":
            tail = "\n".join(content.get("traceback", [])[-3:])
            raise OutsideError(f"the observer failed in the kernel: {content.get('evalue')}", hint=tail)

    def _reply(self, message: str) -> dict[str, Any]:
        from queue import Empty

        from jupyter_core.utils import ensure_async, run_sync

        async def wait() -> dict[str, Any]:
            while True:
                try:
                    reply = await ensure_async(self._client.kc.shell_channel.get_msg(timeout=5))
                except Empty:
                    if not await ensure_async(self._client.km.is_alive()):
                        raise OutsideError("the kernel died while it was being observed") from None
                    continue
                if reply["parent_header"].get("msg_id") == message:
                    return dict(reply["content"])

        return dict(run_sync(wait)())


# Folders that belong to the machine, not to anybody's work.
_SYSTEM = {"proc", "sys", "dev", "etc", "usr", "lib", "lib64", "bin", "sbin", "run", "System", "Library"}
_OBSERVER = '__import__("sys").modules["_nb2prod_observer"]'


def observer_file() -> Path:
    """The file that is run inside the kernel."""
    return Path(str(TEMPLATES / "kernel" / "observer.py"))


def kernel_files() -> list[Path]:
    """All of ours that may run inside an observed kernel."""
    return [stage_file(), *sorted(observer_file().parent.glob("*.py"))]


def stage_file() -> Path:
    """The generated pipelines' one file of ours."""
    return Path(str(TEMPLATES / "package" / "_stage.py"))


@contextlib.contextmanager
def open_session(
    kernel: str, folder: Path, scratch: Path, variables: Mapping[str, str] | None = None
) -> Iterator[Session]:
    """Start a fresh kernel in `folder` and end it with the block, whatever happens. Raises OutsideError.

    `variables`: of the environment, besides those of this process.
    """
    import nbformat
    from jupyter_client.kernelspec import NoSuchKernel
    from nbclient import NotebookClient

    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **(variables or {})}
    # What the kernel's own process prints (not the cells) is nobody's output.
    options = {"cwd": str(folder), "env": environment, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}

    def start(stack: contextlib.ExitStack) -> Session:
        client = NotebookClient(nbformat.v4.new_notebook(), kernel_name=kernel, timeout=None, startup_timeout=60)
        stack.enter_context(client.setup_kernel(**options))
        return Session(client, scratch)

    try:
        with contextlib.ExitStack() as stack:
            try:
                session = start(stack)
            except RuntimeError:
                # Two kernels that start at the same moment can be given the same port: the second try finds others.
                session = start(stack)
            yield session
    except NoSuchKernel as error:
        known = ", ".join(sorted(kernel_names())) or "none"
        raise OutsideError(
            f"there is no kernel `{kernel}` here (installed: {known})",
            hint=f"in its environment: `python -m ipykernel install --user --name {kernel}`; or pass --kernel NAME",
        ) from error
    except RuntimeError as error:
        if "Kernel died" in str(error) or "didn't respond" in str(error):
            raise OutsideError(f"kernel `{kernel}` did not start: {error}", hint="start it once in Jupyter") from error
        raise


def kernel_names() -> tuple[str, ...]:
    """The installed kernels."""
    from jupyter_client.kernelspec import KernelSpecManager

    return tuple(KernelSpecManager().find_kernel_specs())


def to_mark(
    cells: tuple[int, ...],
    record: Mapping[str, Any],
    root: Path,
    reads: frozenset[str],
    writes: frozenset[str],
    deleted: frozenset[str],
) -> Mark:
    """The observer's record as a plain one. `root`: the tree that the kernel runs in."""
    groups = {name: group for group in record["groups"] for name in group["names"]}
    touched = {access: _touched(root, record, access) for access in ("read", "write", "list", "chdir", "database")}
    variables = {
        name: Variable(
            name=name,
            fingerprint=str(entry["fingerprint"]),
            type=str(entry["type"]),
            kind=str(entry["kind"]),
            size=entry["bytes"],
            stored=groups.get(name, entry).get("stored"),
            format=(groups[name]["format"] if name in groups and entry["format"] else entry["format"]),
            why=str((groups[name]["why"] if name in groups and entry["format"] else entry["why"]) or ""),
            shares=frozenset(entry["shares"]),
            classes=tuple(entry["classes"]),
            modules=frozenset(entry.get("modules", ())),
            blind=bool(entry.get("blind")),
        )
        for name, entry in record["variables"].items()
    }
    random = {name: state for name, state in record["random"].items() if state is not None}
    untouched = record.get("untouched", ())
    patterns = {one["path"]: one["path"] for one in record["files"] if one["access"] == "glob"}
    return Mark(
        cells=cells,
        variables=variables,
        random={name: "" if name in untouched else state for name, state in random.items()},
        ambient={name: str(value) for name, value in record["ambient"].items()},
        reads=reads | touched["read"],
        databases=touched["database"],
        writes=writes | frozenset(path for path in touched["write"] if path.startswith("/")),
        listed=touched["list"],
        globbed=frozenset(_below(root, patterns).values()),
        probed=_probed(root, record),
        drawings={int(cell or -1): tuple(seen) for cell, seen in record.get("drawings", {}).items()},
        entered=touched["chdir"],
        deleted=deleted,
        written_first=touched["write"] - _read_first(root, record),
        network=tuple(record["network"]),
        unseeded=tuple(record["unseeded"]),
        clock=bool(record["clock"]),
        local_modules=_below(root, {one["name"]: one["file"] for one in record["modules"]}),
        imports={name: frozenset(named) for name, named in record.get("imports", {}).items()},
        refused=to_refusals(record.get("refused", ())),
        module_changes=frozenset(record.get("module_changes", ())),
        loose_modules=frozenset(record.get("loose_modules", ())),
        programs=frozenset(record.get("programs", ())),
    )


def read_sources(recording: Path) -> tuple[Source, ...]:
    """What a session recorded, without what it wrote; each once per cell, in the order of the cells."""
    index = recording / "index.json"
    lines = index.read_text(encoding="utf-8").splitlines() if index.exists() else []
    records = [json.loads(line) for line in lines]
    reads = {Source(int(one["cell"] or -1), one["name"], one["token"]) for one in records if not one["writes"]}
    return tuple(sorted(reads, key=lambda one: (one.cell, one.name, one.token)))


def to_refusals(records: Iterable[Mapping[str, str]]) -> tuple[Refusal, ...]:
    """The observer's records as plain ones."""
    return tuple(Refusal(one["kind"], one["what"], int(one["cell"]) if one["cell"] else None) for one in records)


def _below(root: Path, files: Mapping[str, str]) -> dict[str, str]:
    """Names whose file lies in the tree, with the file relative to it."""
    top = root.resolve()
    paths = {name: Path(file).resolve() for name, file in files.items()}
    return {name: path.relative_to(top).as_posix() for name, path in paths.items() if path.is_relative_to(top)}


def _touched(root: Path, record: Mapping[str, Any], access: str) -> frozenset[str]:
    """What the process opened itself and is still there: relative to the tree, absolute outside of it.

    Inside the tree the files' own times tell what was written; outside of it only this does. Hidden folders are
    settings and caches of programs.
    """
    top = root.resolve()
    found = set()
    for path in {Path(one["path"]) for one in record["files"] if one["access"] == access}:
        if path.is_relative_to(top) and path.exists():
            found.add(path.relative_to(top).as_posix())
        elif path.exists() and not any(part.startswith(".") for part in path.parts) and path.parts[1] not in _SYSTEM:
            found.add(path.as_posix())
    return frozenset(found)


def _probed(root: Path, record: Mapping[str, Any]) -> frozenset[str]:
    """Paths of the tree that somebody asked about, there or not."""
    top = root.resolve()
    asked = (Path(one["path"]) for one in record["files"] if one["access"] == "probe")
    return frozenset(path.relative_to(top).as_posix() for path in asked if path.is_relative_to(top))


def _read_first(root: Path, record: Mapping[str, Any]) -> frozenset[str]:
    """Files of the tree whose first opening was for reading."""
    top = root.resolve()
    first: dict[str, str] = {}
    for one in record["files"]:
        if one["access"] != "probe":
            first.setdefault(one["path"], one["access"])
    read = (Path(path) for path, access in first.items() if access == "read")
    return frozenset(path.relative_to(top).as_posix() for path in read if path.is_relative_to(top))


def to_outputs(outputs: tuple[dict[str, Any], ...]) -> tuple[Output, ...]:
    """nbformat's outputs, reduced to what is compared."""
    return tuple(_output(output) for output in outputs)


def _output(output: dict[str, Any]) -> Output:
    match output["output_type"]:
        case "stream":
            return Output(output["name"], (("text/plain", _text(output["text"])),))
        case "error":
            return Output("error", (("text/plain", f"{output['ename']}: {output['evalue']}"),))
        case kind:
            data = tuple((mime, _text(value)) for mime, value in sorted(output.get("data", {}).items()))
            return Output("result" if kind == "execute_result" else "display", data)


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "".join(value) if isinstance(value, list) else json.dumps(value, sort_keys=True)


def _error_of(content: Mapping[str, Any]) -> tuple[str, str]:
    return str(content.get("ename", "")), str(content.get("evalue", ""))


def _traceback(cell: Any) -> str:
    errors = [output for output in cell.outputs if output.output_type == "error"]
    return "\n".join(errors[-1].traceback) if errors else ""
