"""One id among ten million logged predictions: the whole process of `nb2prod trace`, and the bare search.

python benchmarks/trace.py [PREDICTIONS] [--batches N]

The log is written by the worker's own code. Seconds, medians.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "templates")]

from nb2prod_worker.segments import Batch as Writer  # noqa: E402

from nb2prod.adapters.prediction_log import log_folder, record_text  # noqa: E402
from nb2prod.prediction.identity import batch_name  # noqa: E402
from nb2prod.prediction.places import Places  # noqa: E402
from nb2prod.prediction.records import Batch  # noqa: E402
from nb2prod.release.binding import Approval, Binding, File, message  # noqa: E402
from tests.prediction import pipelines  # noqa: E402

ROUNDS = 7
_CHUNK = 1 << 17
_FIND = """
import sys, pathlib
from nb2prod.adapters.prediction_log import find{by}
print({call}(pathlib.Path(sys.argv[1]), sys.argv[2]))
"""


def write_batch(folder: Path, number: int, rows: int) -> str:
    log = log_folder(folder, "churn", "production")
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=number)
    name = batch_name(at, f"{number:08x}")
    places = Places(name)
    batch = Batch(
        name, at.isoformat(), "churn", "v1.0.0", "production", "champion", "0" * 64, "0" * 64, "hash",
        "rows.csv", "0" * 64, "out.parquet", rows, 0, 1.0, 0.5, id_column="customer",
    )  # fmt: skip
    (log / places.segment).parent.mkdir(exist_ok=True)
    job = {
        "temporary": {"segment": str(log / places.segment), "output": "/dev/null", "quarantine": "/dev/null"},
        "output_format": "parquet",
        "quarantine_format": "csv",
        "facts": {"version": 1, "batch": asdict(batch)},
        "inputs": "hash",
        "batch": name,
        "id": "customer",
    }
    writer = Writer(job)
    for begin in range(0, rows, _CHUNK):
        frame = pipelines.rows(min(_CHUNK, rows - begin), seed=begin, names=("x0", "x1"))
        numbers = np.arange(begin, begin + len(frame))
        customers = np.char.add("c", (number * rows + numbers).astype(str)).astype(object)
        writer.write({"score": frame["x0"].to_numpy()}, numbers, frame, customers, 0, 1.0)
    writer.close()
    (log / places.record).write_text(record_text(batch))
    return name


def release(folder: Path) -> None:
    """Version 1, deployed, and some hundred commits of history."""
    git = ["git", "-C", str(folder), "-c", "user.name=team-a", "-c", "user.email=team-a@example.org"]
    subprocess.run(["git", "init", "--quiet", str(folder)], check=True)
    for number in range(100):
        subprocess.run([*git, "commit", "--quiet", "--allow-empty", "-m", f"change {number}"], check=True)
    commit = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()
    file = File("pipeline/artifacts/train/model.joblib", "0" * 32, "0" * 64, 1)
    binding = Binding(
        "churn", 1, commit, "pipeline", "churn.ipynb", file, (file,), {"seed": 1}, {}, None, "", "", None,
        {"passed": True, "sentence": "passed its gate", "conditions": []}, {}, Approval("approver"),
        "2026-01-01T00:00:00Z", "team-a", "0.1.0",
    )  # fmt: skip
    deployment = {
        "version": 1, "kind": "deployment", "name": "churn", "number": 1, "environment": "production",
        "role": "champion", "action": "deploy", "at": "2026-01-01T00:00:01Z", "by": "team-a",
    }  # fmt: skip
    texts = {"churn@v1.0.0": message(binding), "churn#production#1": f"deploy\n\n{json.dumps(deployment)}"}
    for tag, text in texts.items():
        command = [*git, "tag", "-a", "--cleanup=verbatim", "-F", "-", tag]
        subprocess.run(command, check=True, input=text, text=True)


def seconds(*command: str, folder: Path = ROOT) -> tuple[tuple[float, float], str]:
    """((wall, CPU), what it printed)."""
    began, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        command,
        check=False,
        capture_output=True,
        text=True,
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return (time.monotonic() - began, cpu), done.stdout + done.stderr


def told(what: str, times: list[tuple[float, float]]) -> None:
    wall, cpu = zip(*times, strict=True)
    print(
        f"{what}: wall {statistics.median(wall):.2f} s ({min(wall):.2f} to {max(wall):.2f}), CPU {statistics.median(cpu):.2f} s"
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("predictions", type=int, nargs="?", default=10_000_000)
    parser.add_argument("--batches", type=int, default=200)
    asked = parser.parse_args()
    rows = asked.predictions // asked.batches
    chance = random.Random(0)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        names = [write_batch(folder, number, rows) for number in range(asked.batches - 1)]
        names.append(write_batch(folder, asked.batches, rows))
        size = sum(path.stat().st_size for path in folder.rglob("*.parquet"))
        print(f"{asked.batches} batches of {rows} predictions, {size / 1e6:.0f} MB")
        release(folder)
        ids = [f"{chance.choice(names)}.{chance.randrange(rows)}" for _ in range(ROUNDS)]
        runs = [seconds(sys.executable, "-c", _FIND.format(by="", call="find"), str(folder), one) for one in ids]
        assert all(json.dumps(one)[1:-1] in text for one, (_, text) in zip(ids, runs, strict=True)), runs[0]
        told("the search, by the prediction's id", [took for took, _ in runs])
        runs = [seconds(sys.executable, "-m", "nb2prod", "trace", one, folder=folder) for one in ids]
        assert all("churn@v1.0.0" in text and "approver" in text for _, text in runs), runs[0]
        told("nb2prod trace ID, the whole process", [took for took, _ in runs])
        own = [f"c{chance.randrange(asked.predictions)}" for _ in range(3)]
        runs = [
            seconds(sys.executable, "-c", _FIND.format(by="_by_consumer", call="find_by_consumer"), str(folder), one)
            for one in own
        ]
        told("the search, by the consumer's id", [took for took, _ in runs])


if __name__ == "__main__":
    main()
