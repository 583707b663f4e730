"""What training's data look like, column by column: what a schema is inferred from."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from nb2prod_worker.checking import Checker
from nb2prod_worker.stored import read_artifact

_MOST_CATEGORIES = 50
_LEAST_ROWS = 5  # for each category: a text with fewer rows per value is free text


def profile(job: dict[str, Any]) -> dict[str, Any]:
    """The frame's columns, their types, empty cells, limits, categories. `drop`: columns that are no input. `edited`:
    rules that people set, which training's own data must hold to.
    """
    frame = read_artifact(Path(job["path"]), job["model"])
    if not isinstance(frame, pd.DataFrame):
        frame = pd.DataFrame(frame)
    columns = [one for one in frame.columns if one not in job["drop"]]
    ids = {job["id"]} if job["id"] else set()
    edited = {name: rules for name, rules in job["edited"].items() if name in frame.columns or name not in ids}
    checker = Checker(edited, "stop")
    checker.require(list(frame.columns))
    checker.check(frame.reset_index(drop=True), 0)
    return {
        "rows": len(frame),
        "columns": {str(name): _column(frame[name], name in ids) for name in columns},
        "violations": [asdict(one) for one in checker.violations],
    }


def _column(values: pd.Series, is_id: bool) -> dict[str, Any]:
    kind = _kind(values)
    present = values.dropna()
    found: dict[str, Any] = {"type": kind, "nulls": int(values.isna().sum())}
    if kind == "category":
        found |= {"categories": [_plain(one) for one in values.cat.categories], "ordered": bool(values.cat.ordered)}
    elif kind == "text":
        distinct = present.unique() if present.map(lambda one: isinstance(one, str)).all() else []
        if 0 < len(distinct) <= min(_MOST_CATEGORIES, len(present) // _LEAST_ROWS):
            found["categories"] = sorted(map(str, distinct))
    elif kind != "bool" and len(present):
        finite = present[present.abs() != float("inf")] if kind.lower().startswith("float") else present
        found["infinite"] = int(len(present) - len(finite))
        if len(finite):
            found |= {"min": _plain(finite.min()), "max": _plain(finite.max())}
    if is_id and present.is_unique:
        found["unique"] = True
    return found


def _kind(values: pd.Series) -> str:
    if isinstance(values.dtype, pd.CategoricalDtype):
        return "category"
    if isinstance(values.dtype, pd.StringDtype) or values.dtype.kind == "O":
        return "text"
    return str(values.dtype)


def _plain(value: Any) -> Any:
    if isinstance(value, pd.Timestamp):
        return value.isoformat()
    return value.item() if hasattr(value, "item") else value
