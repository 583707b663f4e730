"""Routes about readiness, versions and deployments: what the command line answers with `--format json`, as it is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from nb2prod.adapters.verbs import asked
from nb2prod.errors import Refused, UsageError
from nb2prod.operations.overview import pipeline_of
from nb2prod.operations.project import read_manifest
from nb2prod.plain_text import plain
from nb2prod.server.desk import Call, Desk

_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9@._-]{0,199}\Z")


def word(text: str, what: str) -> str:
    """A version, an environment or an id: nothing that a command could take for an option."""
    if not _WORD.match(text):
        raise UsageError(f"“{plain(text)[:60]}” is no {what}", hint="letters, digits, `@`, `.`, `_` and `-`")
    return text


def place(desk: Desk, call: Call) -> tuple[Path, Path]:
    """The notebook and its pipeline's folder."""
    notebook = desk.places.file(call.text("path"))
    return notebook, desk.places.confined(pipeline_of(notebook))


def folder_of(desk: Desk, call: Call) -> Path:
    """The pipeline's folder. Raises Refused where there is none."""
    _, folder = place(desk, call)
    if not folder.is_dir():
        raise Refused("there is no pipeline yet", hint="convert the notebook first")
    return folder


def ready(desk: Desk, call: Call) -> dict[str, Any]:
    """The checklist of a pipeline, or of a bare notebook. A first look writes `production.yaml`, with its questions."""
    notebook, folder = place(desk, call)
    level = call.text("level", "0")
    if level not in ("0", "1", "2"):
        raise UsageError(f"there is no level {plain(level)[:20]}", hint="ask for 0, 1 or 2")
    target = folder if folder.is_dir() else notebook
    return asked(target.parent, ["ready", str(target), "--level", level])


def name_in(folder: Path) -> str:
    """What versions of the pipeline in that folder are called: a repository may have several."""
    return word(str((read_manifest(folder) or {}).get("package", "")), "pipeline's name")


def status(desk: Desk, call: Call) -> dict[str, Any]:
    """Which version is where."""
    folder = folder_of(desk, call)
    return asked(folder, ["status", name_in(folder)])


def history(desk: Desk, call: Call) -> dict[str, Any]:
    """What happened, the newest last."""
    folder = folder_of(desk, call)
    return asked(folder, ["history", name_in(folder)])


def trace(desk: Desk, call: Call) -> dict[str, Any]:
    """From an id to everything that made it."""
    folder = folder_of(desk, call)
    return asked(folder, ["trace", _id(call.text("id")), "--name", name_in(folder)])


def _id(text: str) -> str:
    """A prediction, a version, or an artifact's path or hash: nothing that a command could take for an option."""
    if not text or text.startswith("-") or len(text) > 1000 or plain(text) != text or "\n" in text:
        raise UsageError(f"“{plain(text)[:60]}” is no id", hint="give a prediction's id, a version, or an artifact")
    return text
