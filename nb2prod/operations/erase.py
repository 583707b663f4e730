"""`nb2prod erase`: predictions and what was kept of their inputs go out of the log, for good."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nb2prod.adapters import git
from nb2prod.adapters.prediction_log import erase as erase_rows
from nb2prod.adapters.prediction_log import find, find_by_consumer, log_of
from nb2prod.errors import UsageError
from nb2prod.prediction.identity import parse_id
from nb2prod.prediction.records import Found


@dataclass(frozen=True, slots=True)
class Erased:
    """`ids`: of the predictions that are gone. `outputs`: files with their rows, which are not ours to edit."""

    ids: tuple[str, ...]
    outputs: tuple[str, ...]


def erase(ids: Sequence[str], folder: str | Path = ".", *, consumer: bool = False) -> Erased:
    """Erase predictions by their ids; with `consumer`, all of the consumers' own ids.

    Raises UsageError for one that the log does not have: nothing is erased then.
    """
    root = git.root(Path(folder)) or Path(folder).resolve()
    found = [one for text in ids for one in _meant(root, text, consumer)]
    wanted: dict[str, tuple[Path, list[int]]] = {}
    for one in found:
        log = log_of(root, one.batch.name)
        if log is not None and not one.erased:
            wanted.setdefault(one.batch.name, (log, []))[1].append(one.row)
    erase_rows(root, wanted)
    gone = tuple(dict.fromkeys(one.id for one in found if not one.erased))
    return Erased(gone, tuple(sorted({one.batch.output for one in found if not one.erased})))


def _meant(root: Path, text: str, consumer: bool) -> tuple[Found, ...]:
    if not consumer and parse_id(text) is None:
        raise UsageError(f"`{text}` is not the id of a prediction", hint="--consumer takes the consumer's own ids")
    one = None if consumer else find(root, text)
    found = find_by_consumer(root, text) if consumer else (one,) if one else ()
    if not found:
        raise UsageError(f"the log has no prediction of `{text}`", hint="nothing was erased; see the id")
    return found
