"""`nb2prod probe`: held-out rows through the prediction path, then malformed inputs; both recorded as evidence.

*Skew*: features and predictions must be those of training, exactly. *Probes*: each malformed input gets a clear error
or a quarantine, and no row is lost. Nothing of it goes into the prediction log.
"""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nb2prod.adapters.clock import timestamp
from nb2prod.adapters.evidence import record
from nb2prod.adapters.schema_file import read_schema
from nb2prod.adapters.worker import Worker
from nb2prod.contract.evidence import Evidence
from nb2prod.contract.reading import plain
from nb2prod.operations.project import pipeline_folder
from nb2prod.operations.served import Served, locked_digests
from nb2prod.operations.serving import served_by
from nb2prod.operations.subject import subject_of
from nb2prod.prediction.probes import ANSWERED, ASIDE, ERROR, Answer, Outcome, Probe, Sheet, judged, probes_of

_ROWS = 20
_UNSEEN = (
    "no estimator that has a name of its own beside the predict function was asked, so that its features "
    "cannot be laid beside training's: bind it to a name"
)


@dataclass(frozen=True, slots=True)
class Skew:
    """The skew check. `differences`: as plain data; `why`: why it could not be made, and then `passed` is None."""

    passed: bool | None
    rows: int = 0
    features: tuple[str, ...] = ()
    differences: tuple[Mapping[str, Any], ...] = ()
    why: str = ""

    def sentences(self) -> tuple[str, ...]:
        """One for each difference."""
        return tuple(_sentence(one) for one in self.differences)


@dataclass(frozen=True, slots=True)
class Probed:
    """What both found. `outcomes`: of the probes, empty where there were no rows to spoil."""

    skew: Skew
    outcomes: tuple[Outcome, ...]

    @property
    def passed(self) -> bool:
        """Whether nothing speaks against the prediction path."""
        return self.skew.passed is True and bool(self.outcomes) and all(one.passed for one in self.outcomes)


def probe(folder: str | Path = ".") -> Probed:
    """Check the pipeline as it stands. Raises UsageError, OutsideError, and CellFailed for the model's own error."""
    project = pipeline_folder(Path(folder))
    served, _ = served_by(project.folder, None, None, True)
    job = _job(served)
    if job is None:
        why = "the contract names no held-out rows: answer `holdout.data` in production.yaml"
        found = Probed(Skew(None, why=why), ())
    else:
        found = Probed(_skew(served, job), _probes(served, job))
    subject = subject_of(project, served.contract)
    at = timestamp()
    record(project.folder, Evidence("skew", found.skew.passed, at, subject, _skew_facts(found.skew, served)))
    tried = None if not found.outcomes else all(one.passed for one in found.outcomes)
    record(project.folder, Evidence("probes", tried, at, subject, {"probes": [_plain(one) for one in found.outcomes]}))
    return found


def skew_of(folder: Path) -> Skew:
    """The skew check alone, of the pipeline as it stands, recorded as evidence. Raises as `probe`."""
    project = pipeline_folder(folder)
    served, _ = served_by(project.folder, None, None, True)
    job = _job(served)
    found = Skew(None, why="the contract names no held-out rows") if job is None else _skew(served, job)
    at = timestamp()
    subject = subject_of(project, served.contract)
    record(project.folder, Evidence("skew", found.passed, at, subject, _skew_facts(found, served)))
    return found


def _job(served: Served) -> dict[str, Any] | None:
    contract = served.contract
    if contract.holdout.data is None:
        return None
    schema = read_schema(served.folder, contract.validation.schema)
    features = list(contract.input.features) if contract.input.features else None
    return {
        "path": str(served.folder / contract.holdout.data),
        "features_path": str(served.folder / contract.holdout.features) if contract.holdout.features else None,
        "drop": list(contract.target_columns),
        "columns": schema.plain_columns(features, contract.target_columns, contract.input.id) if schema else {},
        "features": features,
        "output": plain(contract.output),
        "kind": contract.model.kind,
        "id": contract.input.id,
        "model": _with_artifacts(served),
    }


def _with_artifacts(served: Served) -> dict[str, Any]:
    """The model, and the digests of the held-out rows, which may be pickles."""
    model, locked = served.model, locked_digests(served.folder)
    holdout = served.contract.holdout
    for path in (holdout.data, holdout.features):
        if path and path in locked:
            model["digests"].setdefault(str(served.folder / path), {"md5": locked[path]})
    return model


def _skew(served: Served, job: dict[str, Any]) -> Skew:
    told = Worker(served.python).ask("replay", job)
    if not told["compared_features"] and not told["differences"]:
        return Skew(None, told["rows"], why=_UNSEEN)
    return Skew(not told["differences"], told["rows"], tuple(told["features"]), tuple(told["differences"]))


def _skew_facts(skew: Skew, served: Served) -> dict[str, Any]:
    facts: dict[str, Any] = {"rows": skew.rows, "features": list(skew.features), "data": served.contract.holdout.data}
    return facts | ({"why": skew.why} if skew.why else {"differences": list(skew.sentences())})


def _probes(served: Served, job: dict[str, Any]) -> tuple[Outcome, ...]:
    with tempfile.TemporaryDirectory(prefix="nb2prod-") as scratch:
        folder = Path(scratch)
        sample = {**job, "rows": _ROWS, "csv": str(folder / "rows.csv"), "parquet": str(folder / "rows.parquet")}
        Worker(served.python).ask("sample", sample)
        header, *rows = csv.reader(io.StringIO((folder / "rows.csv").read_text(encoding="utf-8")))
        sheet = Sheet(tuple(header), tuple(map(tuple, rows)))
        tried = probes_of(sheet, job["columns"], (folder / "rows.parquet").read_bytes())
        whole = Probe("as it was", sheet.text().encode(), (ANSWERED,), len(rows))
        jobs = [_one(served, job, one, folder, number) for number, one in enumerate((whole, *tried))]
        answers = Worker(served.python).ask("probe", {"jobs": jobs, "model": job["model"]})["answers"]
        first, *others = (_answer(one, folder) for one in answers)
    return tuple(judged(one, answer, first.scores) for one, answer in zip(tried, others, strict=True))


def _one(served: Served, job: dict[str, Any], one: Probe, folder: Path, number: int) -> dict[str, Any]:
    source = folder / f"probe-{number}{one.suffix}"
    source.write_bytes(one.content)
    kind = "csv" if one.suffix == ".csv" else "parquet"
    places = {name: str(folder / f"{number}.{name}") for name in ("output", "segment", "quarantine")}
    return {
        **job,
        "source": str(source),
        "source_format": kind,
        "temporary": places,
        "output_format": "parquet",
        "quarantine_format": kind,
        "batch": "probe",
        "facts": {},
        "inputs": served.contract.log.inputs,
        "not_inputs": [one for one in (job["id"], *job["drop"]) if one],
        "on_violation": served.contract.validation.on_violation,
        "chunk_bytes": 1 << 20,
    }


def _answer(told: dict[str, Any], folder: Path) -> Answer:
    if "error" in told:
        return Answer(ERROR, told["error"].replace(f"{folder}/", ""))
    kind = ASIDE if told["quarantined"] else ANSWERED
    return Answer(kind, "", told["rows"], told["quarantined"], tuple(told["scores"]))


def _plain(one: Outcome) -> dict[str, Any]:
    found = {"name": one.name, "passed": one.passed, "answer": one.answer.kind, "said": one.answer.said}
    counts = {"answered": one.answer.answered, "set_aside": one.answer.aside}
    return {**found, **counts, **({"flaw": one.flaw} if one.flaw else {})}


def _sentence(one: Mapping[str, Any]) -> str:
    column = f" `{one['column']}`" if one["column"] is not None else ""
    example = (
        f" (row {one['examples'][0][0]}: {one['examples'][0][1]}, then {one['examples'][0][2]})"
        if one["examples"]
        else ""
    )
    return f"{one['where']}{column}: {one['what']}, {one['rows']} rows{example}"
