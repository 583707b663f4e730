"""Output, log and quarantine of a batch, written chunk by chunk under temporary names."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
from pyarrow.parquet import ParquetWriter

from nb2prod_worker.hashing import row_hashes
from nb2prod_worker.told import Told

_METADATA = b"nb2prod.predictions"


class Table:
    """A file of rows, Parquet or CSV, whose columns are those of the first rows."""

    def __init__(self, path: str, kind: str, metadata: dict[bytes, bytes] | None = None) -> None:
        self._path = Path(path)
        self._kind = kind
        self._metadata = metadata
        self._writer: Any = None
        self._schema: Any = None

    def write(self, columns: dict[str, Any]) -> None:
        """Append rows. Later ones take the types of the first."""
        batch = pa.table(columns)
        if self._writer is None:
            self._open(batch.schema)
        self._writer.write_table(batch if batch.schema.equals(self._schema) else self._alike(batch))

    def _alike(self, batch: Any) -> Any:
        if batch.schema.names != self._schema.names:
            raise Told(
                "the model's answer has other columns than for earlier rows", "let it always return the same ones"
            )
        try:
            return batch.cast(self._schema)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
            pairs = zip(batch.schema, self._schema)  # noqa: B905
            name, later, first = next((a.name, a.type, b.type) for a, b in pairs if a.type != b.type)
            raise Told(
                f"column `{name}` is {later} here and was {first} in earlier rows: {str(error).splitlines()[0]}",
                "give it one type: in the file, in schema.yaml, or in what the function returns",
            ) from error

    def close(self) -> None:
        """Nothing was written: then there is no file."""
        if self._writer is not None:
            self._writer.close()

    def _open(self, schema: Any) -> None:
        # A column that was empty so far may hold anything later.
        fields = [one.with_type(pa.float64()) if pa.types.is_null(one.type) else one for one in schema]
        self._schema = pa.schema(fields, metadata=self._metadata or schema.metadata)
        if self._kind == "csv":
            plain = pyarrow.csv.WriteOptions(quoting_style="needed")
            self._writer = pyarrow.csv.CSVWriter(self._path, self._schema, write_options=plain)
        else:
            self._writer = ParquetWriter(self._path, self._schema, **_layout(self._schema))


def _layout(schema: Any) -> dict[str, Any]:
    """How columns are stored: hashes and measured numbers do not get smaller, texts do, and ids are nearly counted."""
    leaves = [(".".join(path), kind) for one in schema for path, kind in _leaves(one)]
    texts = [path for path, kind in leaves if pa.types.is_string(kind) and path != "prediction_id"]
    encodings = {"row": "DELTA_BINARY_PACKED", "prediction_id": "DELTA_BYTE_ARRAY"}
    return {
        "compression": {path: "lz4" if pa.types.is_string(kind) else "none" for path, kind in leaves},
        "use_dictionary": [path for path, _ in leaves if path in ("at", "latency_us")] + texts,
        "column_encoding": {path: encodings[path] for path, _ in leaves if path in encodings},
        "write_statistics": [path for path, _ in leaves if path in ("row", "consumer_id")],
    }


def _leaves(field: Any) -> list[tuple[list[str], Any]]:
    if not pa.types.is_struct(field.type):
        return [([field.name], field.type)]
    return [([field.name, *path], kind) for one in field.type for path, kind in _leaves(one)]


class Batch:
    """All that a batch writes. `job`: its name, its places, what is kept of inputs."""

    def __init__(self, job: dict[str, Any]) -> None:
        places = job["temporary"]
        self._job = job
        self._output = Table(places["output"], job["output_format"])
        self._segment = Table(places["segment"], "parquet", {_METADATA: json.dumps(job["facts"]).encode()})
        self._aside = Table(places["quarantine"], job["quarantine_format"])
        self._inputs = job["inputs"]
        self.rows = 0
        self.quarantined = 0
        self.columns: list[str] = []
        self.input_sum = 0

    def write(self, answers: dict[str, Any], rows: Any, frame: pd.DataFrame, ids: Any, at: int, latency: float) -> None:
        """`at`: microseconds since 1970; `latency`: microseconds for a row."""
        size = len(rows)
        columns = {name: _array(values) for name, values in answers.items()}
        self.columns = list(columns)
        numbers = pa.array(rows, pa.int64())
        own = {} if ids is None else {self._job["id"]: _array(ids)}
        self._output.write({"prediction_id": ids_of(self._job["batch"], rows), **own, **columns})
        record: dict[str, Any] = {"row": numbers}
        if ids is not None:
            record["consumer_id"] = own[self._job["id"]]
        record["at"] = _repeated(pa.scalar(at, pa.timestamp("us", "UTC")), size)
        record["latency_us"] = _repeated(pa.scalar(latency, pa.float32()), size)
        record["output"] = _struct(columns)
        record |= self._kept(frame)
        self._segment.write(record)
        self.rows += size

    def set_aside(self, frame: pd.DataFrame, rows: Any, reasons: list[str]) -> None:
        """Rows that are not predicted, as they were read, each with its row in the file and why."""
        columns = _texts(frame) if self._job["quarantine_format"] == "csv" else _plain(frame)
        self._aside.write({"row": pa.array(rows, pa.int64()), "because": pa.array(reasons, pa.string()), **columns})
        self.quarantined += len(rows)

    def close(self) -> None:
        """Write what is left."""
        for table in (self._output, self._segment, self._aside):
            table.close()

    def _kept(self, frame: pd.DataFrame) -> dict[str, Any]:
        if self._inputs == "hash":
            hashes = row_hashes(frame)
            return {
                "input_hash": pa.FixedSizeBinaryArray.from_buffers(
                    pa.binary(16), len(frame), [None, pa.py_buffer(hashes)]
                )
            }
        if self._inputs == "whole":
            return {"input": _struct({str(name): _array(frame[name]) for name in frame.columns})}
        return {}


def ids_of(batch: str, rows: Any) -> Any:
    """`BATCH.ROW` for rows in rising order, digit by digit for all rows of one length at once."""
    prefix = np.frombuffer(f"{batch}.".encode(), dtype="u1")
    parts, begin = [pa.array([], pa.string())], 0
    while begin < len(rows):
        digits = len(str(int(rows[begin])))
        end = int(np.searchsorted(rows, 10**digits))
        parts.append(_of_one_length(prefix, rows[begin:end], digits))
        begin = end
    return pa.concat_arrays(parts)


def _of_one_length(prefix: Any, rows: Any, digits: int) -> Any:
    width = len(prefix) + digits
    text = np.empty((len(rows), width), dtype="u1")
    text[:, : len(prefix)] = prefix
    rest = rows.astype("u4") if digits < 10 else rows
    for place in range(width - 1, len(prefix) - 1, -1):
        above = rest // 10
        text[:, place] = rest - above * 10 + ord("0")
        rest = above
    ends = np.arange(0, len(rows) * width + 1, width, dtype="i4")
    return pa.StringArray.from_buffers(len(rows), pa.py_buffer(ends), pa.py_buffer(text))


def _array(values: Any) -> Any:
    array = pa.array(values, from_pandas=True)
    array = array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
    return array.cast(pa.string()) if pa.types.is_large_string(array.type) else array


def _struct(columns: dict[str, Any]) -> Any:
    return pa.StructArray.from_arrays(list(columns.values()), list(columns))


def _repeated(value: Any, size: int) -> Any:
    return pa.repeat(value, size)


def _plain(frame: pd.DataFrame) -> dict[str, Any]:
    """Columns of rows that may hold anything: what fits no type is text."""
    found = {}
    for name in frame.columns:
        try:
            array = pa.array(frame[name], from_pandas=True)
        except (pa.ArrowInvalid, pa.ArrowTypeError):
            array = pa.array([None if one is None else str(one) for one in frame[name]], pa.string())
        found[str(name)] = array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
    return found


def _texts(frame: pd.DataFrame) -> dict[str, Any]:
    """As they are written: chunks of one CSV file may be of other types."""
    return {str(name): _as_text(frame[name]) for name in frame.columns}


def _as_text(values: pd.Series) -> Any:
    pairs = zip(values, values.isna())  # noqa: B905
    return pa.array([None if null else str(one) for one, null in pairs], pa.string())


def empty(columns: dict[str, str]) -> dict[str, Any]:
    """Columns of no rows, by NumPy's names of their types."""
    return {name: np.empty(0, dtype=kind) for name, kind in columns.items()}
