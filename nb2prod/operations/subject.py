"""What evidence is about: digests of a pipeline's code, data, model, parameters and contract as they are on disk now.

Evidence keeps the digests of its moment. Where one of them is another today, it was seen on something else.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nb2prod.adapters.documents import read_document
from nb2prod.adapters.files import digest, md5_of, read_text
from nb2prod.contract.evidence import Subject
from nb2prod.contract.model import Contract
from nb2prod.contract.reading import plain
from nb2prod.errors import UsageError
from nb2prod.notebook.same_code import code_of, looks_at_itself
from nb2prod.operations.locked import Locked, locked_files
from nb2prod.operations.preflight import load_params
from nb2prod.operations.project import Project
from nb2prod.writers.manifest import notebook_digests
from nb2prod.writers.requirements import existing_lock

# What of the contract changes what is measured. The rest is for people: another owner makes no test result stale.
_MEASURED = ("model", "input", "output", "holdout", "training", "baseline", "gate", "validation")


def subject_of(project: Project, contract: Contract | None) -> Subject:
    """The digests of now. None for a part that the pipeline does not have: no lock, no model named, no contract."""
    locked = locked_files(project)
    return Subject(
        code=_digest(sorted(_code(project, locked))),
        data=_data(locked),
        model=_model(project, locked, contract),
        params=_params(project),
        contract=contract_digest(contract) if contract else None,
    )


def contract_digest(contract: Contract) -> str:
    """SHA-256 (hex) of those sections that decide what is measured, and how."""
    data = plain(contract)
    return _digest([data[name] for name in _MEASURED])


def lockfile_of(project: Project) -> Path | None:
    """The file that pins the libraries: the project's own lock, else the pipeline's, of conda or of pip."""
    names = {path.name for path in project.root.iterdir() if path.is_file()}
    own = existing_lock(names)
    written = [project.folder / name for name in ("environment.yml", "requirements.txt")]
    files = [project.root / own.files[-1]] if own else written
    return next((file for file in files if file.is_file()), None)


def _code(project: Project, locked: Locked | None) -> Iterator[tuple[str, str]]:
    """(name, digest) of the notebook's code, the stages', the modules' and the lockfile."""
    manifest = project.manifest or {}
    yield "", _notebook(project, manifest)
    for path in manifest.get("files", ()):
        if path.endswith(".ipynb"):
            yield path, stage_code(project.folder / path)
        elif path.endswith(".py"):
            yield path, digest(project.folder / path) or "missing"
    for one in locked.modules if locked else ():
        if one.path not in manifest.get("files", ()):
            yield one.path, one.now or one.locked
    lockfile = lockfile_of(project)
    yield "lockfile", (digest(lockfile) or "missing") if lockfile else "none"


def _notebook(project: Project, manifest: dict[str, Any]) -> str:
    """Where the notebook is not at hand (a release's bundle), the code that was converted."""
    if project.notebook.exists():
        return notebook_digests(read_document(project.notebook))["code"]
    return str(manifest.get("notebook", {}).get("code", ""))


def stage_code(file: Path) -> str:
    """The digest of a stage notebook's code: prose and comments do not count."""
    try:
        cells = read_document(file).code_cells
    except UsageError:
        return "missing"
    as_written = looks_at_itself(cell.source for cell in cells)
    return _digest([[cell.source] if as_written else code_of(cell.source) for cell in cells])


def _data(locked: Locked | None) -> str | None:
    return _digest([(one.path, one.now or one.locked) for one in locked.inputs]) if locked else None


def _model(project: Project, locked: Locked | None, contract: Contract | None) -> str | None:
    """The bytes on disk; those of the lock where the artifact was not fetched."""
    artifact = contract.model.artifact if contract else None
    if artifact is None:
        return None
    found = md5_of(project.folder / artifact) or (locked.outputs.get(artifact) if locked else None)
    return _digest(found) if found else None


def _params(project: Project) -> str | None:
    text = read_text(project.folder / "params.yaml")
    return None if text is None else _digest(sorted(load_params(text, project.folder).items()))


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, ensure_ascii=False, default=str).encode("utf-8")).hexdigest()
