"""papermill's own way of putting parameters into a notebook, and of executing it."""

from __future__ import annotations

import contextlib
import logging
import shlex
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from nb2prod.adapters.files import write_text
from nb2prod.adapters.stage_kernel import StageKernel
from nb2prod.errors import CellFailed, OutsideError

# Readers of notebooks in clouds and on Hadoop. papermill tries to import each and goes on without: pyarrow alone takes
# as long as the rest of papermill. A stage's notebook is a local file, so that none of them is ever asked.
_CLOUDS = ("pyarrow", "boto3", "azure", "gcsfs", "github")
_SAVE_EVERY_SECONDS = 2.0

# What the generated code raises: its message says what the matter is, without the name of its class.
_OURS = "StageError"


class Listener(Protocol):
    """Is told of an execution while it goes on."""

    def cell(self, number: int, total: int) -> None:
        """A cell begins: which, counted from 1, and how many there are."""

    def output(self, text: str) -> None:
        """A cell printed, showed or raised something."""


@dataclass(frozen=True, slots=True)
class Call:
    """What `papermill SOURCE TARGET -f PARAMETERS --cwd FOLDER` was asked for; paths as they stand in the command."""

    source: str
    target: str
    parameters: str
    cwd: str


def parse(command: str) -> Call | None:
    """The call, if the command is one that nb2prod writes; None for any other, which is the shell's."""
    try:
        words = shlex.split(command)
    except ValueError:
        return None
    match words:
        case ["papermill", source, target, "-f", parameters, "--cwd", cwd]:
            known = Call(source, target, parameters, cwd)
            is_local = not any("://" in word for word in words)
            return known if is_local and command == command_of(known) else None
    return None


def command_of(call: Call) -> str:
    """The command of a call, as `writers.dvc_yaml` writes it."""
    return shlex.join(["papermill", call.source, call.target, "-f", call.parameters, "--cwd", call.cwd])


def load() -> None:
    """Import papermill without what it needs for notebooks that are not local files."""
    if "papermill.iorw" in sys.modules:
        return
    with _hidden(_CLOUDS):
        import papermill.execute
    logging.getLogger("papermill").setLevel(logging.ERROR)
    logging.getLogger("papermill.translators").setLevel(logging.ERROR)
    del papermill


@contextlib.contextmanager
def _hidden(names: tuple[str, ...]) -> Iterator[None]:
    """Let these fail to import for a moment, unless they are there already."""
    hidden = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]  # None is how Python marks it
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


def parameterised(text: str, values: Mapping[str, object]) -> Any:
    """The notebook (as text) with an injected cell, just as `papermill -f params.yaml` would make it."""
    import nbformat
    from papermill.parameterize import parameterize_notebook

    logging.getLogger("papermill").setLevel(logging.ERROR)
    document = nbformat.reads(text, as_version=4)
    for part in (document, *document.cells):  # as papermill's own reader completes them
        part.metadata.setdefault("papermill", {})
    for cell in document.cells:
        cell.metadata.setdefault("tags", [])
    return parameterize_notebook(document, dict(values)) if values else document


def executed(document: Any) -> str:
    """The text of an executed notebook."""
    import nbformat

    return str(nbformat.writes(document)) + "\n"


def prepare(call: Call, folder: Path) -> Any:
    """The notebook with its parameters, as papermill has it before the first cell. Raises OutsideError."""
    load()
    from papermill.execute import prepare_notebook_metadata, remove_error_markers
    from papermill.iorw import load_notebook_node, read_yaml_file
    from papermill.parameterize import parameterize_notebook

    try:
        document = load_notebook_node(str(folder / call.source))
        parameters = read_yaml_file(str(folder / call.parameters)) or {}
    except (OSError, ValueError) as error:
        raise OutsideError(f"papermill cannot read {call.source} or {call.parameters}: {error}") from error
    if parameters:
        document = parameterize_notebook(document, parameters)
    return remove_error_markers(prepare_notebook_metadata(document, call.source, call.target))


def execute(document: Any, target: Path, kernel: StageKernel, client: Any, listener: Listener) -> None:
    """Run the cells and write the executed notebook, as papermill does.

    Raises CellFailed with the user's own traceback, OutsideError where the kernel dies.
    """
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.exceptions import PapermillExecutionError
    from papermill.execute import raise_for_execution_errors
    from papermill.log import logger

    manager = _manager(document, target, listener)
    name = document.metadata.get("kernelspec", {}).get("name", "")
    runner = _client(listener)(manager, km=kernel, kernel_name=name, timeout=None, log=logger)
    runner.kc = client
    manager.notebook_start()
    try:
        runner.execute()
    except (DeadKernelError, CellTimeoutError) as error:  # the second: it died right after its reply
        raise OutsideError(
            "the kernel died while a cell was running", hint="it may have run out of memory: `dmesg` tells"
        ) from error
    finally:
        manager.notebook_complete()
    try:
        raise_for_execution_errors(manager.nb, str(target))
    except PapermillExecutionError as error:
        raise _failed(error) from error


def _failed(error: Any) -> CellFailed:
    what = str(error.evalue) if error.ename == _OURS else f"a cell raised {error.ename}: {error.evalue}"
    return CellFailed(what, traceback="\n".join(error.traceback), name=str(error.ename), value=str(error.evalue))


def _client(listener: Listener) -> Any:
    """papermill's client, which tells of each output as it comes."""
    from papermill.clientwrap import PapermillNotebookClient

    class Client(PapermillNotebookClient):  # type: ignore[misc]
        def process_message(self, *arguments: Any, **keywords: Any) -> Any:
            output = super().process_message(*arguments, **keywords)
            if output:
                listener.output(_text(output))
            return output

    return Client


def _text(output: Any) -> str:
    """An output as a log shows it."""
    if output.output_type == "stream":
        return "".join(output.text)
    if output.output_type == "error":
        return "\n".join(output.traceback) + "\n"
    shown = output.get("data", {}).get("text/plain", "")
    return "".join(shown) + "\n" if shown else ""


def _manager(document: Any, target: Path, listener: Listener) -> Any:
    """papermill's record of an execution, which tells of each cell, and writes the notebook whole and not at each."""
    import nbformat
    from papermill.engines import NotebookExecutionManager

    class Manager(NotebookExecutionManager):  # type: ignore[misc]
        saved = 0.0

        def save(self, **_: Any) -> None:
            if self.end_time is not None or time.monotonic() - self.saved > _SAVE_EVERY_SECONDS:
                write_text(target, str(nbformat.writes(self.nb)))
                self.saved = time.monotonic()

        def cell_start(self, cell: Any, cell_index: int | None = None, **keywords: Any) -> None:
            listener.cell((cell_index or 0) + 1, len(self.nb.cells))
            super().cell_start(cell, cell_index, **keywords)

    return Manager(document, output_path=str(target), progress_bar=False)
