"""The schema of a pipeline's inputs: inferred from training's data at each ingestion, edits kept, data checked.

What the file says of training's data is recorded as evidence: `schema` (what was inferred, what changed) and
`validation` (whether the data hold to what people set).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nb2prod.adapters.clock import timestamp
from nb2prod.adapters.contract_file import read_contract
from nb2prod.adapters.evidence import evidence_of, record
from nb2prod.adapters.files import digest
from nb2prod.adapters.schema_file import read_schema, write_schema
from nb2prod.adapters.worker import DataRefused, Worker
from nb2prod.contract.evidence import Evidence
from nb2prod.contract.model import Contract
from nb2prod.operations.project import Project, pipeline_folder
from nb2prod.operations.served import contract_or_proposal, kernel_python, locked_digests
from nb2prod.operations.subject import subject_of
from nb2prod.validation.infer import inferred
from nb2prod.validation.merge import Change, edited, merged
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
    """Bring `schema.yaml` up to training's data; None where the contract and the names of artifacts tell of none.

    Raises UsageError for a schema that cannot be read, DataRefused for a column with edited rules that is gone.
    """
    project = pipeline_folder(Path(folder))
    contract = contract_or_proposal(project)
    source = contract.training.inputs or contract.training.data
    if source is None:
        return None
    current = read_schema(project.folder, contract.validation.schema)
    job = {**_job(project, contract, source), "edited": edited(current)}
    seen = Worker(kernel_python(project.folder, project.manifest or {})).ask("profile", job)
    schema, changes = merged(current, inferred(seen["columns"]))
    path = project.folder / contract.validation.schema
    written = write_schema(project.folder, schema, contract.validation.schema)
    found = Inference(schema, path, int(seen["rows"]), changes, written, tuple(seen["violations"]))
    _record(project, contract, source, found)
    return found


def ingested(folder: Path) -> Inference | None:
    """The same after new data came in, where there is a contract; None where neither data nor schema changed.

    Raises DataRefused where the data break rules that people set.
    """
    contract = read_contract(folder)
    source = (contract.training.inputs or contract.training.data) if contract else None
    if contract is None or source is None or _seen(folder, contract, source):
        return None
    found = infer_schema(folder)
    if found and found.broken:
        one = found.broken[0]
        raise DataRefused(
            f"{source}: column `{one['column']}`: {one['what']}; {one['count']} of {found.rows} rows do not",
            hint=f"the rule was set by hand: correct the data, or edit {found.path}",
            facts={"violations": list(found.broken)},
        )
    return found


def _seen(folder: Path, contract: Contract, source: str) -> bool:
    """Whether the same data were found good by the same schema already."""
    last = {one.kind: one for one in evidence_of(folder)}
    now = _marks(folder, contract, source)
    if "schema" not in last or "validation" not in last or not last["validation"].passed or None in now.values():
        return False
    return now == {name: last["schema"].facts.get(name) for name in now}


def _marks(folder: Path, contract: Contract, source: str) -> dict[str, str | None]:
    """What an inference rests on: the data, and the file as it was left."""
    return {"md5": locked_digests(folder).get(source), "schema_sha256": digest(folder / contract.validation.schema)}


def _job(project: Project, contract: Contract, source: str) -> dict[str, Any]:
    path = str(project.folder / source)
    md5 = locked_digests(project.folder).get(source)
    return {
        "path": path,
        "model": {"digests": {path: {"md5": md5}} if md5 else {}},
        "drop": list(contract.target_columns),
        "id": contract.input.id,
    }


def _record(project: Project, contract: Contract, source: str, found: Inference) -> None:
    subject = subject_of(project, contract)
    at = timestamp()
    facts = {
        **_marks(project.folder, contract, source),
        "file": contract.validation.schema,
        "from": source,
        "rows": found.rows,
        "columns": len(found.schema.columns),
    }
    changes = [one.sentence() for one in found.changes]
    record(project.folder, Evidence("schema", True, at, subject, {**facts, "changes": changes}))
    checked = {"data": source, "rows": found.rows, "violations": list(found.broken)}
    record(project.folder, Evidence("validation", not found.broken, at, subject, checked))
