"""Readiness, releases and deployments: what the command line answers with `--format json`, as it is.

The operations behind these verbs load libraries that a notebook server should not hold: each question is a process.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from nb2prod.errors import Nb2prodError, OutsideError, Refused, UsageError
from nb2prod.operations.overview import pipeline_of
from nb2prod.plain_text import plain
from nb2prod.server.desk import Call, Desk

_SECONDS = 120.0
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9@._-]{0,199}\Z")


class NotInstalled(UsageError):
    """The installed nb2prod has no such verb."""


def expect_verb(verb: str) -> None:
    """Raises NotInstalled where this version has no such verb."""
    if find_spec(f"nb2prod.operations.{verb}") is None:
        raise NotInstalled(f"this nb2prod has no `{verb}` yet", hint="pip install --upgrade 'nb2prod[lab,production]'")


def word(text: str, what: str) -> str:
    """A version, an environment or an id: nothing that a command could take for an option."""
    if not _WORD.match(text):
        raise UsageError(f"“{plain(text)[:60]}” is no {what}", hint="letters, digits, `@`, `.`, `_` and `-`")
    return text


def asked(place: Path, arguments: Sequence[str]) -> dict[str, Any]:
    """The JSON answer of a verb that only looks. Raises what the verb complains about."""
    expect_verb(arguments[0])
    command = [sys.executable, "-m", "nb2prod", *arguments, "--format", "json"]
    try:
        done = subprocess.run(
            command, cwd=place, stdin=subprocess.DEVNULL, capture_output=True, timeout=_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise OutsideError(f"`{arguments[0]}` took too long", hint="ask for it in a terminal") from None
    return _answer(done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace"))


def _answer(code: int, said: str, complained: str) -> dict[str, Any]:
    try:
        found = json.loads(said)
    except ValueError:
        found = None
    if isinstance(found, dict):  # exit code 1 with a report is an answer
        return found
    lines = [line.strip() for line in plain(complained).splitlines() if line.strip()]
    hint = next((line.removeprefix("hint: ") for line in lines if line.startswith("hint: ")), "")
    message = " ".join(line.removeprefix("error: ") for line in lines if not line.startswith("hint: "))
    kind: type[Nb2prodError] = {2: UsageError, 3: OutsideError}.get(code, Refused)
    raise kind(message[:2000] or "there is no answer", hint=hint)


def _place(desk: Desk, call: Call) -> tuple[Path, Path]:
    """The notebook and its pipeline's folder."""
    notebook = desk.places.file(call.text("path"))
    return notebook, desk.places.confined(pipeline_of(notebook))


def pipeline_folder(desk: Desk, call: Call) -> Path:
    """The pipeline's folder. Raises Refused where there is none."""
    _, folder = _place(desk, call)
    if not folder.is_dir():
        raise Refused("there is no pipeline yet", hint="convert the notebook first")
    return folder


def ready(desk: Desk, call: Call) -> dict[str, Any]:
    """The checklist of a pipeline, or of a bare notebook."""
    notebook, folder = _place(desk, call)
    level = call.text("level", "0")
    if level not in ("0", "1", "2"):
        raise UsageError(f"there is no level {plain(level)[:20]}", hint="ask for 0, 1 or 2")
    target = folder if folder.is_dir() else notebook
    return asked(target.parent, ["ready", str(target), "--level", level])


def status(desk: Desk, call: Call) -> dict[str, Any]:
    """Which version is where."""
    return asked(pipeline_folder(desk, call), ["status"])


def history(desk: Desk, call: Call) -> dict[str, Any]:
    """What happened, the newest last."""
    return asked(pipeline_folder(desk, call), ["history"])


def trace(desk: Desk, call: Call) -> dict[str, Any]:
    """From an id to everything that made it."""
    return asked(pipeline_folder(desk, call), ["trace", word(call.text("id"), "id")])
