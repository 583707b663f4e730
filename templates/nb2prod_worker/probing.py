"""Malformed files, predicted one after the other in one process."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from nb2prod_worker.checking import Checker
from nb2prod_worker.stored import read_artifact
from nb2prod_worker.told import ModelFailed, Told


def sample(job: dict[str, Any]) -> dict[str, Any]:
    """A few held-out rows that hold to the schema, as files: what a probe adds to them must be their only fault."""
    frame = pd.DataFrame(read_artifact(Path(job["path"]), job["model"]))
    frame = frame.drop(columns=[one for one in job["drop"] if one in frame.columns])
    held = _holding(frame, job["columns"]) if job["columns"] else frame
    frame = held.dropna() if len(held.dropna()) else held
    frame = frame.head(job["rows"])
    if job["id"] and job["id"] not in frame.columns:
        frame = frame.assign(**{job["id"]: range(len(frame))})
    frame.to_csv(job["csv"], index=False)
    frame.to_parquet(job["parquet"], index=False)
    return {"rows": len(frame)}


def _holding(frame: pd.DataFrame, columns: Mapping[str, Any]) -> pd.DataFrame:
    """The rows that break no rule; all of them where none is left, or where columns are missing."""
    if not set(columns) <= set(frame.columns):
        return frame
    held = frame[~Checker(columns, "quarantine").check(frame.reset_index(drop=True), 0).aside]
    return held if len(held) else frame


def answer(job: dict[str, Any], predict: Callable[[dict[str, Any]], dict[str, Any]]) -> dict[str, Any]:
    """What a file is answered: the counts and the scores, or what is said."""
    try:
        told = predict(job)
    except Told as error:
        return {"error": f"{error.what}; {error.hint}"}
    except ModelFailed as failed:
        return {"error": "", "failed": f"{type(failed.__cause__).__name__}: {failed.__cause__}"}
    output = Path(job["temporary"]["output"])
    written = pd.read_parquet(output).drop(columns="prediction_id") if output.exists() else pd.DataFrame()
    scores = [" ".join(map(str, row)) for row in written.itertuples(index=False)]
    return {"rows": told["rows"], "quarantined": told["quarantined"], "scores": scores}
