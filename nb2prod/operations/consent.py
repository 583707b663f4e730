"""Whom the notebook contacts is said before anything runs, and asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from nb2prod.dataflow.connections import Connection, find_connections
from nb2prod.errors import Refused
from nb2prod.notebook.model import Notebook
from nb2prod.operations.progress import Progress

#: Asked before anything runs, with one sentence per connection; True lets the notebook contact them.
Ask = Callable[[Sequence[str]], bool]
REMEDY = (
    "`--allow-network` lets it: what it reads is recorded once and replayed in the proof; "
    "or read a file of the project instead"
)
UNRECORDED = "read it with requests, urllib, httpx, boto3, SQLAlchemy or a driver, or from a file of the project"


def connections(notebook: Notebook) -> tuple[str, ...]:
    """A sentence for each connection that the text tells, with its cell."""
    return tuple(_sentence(notebook, one) for one in find_connections(notebook))


def consent(notebook: Notebook, progress: Progress, *, allowed: bool, ask: Ask | None) -> bool:
    """Whether the network may be used; all connections are told. Raises Refused where nobody agrees to what is needed.

    A server on this machine may be the notebook's own: that is left to the run, which tells one from the other.
    """
    found = find_connections(notebook)
    sentences = [_sentence(notebook, one) for one in found]
    if found and not allowed and ask is not None:
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


def _sentence(notebook: Notebook, one: Connection) -> str:
    return f"{notebook.cells[one.cell].label}: {one.sentence()}"
