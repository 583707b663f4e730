"""A file as frames of bounded size, read as a notebook reads it: pandas' own CSV, Arrow's Parquet.

A chunk is bounded by bytes, not rows, so that a wide file takes no more memory than a narrow one.
"""

from __future__ import annotations

import csv
import os
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from nb2prod_worker.told import Told

_MOST_ROWS = 1 << 17
_LARGE_GROUP = 64 << 20
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_BINARY = {b"PAR1": "Parquet", b"PK\x03\x04": "a ZIP archive or a spreadsheet", b"\x1f\x8b": "compressed with gzip"}


@dataclass(slots=True)
class Chunk:
    """`start`: the file's row that its first one is. `cut`: whether its last row may lack its end."""

    start: int
    frame: pd.DataFrame
    cut: bool = False


@dataclass(slots=True)
class Source:
    """A file to read. `texts`: columns that are text even where they look like numbers."""

    path: Path
    kind: str
    chunk_bytes: int
    texts: tuple[str, ...] = ()
    #: What to look at when columns are missing.
    suspicion: str = field(default="")
    #: Names that the header has more than once; pandas gives the second another.
    twice: tuple[str, ...] = ()

    def chunks(self) -> Iterator[Chunk]:
        """At least one, of no rows where the file has none. Raises Told for a file that cannot be read to its end."""
        self._refuse_nothing()
        yield from self._parquet() if self.kind == "parquet" else self._csv()

    def _refuse_nothing(self) -> None:
        if not self.path.stat().st_size:
            raise Told(f"{self.path} is empty: there is not even a header", "see whether what writes it was stopped")

    # ── Parquet ──

    def _parquet(self) -> Iterator[Chunk]:
        import pyarrow as pa
        from pyarrow.parquet import ParquetFile

        try:
            with ParquetFile(self.path, pre_buffer=False, buffer_size=self._buffer()) as file:
                start = 0
                for batch in file.iter_batches(batch_size=self._rows(file.metadata)):
                    yield Chunk(start, _flat(batch.to_pandas()))
                    start += batch.num_rows
                if not start:
                    yield Chunk(0, _flat(file.schema_arrow.empty_table().to_pandas()))
        except (pa.ArrowException, OSError) as error:
            raise Told(
                f"{self.path} cannot be read as Parquet: {_line(error)}",
                "it is no Parquet file, or was cut short: see whether what writes it came to its end",
            ) from error

    def _buffer(self) -> int:
        """Read large row groups page by page: one of ten million rows need not be in memory."""
        from pyarrow.parquet import read_metadata

        found = read_metadata(self.path)
        largest = max((found.row_group(at).total_byte_size for at in range(found.num_row_groups)), default=0)
        return 1 << 20 if largest > _LARGE_GROUP else 0

    def _rows(self, found: Any) -> int:
        size = sum(found.row_group(at).total_byte_size for at in range(found.num_row_groups))
        # Encoded values are smaller than those in memory: eight bytes for each cell at least.
        width = max(size / max(1, found.num_rows), 8 * found.num_columns, 1)
        return int(max(1, min(_MOST_ROWS, self.chunk_bytes // width)))

    # ── CSV ──

    def _csv(self) -> Iterator[Chunk]:
        head = self._head()
        rows = self._lines(head)
        start, last = 0, None
        try:
            with warnings.catch_warnings():
                # A row longer than the header loses its end, or moves all columns by one: pandas only warns.
                warnings.simplefilter("error", pd.errors.ParserWarning)
                with self._reader(rows) as reader:
                    for frame in reader:
                        if last is not None:
                            yield last
                        last = Chunk(start, frame.reset_index(drop=True))
                        start += len(frame)
        except (pd.errors.ParserError, pd.errors.ParserWarning, UnicodeDecodeError, pd.errors.EmptyDataError) as error:
            raise self._unreadable(error, start) from error
        except ValueError as error:  # pandas' own for a cell that fits no type
            raise self._unreadable(error, start) from error
        if last is not None:
            last.cut = bool(len(last.frame)) and not self._ends()
            yield last

    def _reader(self, rows: int) -> Any:
        texts = dict.fromkeys(self.texts, str)
        return pd.read_csv(self.path, chunksize=rows, dtype=texts, index_col=False, low_memory=False, encoding="utf-8")

    def _head(self) -> bytes:
        with self.path.open("rb") as stream:
            head = stream.read(1 << 20)
        for magic, what in _BINARY.items():
            if head.startswith(magic):
                raise Told(f"{self.path} is no CSV file: it is {what}", "name it as what it is, or write it as CSV")
        if head[:2] in _UTF16 or b"\0" in head:
            raise Told(f"{self.path} is not UTF-8: it looks like UTF-16 or holds binary data", "save it as UTF-8")
        first = head.split(b"\n", 1)[0].decode("utf-8", "replace")
        names = next(csv.reader([first.rstrip("\r")]), [])
        self.twice = tuple(name for name in dict.fromkeys(names) if names.count(name) > 1)
        others = [(name, sign) for name, sign in (("`;`", ";"), ("a tab", "\t"), ("`|`", "|")) if sign in first]
        if others and "," not in first:
            self.suspicion = f"its columns look separated by {others[0][0]}: write it with commas"
        return head

    def _lines(self, head: bytes) -> int:
        lines = max(1, head.count(b"\n"))
        width = len(head) / lines
        # Text of a number takes about as much room as the number.
        return int(max(1, min(_MOST_ROWS, self.chunk_bytes // max(1, width))))

    def _ends(self) -> bool:
        with self.path.open("rb") as stream:
            stream.seek(-1, os.SEEK_END)
            return stream.read(1) in (b"\n", b"\r")

    def _unreadable(self, error: Exception, start: int) -> Told:
        if isinstance(error, UnicodeDecodeError):
            return Told(f"{self.path} is not UTF-8: {_line(error)}, after row {start}", "save it as UTF-8")
        if "EOF inside string" in str(error):
            return Told(
                f"{self.path}: a quoted text has no end ({_line(error)})",
                "the file was cut short, or a quote is missing: see whether what writes it came to its end",
            )
        return Told(f"{self.path} cannot be read as CSV: {_line(error)}", self.suspicion or "correct that line")


def _flat(frame: pd.DataFrame) -> pd.DataFrame:
    """An index with a name is a column; rows are counted from 0."""
    named = any(name is not None for name in frame.index.names)
    return frame.reset_index(drop=not named)


def _line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
