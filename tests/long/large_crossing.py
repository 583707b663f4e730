"""A frame of 2 GB that crosses from one stage to the next: the forecast, the proposal, and the memory that it takes.

    python tests/long/large_crossing.py [MB, 2048 by default]

It prints the forecast against the bytes that were written, and, of each kernel and stage process, the peak of its
memory less what it takes without the frame, as a multiple of the frame. Exit code 1 where a forecast is off by more than
20 %, nothing is proposed, or a peak is above 1.5. It needs about three times the frame on disk and twice in memory.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).parents[1]))

from integration.projects import dvc, environment, git, notebook, write

MAKE = """\
import numpy as np
import pandas as pd


def make(rows):
    block = np.empty((10, rows))
    rng = np.random.default_rng(0)
    for row in block:
        rng.standard_normal(out=row)
    return pd.DataFrame(block.T, columns=list('abcdefghij'), copy=False)"""


def work(rows: int) -> dict[str, object]:
    """One stage makes the frame, the next one looks at it."""
    return notebook(
        ("parameters", f"rows = {rows}"),
        ("setup", MAKE),
        ("stage:load", "frame = make(rows)"),
        ("stage:sum", "total = float(frame['a'].sum() + frame['j'].sum())\nprint(total)"),
        ("metrics", "result = total"),
    )


def peaks(command: list[str], folder: Path) -> tuple[int, dict[str, float]]:
    """Run it; its exit code, and the highest resident memory (MB) of each process below it, by what it was started as."""
    started = subprocess.Popen(command, cwd=folder, env=environment())
    top: dict[str, float] = {}
    while started.poll() is None:
        for child in [psutil.Process(started.pid), *psutil.Process(started.pid).children(recursive=True)]:
            try:
                name = f"{child.pid} {' '.join(child.cmdline()[1:4])[:60]}"
                top[name] = max(top.get(name, 0.0), child.memory_info().rss / 2**20)
            except psutil.Error:
                continue
        time.sleep(0.05)
    return started.returncode, top


def main(megabytes: int) -> int:
    """Convert it, and run it again through DVC."""
    rows = megabytes * 2**20 // 80
    bad = 0
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for name, size in (("small", 1000), ("large", rows)):
            write(folder / name / "work.ipynb", work(size))
            git(folder / name, "init", "-q")
            dvc(folder / name, "init", "-q")
        convert = [sys.executable, "-m", "nb2prod", "convert", "work.ipynb"]
        repro = [sys.executable, "-m", "dvc", "--cd", "pipeline", "repro", "--force"]
        for command in (convert, repro):
            _, without = peaks(command, folder / "small")
            code, found = peaks(command, folder / "large")
            base = max(without.values())
            for name, peak in sorted(found.items(), key=lambda pair: -pair[1])[:4]:
                print(f"{command[2]}: {name}: peak {peak:.0f} MB, {(peak - base) / megabytes:.2f} x the frame")
            bad += code != 0 or (max(found.values()) - base) / megabytes > 1.5
        pipeline = folder / "large" / "pipeline"
        (boundary,) = json.loads((pipeline / "conversion.json").read_text())["boundaries"]
        written = (pipeline / "artifacts" / "load" / "frame.parquet").stat().st_size
        print(f"forecast {boundary['bytes']}, written {written}: {boundary['bytes'] / written - 1:+.1%}")
        print(boundary.get("proposal", "nothing is proposed"))
        bad += not 0.8 <= boundary["bytes"] / written <= 1.2 or "proposal" not in boundary
    return int(bool(bad))


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 2048))
