"""`predict`, killed with SIGKILL at random moments and called again: no prediction is lost, none is there twice.

python tests/long/kill_predict.py [TIMES] [--seed N] [--rows N]
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from nb2prod.adapters.prediction_log import batches, find, log_folder, logs  # noqa: E402
from tests.prediction import pipelines  # noqa: E402

CONTRACT = (
    "version: 1\nmodel: {artifact: artifacts/train/model.pkl, kind: classification}\n"
    "training: {data: artifacts/split/X_train.parquet}\nvalidation: {on_violation: quarantine}\n"
)


def call(folder: Path, out: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "nb2prod", "predict", "rows.csv", "--unreleased", "--out", str(out)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    quiet = subprocess.DEVNULL
    return subprocess.Popen(command, cwd=folder, env=environment, stdout=quiet, stderr=quiet, start_new_session=True)


def usual_seconds(folder: Path) -> float:
    began = time.monotonic()
    assert call(folder, folder / "usual.parquet").wait() == 0
    return time.monotonic() - began


def check(folder: Path, expected: int) -> None:
    """Every output that is there has its whole batch in the log, once, and the log has nothing else."""
    log = log_folder(folder, "churn", "dev")
    logs(folder)  # settles
    found = {batch.output: batch for batch in batches(log)}
    assert len(found) == len(list(batches(log))), "an output has two batches in the log"
    outputs = sorted(str(path) for path in folder.glob("*.parquet"))
    assert outputs == sorted(found), f"outputs {outputs}, in the log {sorted(found)}"
    for output, batch in found.items():
        answers = pd.read_parquet(output)
        segment = pq.read_table(log / batch.at[:10] / f"{batch.name}.parquet").to_pandas()
        aside = pd.read_csv(Path(output).with_name(f"{Path(output).stem}.quarantine-{batch.name}.csv"))
        assert len(answers) == len(segment) == batch.rows
        assert sorted([*segment["row"], *aside["row"]]) == list(range(expected))
        assert [one.rpartition(".")[2] for one in answers["prediction_id"]] == [str(row) for row in segment["row"]]
        last = find(folder, answers["prediction_id"].iloc[-1])
        assert last is not None and last.output["score"] == answers["score"].iloc[-1]
    assert not list((log / "journal").glob("*.json")), "a plan was not carried out"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("times", type=int, nargs="?", default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--rows", type=int, default=60_000)
    asked = parser.parse_args()
    chance = random.Random(asked.seed)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch).resolve()
        pipelines.make(folder, contract=CONTRACT)
        rows = pipelines.rows(asked.rows).clip(-2.5, 2.5)
        rows.loc[::1000, "x3"] = None
        rows.to_csv(folder / "rows.csv", index=False)
        usual_seconds(folder)
        (folder / "usual.parquet").unlink()
        for path in folder.glob("usual*"):
            path.unlink()
        subprocess.run(["rm", "-rf", str(folder / ".nb2prod")], check=True)
        usual = usual_seconds(folder)
        killed = decided = 0
        for number in range(asked.times):
            out = folder / f"out-{number}.parquet"
            process = call(folder, out)
            # Half of the moments in the last third, where files get their names.
            late = chance.random() < 0.5
            time.sleep(chance.uniform(0.65 if late else 0.0, 1.1) * usual)
            if process.poll() is None:
                os.kill(process.pid, signal.SIGKILL) if chance.random() < 0.5 else os.killpg(
                    process.pid, signal.SIGKILL
                )
                killed += 1
            process.wait()
            decided += out.exists()
            assert call(folder, out).wait() == 0
            if number % 10 == 9 or number == asked.times - 1:
                check(folder, asked.rows)
            print(f"\r{number + 1} of {asked.times}, {killed} killed, {decided} were there", end="", flush=True)
        left = [path for path in folder.iterdir() if path.name.startswith(".") and "out-" in path.name]
        assert not left, f"left behind: {left}"
    print(f"\n{asked.times} calls, {killed} killed: every prediction is there once")


if __name__ == "__main__":
    main()
