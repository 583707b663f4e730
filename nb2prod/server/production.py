"""Routes about readiness, versions and deployments: what the command line answers with `--format json`, as it is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from nb2prod.adapters.verbs import asked
from nb2prod.errors import Refused, UsageError
from nb2prod.operations.overview import pipeline_of
from nb2prod.plain_text import plain
from nb2prod.server.desk import Call, Desk

_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9@._-]{0,199}\Z")


def word(text: str, what: str) -> str:
    """A version, an environment or an id: nothing that a command could take for an option."""
    if not _WORD.match(text):
        raise UsageError(f"“{plain(text)[:60]}” is no {what}", hint="letters, digits, `@`, `.`, `_` and `-`")
    return text


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
