"""Ten thousand broken notebooks through `nb2prod check`.

None may end it with a traceback, take more than five seconds, be run, or pass a control character to the terminal.
Processes of their own check a part each, so that one that dies is seen and named.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
_PART = 250


def main(count: int, first: int) -> int:
    """Print what goes wrong; the exit code says whether anything did."""
    found = 0
    for start in range(first, first + count, _PART):
        size = min(_PART, first + count - start)
        lines = _part(start, size)
        found += len(lines)
        print(f"{start + size - first} of {count}, {found} troubles", flush=True)
        for line in lines:
            print(f"  {line}", flush=True)
    return int(found > 0)


def _part(start: int, size: int) -> list[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, __file__, "--part", str(start), str(size)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=size * 6 + 60, check=False)
    lines = [line for line in done.stdout.splitlines() if line.startswith("seed ")]
    reached = done.stdout.count("\n.") + done.stdout.startswith(".")
    if done.returncode:
        lines.append(f"seed {start + reached}: the process ended with {done.returncode}: {done.stderr[-300:]}")
        lines += _part(start + reached + 1, size - reached - 1) if reached + 1 < size else []
    return lines


def _check_part(start: int, size: int) -> None:
    from tests.lint.hardness import trouble

    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for seed in range(start, start + size):
            for line in trouble(seed, Path(folder)):
                print(line.replace("\n", " "), flush=True)
            print(".", flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--part"]:
        _check_part(int(sys.argv[2]), int(sys.argv[3]))
        sys.exit(0)
    numbers = [int(one) for one in sys.argv[1:]]
    sys.exit(main(numbers[0] if numbers else 10_000, numbers[1] if len(numbers) > 1 else 0))
