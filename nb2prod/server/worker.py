"""The process of one job: the module run as a program with the job's folder. Its last act is to write `result.json`."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nb2prod.adapters.files import write_text
from nb2prod.errors import CellFailed, Nb2prodError, OutsideError
from nb2prod.operations.progress import Progress
from nb2prod.pipeline.verdict import Verdict
from nb2prod.server.events import Written
from nb2prod.server.plainly import plainly
from nb2prod.server.process import mark, program
from nb2prod.server.wire import Opened

if TYPE_CHECKING:
    from nb2prod.operations.warm import Warm

Options = Mapping[str, Any]

# How a message names a cell: its number, and its id.
_CELL = re.compile(r"cell \d+ \(([A-Za-z0-9_-]{1,64})\)")


def convert(target: Path, options: Options, progress: Progress) -> dict[str, Any]:
    """A notebook becomes a pipeline."""
    from nb2prod.operations.convert import convert as operation

    done = operation(target, progress=progress, **options)
    written = done.installation.written if done.installation else ()
    return {**_verdict(done.verdict), "notes": list(done.notes), "files": len(written)}


def run(target: Path, options: Options, progress: Progress, warm: Warm | None = None) -> dict[str, Any]:
    """A pipeline's outputs are brought up to date."""
    from nb2prod.operations.run import run as operation

    done = operation(target, progress=progress, warm=warm, **options)
    return {"executed": done.executed, "skipped": done.skipped, "metrics": done.metrics, "folder": done.folder}


def verify(target: Path, options: Options, progress: Progress) -> dict[str, Any]:
    """Notebook and pipeline are compared again."""
    from nb2prod.operations.verify import verify as operation

    return _verdict(operation(target, progress=progress).verdict)


def check(target: Path, options: Options, progress: Progress) -> dict[str, Any]:
    """Suspicions become facts: the saved notebook is run in a copy of its project."""
    from nb2prod.lint.report.json import diagnostic_record
    from nb2prod.operations.check import check as look
    from nb2prod.operations.check_run import RunOptions, check_run

    done = check_run(target, look(target), RunOptions(**options), progress)
    return {"diagnostics": [diagnostic_record(one) for one in done.checked.diagnostics], "executed": done.executed}


def debug(target: Path, options: Options, progress: Progress) -> dict[str, Any]:
    """A stage is opened where it fails: its kernel goes on after this process."""
    from nb2prod.operations.debug import debug as operation

    done = operation(options["stage"], target, progress=progress)
    cell = _CELL.search(done.cell)
    raised = f"{done.failed.name}: {done.failed.value}" if done.failed else ""
    name = cell[1] if cell else ""
    found = Opened(done.stage, done.cell, name, raised, done.inputs, str(done.connection), done.process)
    return dict(plainly(found))


def command(target: Path, options: Options, progress: Progress) -> dict[str, Any]:
    """A verb of the command line: what it complains is progress, what it says is the result."""
    arguments = program("nb2prod", *options["arguments"])
    with subprocess.Popen(arguments, cwd=target, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        assert child.stderr is not None and child.stdout is not None
        lines = []
        for line in child.stderr:
            lines.append(line.strip())
            progress.note(line.strip())
        said = child.stdout.read()
    if child.returncode:
        raise _said(lines, said)
    return {"said": said}


def _said(lines: list[str], said: str) -> Nb2prodError:
    """What the command complained, as an error."""
    from nb2prod.plain_text import plain

    hint = next((line.removeprefix("hint: ") for line in lines if line.startswith("hint: ")), "")
    message = [line.removeprefix("error: ") for line in lines if line and not line.startswith("hint: ")]
    return Nb2prodError(plain("\n".join(message[-8:]) or said.strip() or "it failed"), hint=plain(hint))


_VERBS: Mapping[str, Callable[[Path, Options, Progress], dict[str, Any]]] = {
    "convert": convert,
    "run": run,
    "verify": verify,
    "check": check,
    "debug": debug,
}


def _verdict(verdict: Verdict) -> dict[str, Any]:
    compared = {
        "variables": sum(one.variables for one in verdict.stages),
        "outputs": sum(one.outputs for one in verdict.stages),
        "files": sum(one.files for one in verdict.stages),
    }
    return {
        "verdict": verdict.state,
        "reason": verdict.reason,
        "differences": verdict.differences,
        "compared": compared,
    }


def main(folder: Path) -> None:
    """Do what `job.json` says. What is no error of the user's ends the process, and `output.txt` tells it."""
    mark(folder, os.getpid())
    order = read_order(folder)
    do(folder, order, _VERBS.get(order["verb"], command))


def read_order(folder: Path) -> dict[str, Any]:
    """What was asked for."""
    return dict(json.loads((folder / "job.json").read_text(encoding="utf-8")))


def do(folder: Path, order: Mapping[str, Any], verb: Callable[[Path, Options, Progress], dict[str, Any]]) -> str:
    """Do it, and write how it ended; the word for that."""
    try:
        answer = {
            "state": "done",
            "result": verb(Path(order["target"]), order["options"], Written(folder / "events.jsonl")),
        }
    except Nb2prodError as error:
        cell = _CELL.search(error.message) if isinstance(error, CellFailed) else None
        answer = {
            "state": "failed",
            "trouble": {"message": error.message, "hint": error.hint, "cell": cell[1] if cell else ""},
        }
    except OSError as error:
        known = OutsideError(f"{error.strerror or error}: {error.filename or ''}", hint="check the disk")
        answer = {"state": "failed", "trouble": {"message": known.message, "hint": known.hint, "cell": ""}}
    except KeyboardInterrupt:
        answer = {"state": "cancelled"}
    write_text(folder / "result.json", json.dumps(plainly(answer | {"ended": time.time()})))
    return str(answer["state"])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
