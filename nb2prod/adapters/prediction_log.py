"""The prediction log on disk: found by id, by the consumer's own id, erased, kept for as long as the contract says.

`<git root>/.nb2prod/predictions/NAME/ENVIRONMENT/DAY/BATCH.parquet`, and beside it what is told of the batch.
"""

from __future__ import annotations

import contextlib
import json
import secrets
import shutil
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import asdict, fields
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from nb2prod.adapters.files import read_text
from nb2prod.adapters.prediction_journal import settle
from nb2prod.errors import OutsideError, UsageError
from nb2prod.prediction.identity import PredictionId, parse_id
from nb2prod.prediction.places import LOG, Places
from nb2prod.prediction.records import METADATA, VERSION, Batch, Found
from nb2prod.prediction.retention import days_over, is_day

#: The beginning of the name of a day that is being removed.
_GONE = ".gone-"


def log_folder(root: Path, pipeline: str, environment: str) -> Path:
    """The log of a pipeline in an environment. Makes what holds it, which git is told to leave alone. Raises
    OutsideError.
    """
    top = root / LOG.partition("/")[0]
    found = root / LOG / pipeline / environment
    try:
        top.mkdir(exist_ok=True)
        if not (top / ".gitignore").exists():
            (top / ".gitignore").write_text("*\n", encoding="utf-8")
        found.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutsideError(
            f"the prediction log cannot be written: {error.filename}: {error.strerror}",
            hint="nothing is predicted without it: make that folder writable",
        ) from error
    return found


def logs(root: Path, pipeline: str | None = None, environment: str | None = None) -> tuple[Path, ...]:
    """The logs that there are, settled: of all pipelines and environments where none is named."""
    found = sorted((root / LOG).glob(f"{pipeline or '*'}/{environment or '*'}"))
    for log in found:
        settle(log)
    return tuple(found)


def record_text(batch: Batch) -> str:
    """What is written beside a segment."""
    return json.dumps({"version": VERSION, **asdict(batch)}, ensure_ascii=False) + "\n"


def read_batch(log: Path, name: str) -> Batch | None:
    """What is told of a batch, None where it is not in this log. Raises UsageError for one of a newer nb2prod."""
    text = read_text(log / Places(name).record)
    if text is None:
        return None
    data = json.loads(text)
    if data["version"] > VERSION:
        raise UsageError(f"{log / Places(name).record} was written by a newer nb2prod", hint="upgrade nb2prod")
    known: dict[str, Any] = {one.name: data[one.name] for one in fields(Batch) if one.name in data}
    return Batch(**{**known, "columns": tuple(known.get("columns", ()))})


def batches(log: Path) -> Iterator[Batch]:
    """All batches of a log, the oldest first."""
    for folder in sorted(path for path in log.iterdir() if is_day(path.name)):
        for path in sorted(folder.glob("*.json")):
            if (batch := read_batch(log, path.stem)) is not None:
                yield batch


def find(root: Path, text: str) -> Found | None:
    """The prediction of an id, wherever it was made: its name says which file, the file which part of it.

    Raises UsageError for a text that is no id, OutsideError for a damaged log.
    """
    wanted = parse_id(text)
    if wanted is None:
        raise UsageError(f"`{text}` is not the id of a prediction", hint="an id looks like 20261121T145012Z-3f9a1c07.0")
    for log in logs(root):
        if (batch := read_batch(log, wanted.batch)) is not None:
            return _found(log, batch, wanted)
    return None


def find_by_consumer(
    root: Path, value: str, pipeline: str | None = None, environment: str | None = None
) -> tuple[Found, ...]:
    """All predictions of a consumer's own id, the oldest first. Reads one column of the log; a batch at a time."""
    return tuple(
        found
        for log in logs(root, pipeline, environment)
        for batch in batches(log)
        if batch.id_column is not None
        for row in _rows_of(log / Places(batch.name).segment, value)
        if (found := _found(log, batch, PredictionId(batch.name, row))) is not None
    )


def erase(root: Path, wanted: Mapping[str, tuple[Path, list[int]]]) -> int:
    """Take rows out of segments: batch → (log, rows). How many went. Each file is replaced whole, or stays."""
    return sum(_without(log / Places(batch).segment, frozenset(rows)) for batch, (log, rows) in wanted.items())


def expire(log: Path, today: date, keep: int) -> tuple[str, ...]:
    """Remove the days that are over. Their names."""
    gone = days_over((path.name for path in log.iterdir()), today, keep)
    for name in gone:  # at once: killed in between, no record is left without its predictions
        with contextlib.suppress(FileNotFoundError):  # another `predict` was faster
            (log / name).rename(log / f"{_GONE}{name}-{secrets.token_hex(4)}")
    for path in log.glob(f"{_GONE}*"):
        shutil.rmtree(path, ignore_errors=True)
    return gone


def log_of(root: Path, batch: str) -> Path | None:
    """The log that holds a batch."""
    return next((log for log in logs(root) if (log / Places(batch).segment).exists()), None)


def _found(log: Path, batch: Batch, wanted: PredictionId) -> Found | None:
    path = log / Places(batch.name).segment
    table = _row(path, wanted.row)
    if table is None:
        erased = wanted.row in _erased(_open(path))
        return Found(str(wanted), batch, wanted.row, batch.at, erased=True) if erased else None
    row = {name: table.column(name).to_pylist()[0] for name in table.column_names if name != "at"}
    return Found(
        id=str(wanted),
        batch=batch,
        row=wanted.row,
        at=_moment(table.column("at")),
        consumer_id=row.get("consumer_id"),
        output=row["output"],
        input_hash=row["input_hash"].hex() if row.get("input_hash") else None,
        input=row.get("input"),
        latency_us=row["latency_us"],
    )


def _moment(column: Any) -> str:
    """ISO 8601, UTC. As microseconds, because Arrow imports pandas to make a moment of them."""
    import pyarrow as pa

    since = column.chunk(0).view(pa.int64())[0].as_py()
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=since)).isoformat().replace("+00:00", "Z")


def _open(path: Path) -> Any:
    from pyarrow import ArrowException
    from pyarrow.parquet import ParquetFile

    try:
        return ParquetFile(path, pre_buffer=False)
    except (ArrowException, OSError) as error:
        raise OutsideError(
            f"the prediction log is damaged: {path}: {error}", hint="restore it from a backup"
        ) from error


def _row(path: Path, row: int) -> Any:
    """The one row, read from the one part of the file that may hold it."""
    file = _open(path)
    place = file.schema_arrow.names.index("row")
    for group in range(file.num_row_groups):
        seen = file.metadata.row_group(group).column(place).statistics
        if seen.min <= row <= seen.max:
            # Rows rise. Neither `pyarrow.compute` nor `to_numpy` is asked: one takes longer to import than the search
            # takes, the other imports pandas.
            rows = file.read_row_group(group, columns=["row"]).column("row").combine_chunks()
            numbers = memoryview(rows.buffers()[1]).cast("q")[rows.offset : rows.offset + len(rows)]
            at = bisect_left(numbers, row)
            return file.read_row_group(group).slice(at, 1) if at < len(rows) and numbers[at] == row else None
    return None


def _rows_of(path: Path, value: str) -> list[int]:
    import pyarrow as pa
    import pyarrow.compute as pc

    file, found = _open(path), []
    kind = file.schema_arrow.field("consumer_id").type
    try:
        wanted = pa.scalar(value).cast(kind)
    except pa.ArrowInvalid:  # the ids of this batch are of another kind
        return []
    for batch in file.iter_batches(batch_size=1 << 17, columns=["row", "consumer_id"]):
        found += pc.filter(batch.column("row"), pc.equal(batch.column("consumer_id"), wanted)).to_pylist()
    return found


def _erased(file: Any) -> list[int]:
    return list(json.loads((file.schema_arrow.metadata or {}).get(METADATA, b"{}")).get("erased", []))


def _without(path: Path, rows: frozenset[int]) -> int:
    """Write the segment anew without these rows, part by part. What was erased is named in it, by row alone."""
    import pyarrow as pa
    import pyarrow.compute as pc
    from pyarrow.parquet import ParquetWriter

    file = _open(path)
    facts = json.loads(file.schema_arrow.metadata[METADATA])
    temporary = path.with_name(f".{path.name}.tmp")
    gone = pa.array(sorted(rows), pa.int64())
    before = file.metadata.num_rows
    facts["erased"] = sorted({*facts.get("erased", []), *rows})
    schema = file.schema_arrow.with_metadata({METADATA: json.dumps(facts).encode()})
    try:
        with ParquetWriter(temporary, schema, compression="zstd") as writer:
            for group in range(file.num_row_groups):
                table = file.read_row_group(group)
                kept = table.filter(pc.invert(pc.is_in(table.column("row"), gone)))
                if kept.num_rows:
                    writer.write_table(kept.replace_schema_metadata(schema.metadata))
        after = _open(temporary).metadata.num_rows
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    return int(before - after)


def input_columns(log: Path, batch: str) -> tuple[str, ...]:
    """The columns that the log keeps of a batch's whole inputs; none where it answered no row."""
    schema = _open(log / Places(batch).segment).schema_arrow
    return tuple(one.name for one in schema.field("input").type) if "input" in schema.names else ()


def recent_inputs(log: Path, batch: str, target: Path, most: int) -> int:
    """Write the last whole inputs of a batch to `target`, as Parquet; how many rows, at most `most`."""
    import pyarrow.parquet as pq

    file = _open(log / Places(batch).segment)
    if "input" not in file.schema_arrow.names or not file.metadata.num_rows:
        return 0
    table = file.read_row_group(file.num_row_groups - 1, columns=["input"]).flatten()
    table = table.rename_columns([name.removeprefix("input.") for name in table.column_names])
    table = table.slice(max(0, table.num_rows - most))
    pq.write_table(table, target)
    return int(table.num_rows)
