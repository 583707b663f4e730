"""The schema of a pipeline's inputs: inferred from training's data at each ingestion, edits kept, data checked.

What the file says of training's data is recorded as evidence: `schema` (what was inferred, what changed) and
`validation` (whether the data hold to what people set).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nb2prod.adapters.evidence import record
from nb2prod.adapters.schema_file import read_schema, write_schema
from nb2prod.adapters.worker import Worker
from nb2prod.contract.evidence import Evidence
from nb2prod.contract.model import Contract
from nb2prod.operations.project import Project, pipeline_folder
from nb2prod.operations.served import contract_or_proposal, kernel_python, locked_digests
from nb2prod.operations.subject import subject_of
from nb2prod.validation.infer import inferred
from nb2prod.validation.merge import Change, merged
from nb2prod.validation.model import Schema


@dataclass(frozen=True, slots=True)
class Inference:
    """The schema that is there now. `changes`: since the last time. `broken`: rules that training's own data break, as
    plain data: they were edited by hand, or the data are not what they were.
    """

    schema: Schema
    path: Path
    rows: int
    changes: tuple[Change, ...]
    written: bool
    broken: tuple[dict[str, Any], ...] = ()


def infer_schema(folder: str | Path = ".") -> Inference | None:
    """Bring `schema.yaml` up to training's data; None where the contract and the names of artifacts tell of none."""
    project = pipeline_folder(Path(folder))
    contract = contract_or_proposal(project)
    source = contract.training.inputs or contract.training.data
    if source is None:
        return None
    python = kernel_python(project.folder, project.manifest or {})
    job = _job(project, contract, source)
    seen = Worker(python).ask("profile", job)
    current = read_schema(project.folder, contract.validation.schema)
    schema, changes = merged(current, inferred(seen["columns"]))
    path = project.folder / contract.validation.schema
    written = write_schema(project.folder, schema, contract.validation.schema)
    broken = Worker(python).ask("check", {**job, "columns": schema.plain_columns()})["violations"] if current else []
    found = Inference(schema, path, int(seen["rows"]), changes, written, tuple(broken))
    _record(project, contract, source, found)
    return found


def _job(project: Project, contract: Contract, source: str) -> dict[str, Any]:
    path = str(project.folder / source)
    md5 = locked_digests(project.folder).get(source)
    dropped = [one for one in (contract.input.target, contract.training.target) if one and "/" not in one]
    return {
        "path": path,
        "model": {"digests": {path: {"md5": md5}} if md5 else {}},
        "drop": dropped,
        "id": contract.input.id,
    }


def _record(project: Project, contract: Contract, source: str, found: Inference) -> None:
    subject = subject_of(project, contract)
    at = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    facts = {
        "file": contract.validation.schema,
        "from": source,
        "rows": found.rows,
        "columns": len(found.schema.columns),
    }
    changes = [one.sentence() for one in found.changes]
    record(project.folder, Evidence("schema", True, at, subject, {**facts, "changes": changes}))
    checked = {"data": source, "rows": found.rows, "violations": list(found.broken)}
    record(project.folder, Evidence("validation", not found.broken, at, subject, checked))
