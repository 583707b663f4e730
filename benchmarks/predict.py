"""`nb2prod predict` beside reading, the bare estimator and writing: whole processes in turns, and memory.

python benchmarks/predict.py [ROWS] [--large ROWS]

Ratios of wall and CPU seconds, medians; the peak memory of the predicting process at ROWS and at --large rows.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
from pyarrow.parquet import ParquetWriter

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.prediction import pipelines  # noqa: E402

ROUNDS = 5
_BARE = """
import pickle, sys
import pandas as pd
source, out, model = sys.argv[1:]
frame = pd.read_csv(source) if source.endswith(".csv") else pd.read_parquet(source)
with open(model, "rb") as stream:
    estimator = pickle.load(stream)
score = estimator.predict_proba(frame)[:, 1]
pd.DataFrame({"id": range(len(frame)), "score": score}).to_parquet(out)
"""
_CONTRACT = (
    "version: 1\nmodel: {{artifact: artifacts/train/model.pkl, kind: classification}}\noutput: {{form: score}}\n"
    "training: {{data: artifacts/split/X_train.parquet}}\nvalidation: {{on_violation: quarantine}}\nlog: {{inputs: {inputs}}}\n"
)


def measured(command: list[str], folder: Path) -> tuple[float, float, int]:
    """(wall, CPU, peak memory in MB of the largest process) of one command and its children."""
    probe = (
        "import resource, subprocess, sys; code = subprocess.call(sys.argv[1:]); "
        "used = resource.getrusage(resource.RUSAGE_CHILDREN); print(used.ru_utime + used.ru_stime, used.ru_maxrss); sys.exit(code)"
    )
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", probe, *command],
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    cpu, memory = done.stdout.split()[-2:]
    return time.monotonic() - began, float(cpu), int(memory) // 1024


def write_rows(path: Path, count: int) -> None:
    """Rows for which there is never room all at once."""
    writer = None
    for begin in range(0, count, 1 << 18):
        frame = pipelines.rows(min(1 << 18, count - begin), seed=begin)
        table = pa.Table.from_pandas(frame.clip(-3, 3), preserve_index=False)
        if writer is None:
            writer = (
                pyarrow.csv.CSVWriter(path, table.schema)
                if path.suffix == ".csv"
                else ParquetWriter(path, table.schema)
            )
        writer.write_table(table)
    assert writer is not None
    writer.close()


def compare(folder: Path, pipeline: Path, source: Path) -> None:
    out, model = folder / "out.parquet", pipeline / "artifacts" / "train" / "model.pkl"
    bare = [sys.executable, "-c", _BARE, str(source), str(out), str(model)]
    ours = [sys.executable, "-m", "nb2prod", "predict", str(source), "--unreleased", "--out", str(out), "--again"]
    contracts = {"hash": [], "whole": [], "bare": []}
    for _ in range(ROUNDS):
        for inputs, found in contracts.items():
            (pipeline / "production.yaml").write_text(_CONTRACT.format(inputs=inputs if inputs != "bare" else "hash"))
            found.append(measured(bare if inputs == "bare" else ours, folder))
    middle = {name: [statistics.median(one[at] for one in runs) for at in range(3)] for name, runs in contracts.items()}
    for name, aim in (("hash", 1.15), ("whole", 1.6)):
        pairs = [a[0] / b[0] for a, b in zip(contracts[name], contracts["bare"], strict=True)]
        print(
            f"{source.suffix[1:]:8} inputs {name:6} wall {middle[name][0]:.2f} s, CPU {middle[name][1]:.2f} s, {middle[name][2]:.0f} MB;"
            f" bare wall {middle['bare'][0]:.2f} s, CPU {middle['bare'][1]:.2f} s, {middle['bare'][2]:.0f} MB;"
            f" ratio wall {statistics.median(pairs):.2f} (aim {aim}), CPU {middle[name][1] / middle['bare'][1]:.2f}"
        )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("rows", type=int, nargs="?", default=1_000_000)
    parser.add_argument("--large", type=int, default=0)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        pipeline = pipelines.make(folder)
        (pipeline / "production.yaml").write_text(_CONTRACT.format(inputs="hash"))
        for suffix in (".csv", ".parquet"):
            write_rows(folder / f"rows{suffix}", asked.rows)
            compare(folder, pipeline, folder / f"rows{suffix}")
        if asked.large:
            for count in (asked.rows, asked.large):
                source = folder / "large.parquet"
                write_rows(source, count)
                ours = [
                    sys.executable,
                    "-m",
                    "nb2prod",
                    "predict",
                    str(source),
                    "--unreleased",
                    "--out",
                    "large-out.parquet",
                    "--again",
                ]
                wall, _, memory = measured(ours, folder)
                print(f"{count:>10} rows: {memory} MB, {wall:.1f} s")


if __name__ == "__main__":
    np.seterr(all="ignore")
    main()
