"""What the worker is asked for: predict a file, look at training's data, replay held-out rows."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from nb2prod_worker import answering, model, probing
from nb2prod_worker.checking import Checked, Checker
from nb2prod_worker.profiling import profile
from nb2prod_worker.ranking import with_ranks
from nb2prod_worker.reading import Chunk, Source
from nb2prod_worker.replaying import replay
from nb2prod_worker.segments import Batch, empty
from nb2prod_worker.told import Told


def predict(job: dict[str, Any]) -> dict[str, Any]:
    """Predict a file, chunk by chunk. Nothing gets its name here: nb2prod decides that."""
    began = time.perf_counter()
    source, checker = _source(job), _checker(job)
    run = _Run(job, checker, Batch(job))
    loaded = model.load(job)
    answers = answering.Answers(loaded, job["output"], job["kind"])
    for chunk in source.chunks():
        if not chunk.start:
            present = list(chunk.frame.columns)
            checker.require(present, source.suspicion or _no_features(job, present), source.twice)
        run.one(chunk, answers)
    run.close()
    if checker.stops:
        raise _stopped(checker, run)
    if job["output"].get("form") == "ranking" and run.batch.rows:
        with_ranks(Path(job["temporary"]["output"]), job["output_format"])
    return run.told(time.perf_counter() - began)


def _no_features(job: dict[str, Any], present: list[Any]) -> str:
    """What to do where the file holds other columns than an estimator that has no function to make them."""
    missing = [name for name in job["columns"] if name not in present]
    if job["model"]["function"] or 2 * len(missing) <= len(job["columns"]) or len(present) < len(missing):
        return ""
    return (
        "the model takes features, which cells of the notebook make and production cannot: "
        "tag a cell `predict` whose function makes them, and convert again; or predict a file that has them"
    )


class _Run:
    """One batch on its way through the chunks."""

    def __init__(self, job: dict[str, Any], checker: Checker, batch: Batch) -> None:
        self._job = job
        self._checker = checker
        self.batch = batch
        self.seen = 0
        self._of_model = 0.0
        self._writer = ThreadPoolExecutor(1)  # a chunk is written while the next one is read
        self._writing: Future[None] | None = None
        self._nothing: pd.DataFrame | None = None

    def one(self, chunk: Chunk, answers: answering.Answers) -> None:
        """Check, predict, write. Once a rule stops the batch, the rest is only checked: the report counts all of it."""
        self.seen = chunk.start + len(chunk.frame)
        frame = self._inputs(chunk)
        ids = chunk.frame[self._job["id"]] if self._job["id"] else None
        checked = self._checker.check(frame, chunk.start, chunk.cut, ids)
        if self._checker.stops:
            return
        if checked.aside.any():
            at = np.flatnonzero(checked.aside)
            reasons = ["; ".join(checked.reasons[row]) for row in at.tolist()]
            self.batch.set_aside(chunk.frame.iloc[at], chunk.start + at, reasons)
        self._answer(checked, answers, ids)

    def _inputs(self, chunk: Chunk) -> Any:
        if self._job["columns"] or self._job["features"] is None:
            dropped = [] if self._job["columns"] else [one for one in self._job["not_inputs"] if one in chunk.frame]
            return chunk.frame.drop(columns=dropped) if dropped else chunk.frame
        return chunk.frame[self._job["features"]]

    def _answer(self, checked: Checked, answers: answering.Answers, ids: pd.Series | None) -> None:
        if ids is not None and checked.aside.any():
            ids = ids[~checked.aside]
        if not len(checked.rows):
            self._nothing = checked.frame
            return
        frame = checked.frame[self._job["features"]] if self._job["features"] else checked.frame
        began = time.perf_counter()
        found = answers.of(frame)
        taken = time.perf_counter() - began
        self._of_model += taken
        self.finish()
        latency = taken * 1e6 / len(checked.rows)
        self._writing = self._writer.submit(self.batch.write, found, checked.rows, frame, ids, _now(), latency)

    def close(self) -> None:
        """Write what is left; where no row was answered, files of no rows, which take the place of older ones."""
        self.finish()
        if not self.batch.rows and not self._checker.stops and self._nothing is not None:
            name = "value" if self._job["output"].get("form") == "value" else "score"
            self.batch.write(empty({name: "f8"}), np.arange(0), self._nothing.head(0), None, _now(), 0.0)
        self.batch.close()

    def finish(self) -> None:
        """Wait for what is being written: at most one chunk."""
        if self._writing is not None:
            self._writing.result()
            self._writing = None

    def told(self, seconds: float) -> dict[str, Any]:
        """What nb2prod records."""
        return {
            "rows": self.batch.rows,
            "quarantined": self.batch.quarantined,
            "seen": self.seen,
            "seconds": seconds,
            "of_model": self._of_model,
            "columns": self.batch.columns,
            "ignored": self._checker.ignored,
            "violations": [asdict(one) for one in self._checker.violations],
        }


def probe(job: dict[str, Any]) -> dict[str, Any]:
    """Malformed files, one after the other."""
    return {"answers": [probing.answer(one, predict) for one in job["jobs"]]}


def _source(job: dict[str, Any]) -> Source:
    texts = [name for name, one in job["columns"].items() if one["type"] == "text"]
    return Source(Path(job["source"]), job["source_format"], job["chunk_bytes"], tuple(texts))


def _checker(job: dict[str, Any]) -> Checker:
    return Checker(job["columns"], job["on_violation"], job["id"], job.get("id_rules"))


def _stopped(checker: Checker, run: _Run) -> Told:
    found = [one for one in checker.violations if one.then == "stop"]
    first = found[0]
    where = f"column `{first.column}`" if first.column else "the file"
    rows = ", ".join(str(row) for row, _ in first.examples[:3])
    others = f"; and {len(found) - 1} other rule{'s' if len(found) > 2 else ''} broken" if len(found) > 1 else ""
    return Told(
        f"{where}: {first.what}; {first.count} of {run.seen} rows do not hold to that (rows {rows}){others}",
        "correct the file; or change the rule in schema.yaml; or have such rows set aside: "
        "`validation.on_violation: quarantine` in production.yaml",
        facts=run.told(0.0),
    )


def _now() -> int:
    return time.time_ns() // 1000


VERBS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "predict": predict,
    "sample": probing.sample,
    "probe": probe,
    "profile": profile,
    "replay": replay,
}
