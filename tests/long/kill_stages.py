"""Kill the run, its warm parent or a stage at random moments; nothing may be left, and the next run must complete."""

from __future__ import annotations

import random
import shutil
import sys
import time
from pathlib import Path

from places import scratch


def main(count: int = 50, seed: int = 1) -> int:
    """The number of moments after which something was wrong."""
    from integration.projects import artifacts, forget_results, nb2prod, sales

    chance = random.Random(seed)
    with scratch() as folder:
        original = folder / "original"
        sales(original)
        nb2prod(original, "convert", "sales.ipynb")
        expected = artifacts(original / "pipeline"), (original / "pipeline" / "dvc.lock").read_bytes()
        forget_results(original, original / "pipeline")
        began = time.monotonic()
        nb2prod(original, "run", "pipeline")
        whole = time.monotonic() - began
        print(f"an undisturbed run takes {whole:.1f} s", flush=True)
        return sum(_trial(folder, number, chance, whole, expected) for number in range(count))


def _trial(
    folder: Path, number: int, chance: random.Random, whole: float, expected: tuple[dict[str, bytes], bytes]
) -> int:
    from integration.killing import kill_process
    from integration.projects import artifacts, is_clean, nb2prod

    root = folder / "run"
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(folder / "original", root, symlinks=True)
    victim = ("run", "parent", "stage")[number % 3]
    lives = chance.uniform(0, whole if victim == "run" else 0.4 * whole)
    try:
        became = kill_process(root, victim, lives)
        done = nb2prod(root, "run", "pipeline", code=None)
        made = artifacts(root / "pipeline"), (root / "pipeline" / "dvc.lock").read_bytes()
        good = done.returncode == 0 and made == expected and is_clean(root / "pipeline")
        detail = done.stderr[-500:] if done.returncode else ""
    except AssertionError as error:
        became, good, detail = "", False, str(error)
    print(f"{number + 1:3} {victim:6} {became}: {'completed' if good else 'WRONG ' + detail}", flush=True)
    return not good


if __name__ == "__main__":
    sys.exit(min(main(*map(int, sys.argv[1:])), 1))
