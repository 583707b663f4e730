"""Random composed notebooks: converted, run at two values of every parameter, and compared with the plain notebook.

`--count` notebooks from `--seed` on, by `--jobs` processes. Every tenth is converted a second time by another process,
with another hash seed: the bytes must be the same. What is wrong is shrunk and printed. Exit code 1 where a pipeline was
green but wrong, crashed, or came out differently the second time.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections import Counter
from dataclasses import asdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

REPEATED = 10


def main() -> int:
    """Start the workers, gather their records, print the table."""
    arguments = _arguments()
    if arguments.worker is not None:
        return _work(arguments)
    began = time.monotonic()
    workers = [_start(arguments, number) for number in range(arguments.jobs)]
    records = _gather(workers, arguments)
    for worker in workers:
        worker.wait()
    return _report(records, arguments.count, time.monotonic() - began)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--out", type=Path, help="write one line of JSON per notebook")
    parser.add_argument("--shrink", action="store_true", help="shrink what is wrong")
    parser.add_argument("--worker", type=int, help=argparse.SUPPRESS)
    return parser.parse_args()


def _start(arguments: argparse.Namespace, number: int) -> subprocess.Popen[str]:
    command = [sys.executable, __file__, *sys.argv[1:], "--worker", str(number)]
    environment = {**os.environ, "PYTHONHASHSEED": str(number + 1)}
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)


def _gather(workers: list[subprocess.Popen[str]], arguments: argparse.Namespace) -> list[dict[str, object]]:
    """Records as they come, printed as they come."""
    import threading

    records: list[dict[str, object]] = []

    def read(worker: subprocess.Popen[str]) -> None:
        for line in worker.stdout or ():
            record = json.loads(line)
            records.append(record)
            _show(record)
            if arguments.out:
                with arguments.out.open("a", encoding="utf-8") as stream:
                    stream.write(line)

    threads = [threading.Thread(target=read, args=[worker]) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return records


def _show(record: dict[str, object]) -> None:
    if record["repeat"]:
        return
    place = f"{record['stages']}/{record['tagged']}"
    elsewhere = record["elsewhere"] or "-"
    text = f"{record['seed']:6} {record['state']:16} {elsewhere:8} {place:5} {record['seconds']:5.1f}s"
    print(f"{text}  {str(record['detail'])[:240]} {record['missed'] or ''}", flush=True)


def _work(arguments: argparse.Namespace) -> int:
    """Every `jobs`-th notebook, and a share of the next worker's a second time."""
    from composed.trial import judge, runnable
    from composed.warm_kernels import warm_kernels

    jobs, number = arguments.jobs, arguments.worker
    with warm_kernels() as servers:
        for seed in range(arguments.seed, arguments.seed + arguments.count):
            place = seed % jobs
            repeat = seed % REPEATED == 0 and (place + 1) % jobs == number and jobs > 1
            if place != number and not repeat:
                continue
            notebook = runnable(servers, seed)
            if notebook is None:
                continue
            record = asdict(judge(servers, notebook, only_digest=repeat))
            text = notebook.text() if record["state"] != "same" or record["missed"] or record["elsewhere"] else ""
            print(json.dumps({"seed": seed, "repeat": repeat, **record, "text": text}), flush=True)
    return 0


def _report(records: list[dict[str, object]], count: int, seconds: float) -> int:
    first = {record["seed"]: record for record in records if not record["repeat"]}
    again = {record["seed"]: record for record in records if record["repeat"]}
    varied = [seed for seed, record in again.items() if seed in first and first[seed]["digest"] != record["digest"]]
    states = Counter(str(record["state"]) for record in first.values())
    elsewhere = Counter(str(record["elsewhere"]) for record in first.values())
    fewer = sum(record["stages"] < record["tagged"] for record in first.values())  # type: ignore[operator]
    print(f"\n{len(first)} of {count} notebooks in {seconds:.0f} s: {dict(states)}")
    print(f"at other values: {dict(elsewhere)}; in fewer stages than tagged: {fewer}")
    print(f"static facts missed something: {sum(bool(record['missed']) for record in first.values())}")
    print(f"converted twice: {len(again)}, other bytes: {varied}")
    wrong = states["wrong"] + states["wrong elsewhere"] + states["crash"]
    return 1 if wrong or varied else 0


if __name__ == "__main__":
    sys.exit(main())
