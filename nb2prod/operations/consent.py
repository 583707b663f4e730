"""Whom the notebook contacts is said before anything runs, and asked for."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from nb2prod.dataflow.connections import Connection, find_connections
from nb2prod.errors import Refused
from nb2prod.notebook.model import Cell, Notebook
from nb2prod.operations.imports import imported
from nb2prod.operations.progress import Progress

#: Asked before anything runs, with one sentence per connection; True lets the notebook contact them.
Ask = Callable[[Sequence[str]], bool]
REMEDY = (
    "`--allow-network` lets it: what it reads is recorded once and replayed in the proof; "
    "or read a file of the project instead"
)
UNRECORDED = "read it with requests, urllib, httpx, boto3, SQLAlchemy or a driver, or from a file of the project"


def connections(notebook: Notebook, folder: Path) -> tuple[str, ...]:
    """A sentence for each connection that the text tells, with its cell, or the module of `folder`, the notebook's."""
    found = [_sentence(notebook, one) for one in find_connections(notebook)]
    return (*found, *_in_modules(notebook, folder))


def consent(notebook: Notebook, folder: Path, progress: Progress, *, allowed: bool, ask: Ask | None) -> bool:
    """Whether the network may be used; all connections are told. Raises Refused where nobody agrees to what is needed.

    A server on this machine may be the notebook's own: that is left to the run, which tells one from the other. So is
    what a module of the project contacts: the notebook need not call it.
    """
    found = find_connections(notebook)
    sentences = connections(notebook, folder)
    if sentences and not allowed and ask is not None:
        allowed = ask(sentences)
    if not allowed and any(not one.is_local for one in found):
        listed = "\n  ".join(sentences)
        raise Refused(f"the notebook contacts others, and nothing was run:\n  {listed}", hint=REMEDY)
    unrecorded = [one for one in found if not one.recorded and not one.is_local]
    if allowed and unrecorded:
        raise Refused(f"{_sentence(notebook, unrecorded[0])}, which cannot be recorded", hint=UNRECORDED)
    for sentence in sentences:
        progress.note(sentence)
    return allowed


def _in_modules(notebook: Notebook, folder: Path) -> Iterator[str]:
    """A sentence for each connection in the modules beside the notebook that it imports, and that those import."""
    waiting = [name for cell in notebook.code_cells for name in imported(cell.source)]
    seen: set[Path] = set()
    while waiting:
        place = folder.joinpath(*waiting.pop(0).split("."))
        for file in (place.with_suffix(".py"), place / "__init__.py"):
            if file in seen or not file.is_file() or not (text := _python(file)):
                continue
            seen.add(file)
            waiting += imported(text)
            module = replace(notebook, cells=(Cell("", 0, "code", text),))
            for one in find_connections(module):
                yield f"{file.relative_to(folder).as_posix()}: {one.sentence()}"


def _python(file: Path) -> str:
    """The module's text; empty where it is none, which is for the run to say."""
    text = file.read_bytes().decode("utf-8", "replace")
    try:
        ast.parse(text)
    except (SyntaxError, ValueError):
        return ""
    return text


def _sentence(notebook: Notebook, one: Connection) -> str:
    return f"{notebook.cells[one.cell].label}: {one.sentence()}"
