"""How many bytes a value's file will have, before it is written."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

# Beyond about 130,000 different values of a column Parquet keeps no dictionary: a row costs another number of bytes.
_ROWS = 2**19
_SAMPLE = 64 * 2**20


def stored_bytes(stage: Any, value: Any, key: str, size: int) -> int:
    """Return the size of the file in a format that has just been tried: of large data only pieces were."""
    if size < stage._LARGE or key not in ("parquet", "column", "npy"):
        return stage.last_trial["bytes"]  # type: ignore[no-any-return]
    if key == "npy":
        return int(value.nbytes) + 128
    rows = len(value)
    taken = min(rows, _ROWS, max(2, rows * _SAMPLE // size))
    start = (rows - taken) // 2
    less, more = (_written(stage, value.iloc[start : start + one], key) for one in (taken // 2, taken))
    return int(more + (more - less) * (rows - taken) / max(1, taken - taken // 2))


def _written(stage: Any, part: Any, key: str) -> int:
    with tempfile.TemporaryDirectory(prefix="size-") as folder:
        path = Path(folder, "part")
        stage._FORMATS[key].dump(part, path)
        return path.stat().st_size
