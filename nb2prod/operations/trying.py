"""A version on the inputs that the log kept lately: whether it would answer what is asked of it now."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from nb2prod.adapters.prediction_log import batches, logs, recent_inputs
from nb2prod.adapters.schema_file import read_schema
from nb2prod.adapters.worker import Worker
from nb2prod.contract.reading import plain
from nb2prod.operations.bundle import Bundle
from nb2prod.operations.serving import served_from

_ROWS = 1000


def try_recent(top: Path, bundle: Bundle, environment: str) -> str:
    """Why the version fails on the newest logged inputs; empty where it does not, or where the log keeps none."""
    newest = [
        (one, log) for log in logs(top, bundle.name, environment) for one in batches(log) if one.inputs == "whole"
    ]
    if not newest:
        return ""
    batch, log = newest[-1]
    with tempfile.TemporaryDirectory(prefix="nb2prod-") as scratch:
        rows = recent_inputs(log, batch.name, Path(scratch) / "recent.parquet", _ROWS)
        if not rows:
            return ""
        job = _job(top, bundle, Path(scratch))
        served = served_from(top, bundle)
        (answer,) = Worker(served.python).ask("probe", {"jobs": [job], "model": served.model})["answers"]
    if "error" in answer:
        return str(answer.get("failed") or answer["error"]).replace(f"{scratch}/", "")
    return f"it sets {answer['quarantined']} of {rows} rows aside" if answer["quarantined"] else ""


def _job(top: Path, bundle: Bundle, scratch: Path) -> dict[str, Any]:
    """As `predict` asks its worker, with everything that is written in a scratch folder."""
    contract = bundle.contract
    features = list(contract.input.features) if contract.input.features else None
    schema = read_schema(bundle.package_dir, contract.validation.schema)
    return {
        "source": str(scratch / "recent.parquet"),
        "source_format": "parquet",
        "temporary": {name: str(scratch / name) for name in ("output", "segment", "quarantine")},
        "output_format": "parquet",
        "quarantine_format": "parquet",
        "batch": "recent",
        "facts": {},
        "inputs": "none",
        "id": None,
        "features": features,
        "not_inputs": [],
        "columns": schema.plain_columns(features) if schema else {},
        "on_violation": contract.validation.on_violation,
        "output": plain(contract.output),
        "kind": contract.model.kind,
        "chunk_bytes": 1 << 24,
    }
