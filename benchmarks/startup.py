"""CPU seconds of `nb2prod --help` and of `convert --no-run`, beside bare Python's in the same run.

python benchmarks/startup.py
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

EXAMPLES = Path(__file__).resolve().parents[1] / "example_notebooks"
ROUNDS = 7


def cpu_seconds(command: list[str], folder: Path) -> float:
    """User and system time of one process and its children."""
    before = os.times()
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = os.times()
    return after.children_user - before.children_user + after.children_system - before.children_system


def main() -> None:
    """Print the median of each, interleaved."""
    nb2prod = [sys.executable, "-m", "nb2prod"]
    with tempfile.TemporaryDirectory() as scratch:
        project = Path(scratch)
        shutil.copytree(EXAMPLES, project / "p")
        convert = [*nb2prod, "convert", "breast_cancer.ipynb", "--out", "pipeline", "--no-run", "--overwrite"]
        commands = {
            "python -c pass": [sys.executable, "-c", "pass"],
            "nb2prod --help": [*nb2prod, "--help"],
            "nb2prod convert --no-run (27 code cells)": convert,
        }
        times: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(ROUNDS):
            for name, command in commands.items():
                times[name].append(cpu_seconds(command, project / "p"))
    for name, values in times.items():
        print(f"{name:45} {statistics.median(values):.3f} s CPU (median of {ROUNDS})")


if __name__ == "__main__":
    main()
