"""A version on the inputs that the log kept lately: whether it would answer what is asked of it now."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nb2prod.adapters.prediction_log import batches, input_columns, logs, recent_inputs
from nb2prod.adapters.schema_file import read_schema
from nb2prod.adapters.worker import Worker
from nb2prod.contract.reading import plain
from nb2prod.operations.bundle import Bundle
from nb2prod.operations.serving import served_from
from nb2prod.prediction.records import Batch

_ROWS = 1000


@dataclass(frozen=True, slots=True)
class Tried:
    """`failed`: why the version fails on the inputs. `note`: why there were none that it could be tried on."""

    failed: str = ""
    note: str = ""


def try_recent(top: Path, bundle: Bundle, environment: str) -> Tried:
    """The version on the newest logged inputs, where the log keeps any.

    The log keeps the columns that the model of the day took; a version that takes others is tried on the newest
    inputs that have them.
    """
    wanted = set(bundle.contract.input.features or ())
    whole = [(one, log) for log in logs(top, bundle.name, environment) for one in batches(log) if one.inputs == "whole"]
    able = next((one for one in reversed(whole) if wanted <= set(input_columns(one[1], one[0].name))), None)
    if able is None:
        said = "it was not tried on recent inputs: the log keeps other columns than it takes"
        return Tried(note=said if whole else "")
    failed = _failed(top, bundle, *able)
    return Tried(failed)


def _failed(top: Path, bundle: Bundle, batch: Batch, log: Path) -> str:
    with tempfile.TemporaryDirectory(prefix="nb2prod-") as scratch:
        rows = recent_inputs(log, batch.name, Path(scratch) / "recent.parquet", _ROWS)
        if not rows:
            return ""
        served = served_from(top, bundle)
        job = {**_job(bundle, Path(scratch)), "model": served.model}
        (answer,) = Worker(served.python).ask("probe", {"jobs": [job]})["answers"]
    if "error" in answer:
        return str(answer.get("failed") or answer["error"]).replace(f"{scratch}/", "")
    return f"it sets {answer['quarantined']} of {rows} rows aside" if answer["quarantined"] else ""


def _job(bundle: Bundle, scratch: Path) -> dict[str, Any]:
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
        "columns": schema.plain_columns(features, contract.target_columns, contract.input.id) if schema else {},
        "on_violation": contract.validation.on_violation,
        "output": plain(contract.output),
        "kind": contract.model.kind,
        "chunk_bytes": 1 << 24,
    }
