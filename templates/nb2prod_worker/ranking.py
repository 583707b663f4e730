"""Ranks over a whole file: they need all scores at once, 16 bytes for each row."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
from pyarrow.parquet import ParquetFile, ParquetWriter


def with_ranks(path: Path, kind: str) -> None:
    """Write the output anew with a column `rank`: 1 for the highest score, rows of equal scores in their order."""
    if kind == "csv":
        table = pyarrow.csv.read_csv(path)
        pyarrow.csv.write_csv(_ranked(table, _ranks(table.column("score").to_numpy())), path)
        return
    temporary = path.with_name(f"{path.name}.ranked")
    with ParquetFile(path) as file:
        ranks = _ranks(np.concatenate([one.column("score").to_numpy() for one in file.iter_batches(columns=["score"])]))
        start = 0
        with ParquetWriter(
            temporary, file.schema_arrow.append(pa.field("rank", pa.int64())), compression="lz4"
        ) as writer:
            for batch in file.iter_batches():
                writer.write_table(_ranked(pa.Table.from_batches([batch]), ranks[start : start + batch.num_rows]))
                start += batch.num_rows
    temporary.replace(path)


def _ranks(scores: np.ndarray) -> np.ndarray:  # type: ignore[type-arg]
    order = np.argsort(-scores, kind="stable")
    ranks = np.empty(len(scores), dtype="i8")
    ranks[order] = np.arange(1, len(scores) + 1)
    return ranks


def _ranked(table: pa.Table, ranks: np.ndarray) -> pa.Table:  # type: ignore[type-arg]
    return table.append_column("rank", pa.array(ranks, pa.int64()))
