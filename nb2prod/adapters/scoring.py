"""A model's answers on held-out rows, from the interpreter of its notebook's kernel."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from nb2prod.errors import OutsideError, Refused


@dataclass(frozen=True, slots=True)
class Answer:
    """`told`: plain data; `arrays`: name → numbers or texts, one per row."""

    told: Mapping[str, Any]
    arrays: Mapping[str, Any]


def score(interpreter: str, request: Mapping[str, Any], *, cwd: Path, seconds: float = 3600) -> Answer:
    """Run the scoring program. Raises Refused for what the model or the artifacts are at fault for, OutsideError for a
    program that cannot be run or takes longer than `seconds`.
    """
    import numpy as np

    program = resources.files("nb2prod") / "_templates" / "gate" / "scoring.py"
    with resources.as_file(program) as script, tempfile.TemporaryDirectory(prefix="nb2prod-") as scratch:
        asked, told = Path(scratch, "request.json"), Path(scratch, "answer.json")
        asked.write_text(json.dumps(request), "utf-8")
        _run([interpreter, str(script), str(asked), str(told)], cwd, seconds, told)
        found = json.loads(told.read_text("utf-8"))
        if "error" in found:
            hint = found.get("hint") or _last(found.get("traceback", ""))
            raise Refused(f"the hold-out could not be scored: {found['error']}", hint=hint)
        arrays = {name: np.load(Path(scratch, file), allow_pickle=False) for name, file in found["arrays"].items()}
        return Answer(found, arrays)


def _run(command: list[str], cwd: Path, seconds: float, told: Path) -> None:
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUTF8": "1"}
    try:
        done = subprocess.run(
            command,
            cwd=cwd,
            env=environment,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise OutsideError(f"scoring the hold-out took more than {seconds:g} s", hint="hold out fewer rows") from None
    except OSError as error:
        raise OutsideError(f"{command[0]} cannot be run: {error.strerror or error}") from error
    if not told.is_file():
        raise OutsideError("the program that scores the hold-out died", hint=done.stderr.strip()[-800:])


def _last(traceback: str) -> str:
    lines = [line.strip() for line in traceback.strip().splitlines() if line.strip().startswith("File ")]
    return lines[-1] if lines else ""
