"""`nb2prod predict`: a file in, typed answers and their record out, together or not at all.

1. What predicts is found: a release, or the working tree where that is asked for.
2. The output's lock is taken; what earlier batches left undone is settled.
3. The same file for the same output, by the same model and contract: there is nothing to do.
4. The worker reads, checks, predicts and writes under temporary names.
5. One rename decides; then log, quarantine and output get their names.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from nb2prod.adapters import prediction_journal as journal
from nb2prod.adapters.clock import now, timestamp
from nb2prod.adapters.files import digest, write_text
from nb2prod.adapters.prediction_log import expire, log_folder, read_batch, record_text
from nb2prod.adapters.schema_file import read_schema
from nb2prod.adapters.worker import Worker
from nb2prod.contract.reading import digest as contract_digest
from nb2prod.contract.reading import plain
from nb2prod.errors import UsageError
from nb2prod.operations.served import Served
from nb2prod.operations.serving import served_by
from nb2prod.prediction.identity import batch_name
from nb2prod.prediction.journal import Plan
from nb2prod.prediction.places import Places, lock, receipt
from nb2prod.prediction.records import Batch

_FORMATS = {".csv": "csv", ".parquet": "parquet", ".pq": "parquet"}
_CHUNK = 16 << 20


@dataclass(frozen=True, slots=True)
class Predicted:
    """What a batch did. `again`: it had been done before, and nothing was to do. `violations`: as plain data.
    `unchecked`: there is no schema, so that nothing was checked.
    """

    batch: Batch
    out: Path
    quarantine: Path | None
    again: bool = False
    ignored: tuple[str, ...] = ()
    violations: tuple[Mapping[str, Any], ...] = ()
    unchecked: bool = False
    expired: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Request:
    """Where from, where to, for whom."""

    source: Path
    out: Path
    environment: str
    role: str
    chunk_bytes: int


def predict(
    data: str | Path,
    *,
    model: str | None = None,
    out: str | Path | None = None,
    environment: str | None = None,
    unreleased: bool = False,
    once_more: bool = False,
    folder: str | Path = ".",
    chunk_bytes: int = _CHUNK,
) -> Predicted:
    """Predict a CSV or Parquet file. `once_more`: also where the output is this very batch's already.

    Raises DataRefused for data that break the schema, UsageError, OutsideError, CellFailed for the model's own error.
    """
    source = _readable(Path(data))
    target = _writable(Path(out) if out else Path(f"{source.stem}.predictions.parquet"), source)
    served, role = served_by(Path(folder), model, environment, unreleased)
    if environment and environment not in served.contract.environments:
        there = ", ".join(served.contract.environments)
        raise UsageError(f"the contract knows no environment `{environment}`", hint=f"there are {there}")
    environment = environment or ("dev" if unreleased else "production")
    request = _Request(source, target, environment, role, chunk_bytes)
    log = log_folder(served.root, served.name, environment)
    with journal.locked(log, str(request.out)) as handle:
        journal.settle(log, held=str(log / lock(str(request.out))))
        worker = Worker(served.python, (handle,))
        try:
            source_sha256 = digest(source) or ""
            known = None if once_more else _same(log, served, request, source_sha256)
            if known is not None:
                return Predicted(known, request.out, _quarantine(request, known), again=True)
            done = _batch(log, handle, worker, served, request, source_sha256)
        finally:
            worker.end()
    gone = expire(log, now().date(), served.contract.log.retention_days)
    return replace(done, expired=gone)


def _batch(log: Path, handle: int, worker: Worker, served: Served, request: _Request, source_sha256: str) -> Predicted:
    at = now()
    name = batch_name(at, secrets.token_hex(4))
    plan = _plan(log, name, request)
    begun = journal.begin(log, plan, handle)
    try:
        batch = _described(name, at, served, request, source_sha256)
        job = _job(served, request, batch, plan)
        told = worker.ask("predict", job)
        written = Path(plan.moves[-1][0]).stat()
        batch = replace(
            batch,
            rows=told["rows"],
            quarantined=told["quarantined"],
            seconds=round(told["seconds"], 6),
            of_model=round(told["of_model"], 6),
            columns=tuple(told["columns"]),
            output_size=written.st_size,
            output_mtime_ns=written.st_mtime_ns,
        )
        _write_records(log, plan, batch)
    except BaseException:
        journal.give_up(begun)
        raise
    journal.decide(begun)
    aside = _quarantine(request, batch)
    ignored, violations = tuple(told["ignored"]), tuple(told["violations"])
    return Predicted(batch, request.out, aside, False, ignored, violations, not job["columns"])


def _plan(log: Path, name: str, request: _Request) -> Plan:
    """The log first, the output last: who sees an output finds its predictions in the log."""
    places = Places(name)
    aside = _aside(request, name)
    moves = [
        (log / places.temporary("parquet"), log / places.segment),
        (log / places.temporary("record"), log / places.record),
        (log / places.temporary("receipt"), log / receipt(str(request.out))),
        (aside.with_name(f".{aside.name}.{name}"), aside),
        (request.out.with_name(f".{request.out.name}.{name}"), request.out),
    ]
    return Plan(name, str(log / lock(str(request.out))), tuple((str(one), str(two)) for one, two in moves))


def _job(served: Served, request: _Request, batch: Batch, plan: Plan) -> dict[str, Any]:
    contract = served.contract
    schema = read_schema(served.folder, contract.validation.schema)
    segment, _, _, aside, output = (source for source, _ in plan.moves)
    features = list(contract.input.features) if contract.input.features else None
    return {
        "source": str(request.source),
        "source_format": _FORMATS[request.source.suffix.lower()],
        "temporary": {"segment": segment, "quarantine": aside, "output": output},
        "output_format": _FORMATS[request.out.suffix.lower()],
        "quarantine_format": _FORMATS[request.source.suffix.lower()],
        "batch": batch.name,
        "facts": {"version": 1, "batch": asdict(batch)},
        "inputs": contract.log.inputs,
        "id": contract.input.id,
        "id_rules": dict(schema.columns.get(contract.input.id or "", {})) if schema else {},
        "features": features,
        "not_inputs": [one for one in (contract.input.id, *contract.target_columns) if one],
        "columns": schema.plain_columns(features, contract.target_columns, contract.input.id) if schema else {},
        "on_violation": contract.validation.on_violation,
        "output": plain(contract.output),
        "kind": contract.model.kind,
        "model": served.model,
        "chunk_bytes": request.chunk_bytes,
    }


def _described(name: str, at: datetime, served: Served, request: _Request, source_sha256: str) -> Batch:
    return Batch(
        name=name,
        at=timestamp(at, "milliseconds"),
        pipeline=served.name,
        model=served.version,
        environment=request.environment,
        role=request.role,
        model_sha256=served.model_sha256,
        rule=contract_digest(served.contract),
        inputs=served.contract.log.inputs,
        source=str(request.source),
        source_sha256=source_sha256,
        output=str(request.out),
        rows=0,
        quarantined=0,
        seconds=0.0,
        of_model=0.0,
        id_column=served.contract.input.id,
    )


def _write_records(log: Path, plan: Plan, batch: Batch) -> None:
    record, written = plan.moves[1][0], plan.moves[2][0]
    write_text(Path(record), record_text(batch))
    write_text(Path(written), json.dumps({"version": 1, "batch": batch.name}))


def _same(log: Path, served: Served, request: _Request, source_sha256: str) -> Batch | None:
    """The batch that wrote this output from this very file by this model and contract, if it still is its output."""
    try:
        name = json.loads((log / receipt(str(request.out))).read_text(encoding="utf-8"))["batch"]
        now = request.out.stat()
    except (OSError, ValueError, KeyError):
        return None
    found = read_batch(log, name)
    if found is None or (found.output_size, found.output_mtime_ns) != (now.st_size, now.st_mtime_ns):
        return None
    wanted = (served.version, served.model_sha256, contract_digest(served.contract), source_sha256)
    return found if (found.model, found.model_sha256, found.rule, found.source_sha256) == wanted else None


def _readable(path: Path) -> Path:
    if path.suffix.lower() not in _FORMATS:
        raise UsageError(f"{path} is neither CSV nor Parquet by its name", hint="name a .csv or .parquet file")
    if not path.is_file():
        raise UsageError(f"there is no file {path}", hint="name the file whose rows are to be predicted")
    return path.resolve()


def _writable(path: Path, source: Path) -> Path:
    if path.suffix.lower() not in _FORMATS:
        raise UsageError(f"--out {path} is neither CSV nor Parquet by its name", hint="name a .csv or .parquet file")
    if path.resolve() == source:
        raise UsageError(f"--out {path} is the data itself", hint="name another file")
    if path.is_dir():
        raise UsageError(f"--out {path} is a folder", hint="name a file")
    if not path.resolve().parent.is_dir():
        raise UsageError(f"there is no folder {path.parent}", hint="make it, or name another file with --out")
    return path.resolve()


def _aside(request: _Request, batch: str) -> Path:
    """A file for each batch: rows that were set aside are never overwritten."""
    return request.out.with_name(f"{request.out.stem}.quarantine-{batch}{request.source.suffix.lower()}")


def _quarantine(request: _Request, batch: Batch) -> Path | None:
    return _aside(request, batch.name) if batch.quarantined else None
