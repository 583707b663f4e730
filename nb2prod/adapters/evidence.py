"""The evidence of a pipeline: one JSON file per kind under its `evidence/`, meant to be committed.

The newest of a kind replaces the one before; git keeps those. A file that cannot be read is said and left as it is;
when its kind is recorded anew, it is kept beside, under another name.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from nb2prod.adapters.files import remove_scraps, write_text
from nb2prod.contract.evidence import KINDS, Evidence, plain_evidence
from nb2prod.contract.evidence import evidence_of as evidence_in
from nb2prod.errors import OutsideError

FOLDER = "evidence"


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file that should hold evidence and does not, and why."""

    path: Path
    why: str


@dataclass(frozen=True, slots=True)
class Stored:
    """What a folder holds: the evidence in the order of KINDS, and the files that nobody can read."""

    evidence: tuple[Evidence, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()


def record(folder: Path, evidence: Evidence) -> Path:
    """Write `evidence` into the pipeline's folder, whole or not at all; the file. Raises OutsideError."""
    file = path_of(folder, evidence.kind)
    remove_scraps(file.parent)
    text = json.dumps(plain_evidence(evidence), indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"
    if isinstance(_read(file), Unreadable):
        _set_aside(file)
    write_text(file, text)
    return file


def evidence_of(folder: Path) -> tuple[Evidence, ...]:
    """What can be read, one of each kind. `stored` tells of the rest."""
    return stored(folder).evidence


def stored(folder: Path) -> Stored:
    """All that lies in the pipeline's `evidence/`."""
    found = [_read(path_of(folder, kind)) for kind in KINDS]
    return Stored(
        tuple(one for one in found if isinstance(one, Evidence)),
        tuple(one for one in found if isinstance(one, Unreadable)),
    )


def path_of(folder: Path, kind: str) -> Path:
    """Where the evidence of a kind lies. Raises KeyError for what is no kind."""
    if kind not in KINDS:
        raise KeyError(kind)
    return folder / FOLDER / f"{kind}.json"


def _read(file: Path) -> Evidence | Unreadable | None:
    try:
        data = json.loads(file.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        return Unreadable(file, error.strerror or str(error))
    except (ValueError, RecursionError) as error:
        return Unreadable(file, f"not valid JSON: {error}")
    return _record(file, data)


def _record(file: Path, data: object) -> Evidence | Unreadable:
    version = data.get("version") if isinstance(data, dict) else None
    if isinstance(version, int) and version > 1:
        return Unreadable(file, "written by a newer nb2prod")
    try:
        found = evidence_in(data)  # type: ignore[arg-type]  # whatever the file holds
    except (KeyError, TypeError, AttributeError) as error:
        return Unreadable(file, f"not a record of evidence: {error}")
    if not (found.passed in (True, False, None) and isinstance(found.at, str) and isinstance(found.facts, dict)):
        return Unreadable(file, "not a record of evidence: a value of another type than it should have")
    if found.kind != file.stem:
        return Unreadable(file, f"it holds evidence of another kind, {found.kind}")
    return found


def _set_aside(file: Path) -> None:
    number = 1
    while (aside := file.with_name(f"{file.stem}.unreadable-{number}")).exists():
        number += 1
    try:
        file.rename(aside)
    except OSError as error:
        raise OutsideError(
            f"cannot rename {file}: {error.strerror or error}", hint="move it away by hand, and run the command again"
        ) from error
