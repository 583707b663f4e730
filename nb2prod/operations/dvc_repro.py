"""`dvc repro` as a program, read line by line: the way of a run where kernels are not forked."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from nb2prod.adapters import dvc
from nb2prod.errors import CellFailed, OutsideError
from nb2prod.operations.progress import Progress
from nb2prod.operations.project import Project

_RUNNING = re.compile(r"Running stage '(?:.*:)?([^']+)'")
_SKIPPED = re.compile(r"Stage '(?:.*:)?([^']+)' (didn't change|is cached)")
_CELL = re.compile(r"Executing:.*?(\d+)/(\d+)")
_OURS = re.compile(r"^StageError: (.+)$", re.MULTILINE)


def dvc_repro(
    project: Project, arguments: Sequence[str], extra: Mapping[str, str], progress: Progress
) -> tuple[list[str], list[str]]:
    """Run it; the stages that were executed, and those that were not. `extra`: further environment variables.

    Raises CellFailed where a cell raises, OutsideError where DVC fails.
    """
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
    if executed and (unwritten := dvc.unwritten(executed[-1], text)):
        return unwritten
    if "Unable to acquire lock" in text or "is busy" in text:
        return OutsideError(
            "another DVC process holds the lock of this repository", hint="wait for it to end and run again"
        )
    return OutsideError("`dvc repro` failed", hint=text[-1500:])
