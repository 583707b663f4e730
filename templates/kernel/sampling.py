"""Write tables with a part of their rows: in the kernel's interpreter, which can read what the notebook reads.

Standard input: a list of tables as JSON, standard output: as many answers. A table of which nobody knows how many rows
it has is copied as it is. A text table keeps its first records, among which a header is, and every record's very bytes.
"""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import json
import lzma
import shutil
import sys
from pathlib import Path
from typing import Any

HEAD = 10  # records that a text table keeps in any case: a header, and what stands before it
_OPEN = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}
_DELIMITERS = ",;\t|"
_UNLIKE_ASCII = (b"\xff\xfe", b"\xfe\xff")


def sample(table: dict[str, Any]) -> dict[str, Any]:
    """Write `target` with some rows of `source`. Return `taken` and `of`, or `why` it was left whole."""
    source, target = Path(table["source"]), Path(table["target"])
    target.parent.mkdir(parents=True, exist_ok=True)
    suffixes = [suffix.lower() for suffix in source.suffixes]
    packed = suffixes.pop() if suffixes and suffixes[-1] in _OPEN else ""
    take = _KINDS.get(suffixes[-1] if suffixes else "")
    why = "" if table["take"] != "all" else "as the profile says"
    if take and not why:
        try:
            return take(source, target, packed, table)
        except (_Whole, csv.Error) as whole:
            why = str(whole)
    shutil.copyfile(source, target)
    return {"why": why}


class _Whole(Exception):
    """Why a table is not cut."""


def _lines(source: Path, target: Path, packed: str, table: dict[str, Any]) -> dict[str, Any]:
    return _text(source, target, packed, table, lambda stream: stream, head=0)


def _csv(source: Path, target: Path, packed: str, table: dict[str, Any]) -> dict[str, Any]:
    return _text(source, target, packed, table, _records, head=HEAD)


def _text(source: Path, target: Path, packed: str, table: dict[str, Any], records: Any, head: int) -> dict[str, Any]:
    unpacked = _OPEN.get(packed, open)
    with unpacked(source, "rb") as stream:
        if stream.read(2) in _UNLIKE_ASCII:
            raise _Whole("its text is UTF-16")
        stream.seek(0)
        total = sum(1 for _ in records(stream)) - head
    keep = _wanted(total, table)
    chosen = iter(_positions(total, keep, table["take"]))
    following = next(chosen, None)
    with unpacked(source, "rb") as stream, unpacked(target, "wb") as out:
        for position, record in enumerate(records(stream), -head):
            if position < 0:
                out.write(record)
            elif position == following:
                out.write(record)
                following = next(chosen, None)
    return {"taken": keep + head, "of": total + head}


def _records(stream: Any) -> Any:
    """Yield the records of a CSV file as bytes: a quoted line break ends none."""
    csv.field_size_limit(2**31 - 1)
    delimiter = ""
    for line in stream:
        delimiter = delimiter or max(_DELIMITERS, key=lambda sign: line.count(sign.encode()))
        if b'"' not in line:
            yield line
            continue
        parts = [line]
        text = (_kept(parts, more) if number else line.decode("latin-1") for number, more in _numbered(line, stream))
        next(csv.reader(text, delimiter=delimiter), None)
        yield b"".join(parts)


def _numbered(line: bytes, stream: Any) -> Any:
    yield 0, line
    yield from enumerate(stream, 1)


def _kept(parts: list[bytes], line: bytes) -> str:
    parts.append(line)
    return line.decode("latin-1")


def _parquet(source: Path, target: Path, packed: str, table: dict[str, Any]) -> dict[str, Any]:
    try:
        from pyarrow import parquet
    except ImportError:
        raise _Whole("the kernel has no pyarrow") from None
    file = parquet.ParquetFile(source)
    total = file.metadata.num_rows
    keep = _wanted(total, table)
    chosen = iter(_positions(total, keep, table["take"]))
    following, start = next(chosen, None), 0
    with parquet.ParquetWriter(target, _counted(file.schema_arrow, keep)) as out:
        for batch in file.iter_batches():
            rows = []
            while following is not None and following < start + batch.num_rows:
                rows.append(following - start)
                following = next(chosen, None)
            start += batch.num_rows
            if rows:
                taken = batch.take(_indices(rows))
                out.write_batch(taken.replace_schema_metadata(out.schema.metadata))
    return {"taken": keep, "of": total}


def _counted(schema: Any, rows: int) -> Any:
    """Return the schema with pandas' own word on an index that counts the rows: there are as many as are kept."""
    metadata = dict(schema.metadata or {})
    if b"pandas" in metadata:
        told = json.loads(metadata[b"pandas"])
        for index in told.get("index_columns", ()):
            if isinstance(index, dict) and index.get("kind") == "range":
                index.update(start=0, stop=rows, step=1)
        metadata[b"pandas"] = json.dumps(told).encode()
    return schema.with_metadata(metadata)


def _indices(rows: list[int]) -> Any:
    import pyarrow

    return pyarrow.array(rows)


_KINDS = {".csv": _csv, ".tsv": _csv, ".jsonl": _lines, ".ndjson": _lines, ".parquet": _parquet, ".pq": _parquet}


def _wanted(total: int, table: dict[str, Any]) -> int:
    """Return how many rows are taken; raise where that would be all."""
    share = table["rows"]
    keep = max(int(total * share) if share <= 1 else int(share), table["at_least"])
    if keep >= total:
        raise _Whole("it is small")
    return keep


def _positions(total: int, keep: int, take: str) -> Any:
    """Yield the rows' numbers: the first, or one out of each of as many equal stretches, at no regular distance.

    Rows at equal distances would be all of one kind in a table that repeats itself (twelve months, seven days).
    """
    for number in range(keep):
        start, end = number * total // keep, (number + 1) * total // keep
        yield number if take == "first" else start + (number * 2654435761 % 2**32 >> 7) % (end - start)


if __name__ == "__main__":
    answers = [sample(table) for table in json.load(io.TextIOWrapper(sys.stdin.buffer, "utf-8"))]
    json.dump(answers, sys.stdout)
