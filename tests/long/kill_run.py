"""Kill `nb2prod run` and `nb2prod convert` at random moments; the next attempt must give what an undisturbed one gives."""

from __future__ import annotations

import random
import shutil
import signal
import sys
import time
from pathlib import Path

from places import scratch


def main(count: int = 20, seed: int = 1) -> int:
    """The number of moments after which something was wrong."""
    from integration.projects import artifacts, forget_results, nb2prod, sales

    chance = random.Random(seed)
    with scratch() as folder:
        original = folder / "original"
        sales(original)
        nb2prod(original, "convert", "sales.ipynb")
        expected = artifacts(original / "pipeline")
        forget_results(original, original / "pipeline")
        began = time.monotonic()
        nb2prod(original, "run", "pipeline")
        whole = time.monotonic() - began
        print(f"an undisturbed run takes {whole:.1f} s", flush=True)
        wrong = sum(_run(folder, number, chance.uniform(0.3, whole), expected) for number in range(count))
        return wrong + sum(_convert(folder, number, chance, expected) for number in range(count // 2))


def _run(folder: Path, number: int, seconds: float, expected: dict[str, bytes]) -> int:
    from integration.killing import kill_run
    from integration.projects import artifacts, is_clean

    root = folder / "run"
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(folder / "original", root, symlinks=True)
    everything = number % 2 == 0
    kill_run(root, seconds, everything=everything)
    good = artifacts(root / "pipeline") == expected and is_clean(root / "pipeline")
    print(f"run     killed after {seconds:5.2f} s, {'all' if everything else 'alone':5}: {_word(good)}", flush=True)
    return not good


def _convert(folder: Path, number: int, chance: random.Random, expected: dict[str, bytes]) -> int:
    """Half of the moments are within the writing of the files, which is short."""
    from integration.killing import kill_convert
    from integration.projects import artifacts, is_clean, nb2prod, sales

    root = folder / f"convert-{number}"
    sales(root)
    sent = chance.choice([signal.SIGKILL, signal.SIGINT])
    writing, seconds = number % 2 == 0, chance.uniform(0.3, 8.0)
    delay = chance.uniform(0, 0.05)

    def moment(place: Path, elapsed: float) -> bool:
        if not writing:
            return elapsed >= seconds
        if (place / "pipeline").exists():
            time.sleep(delay)
            return True
        return False

    kill_convert(root, sent, moment)
    left = len(list((root / "pipeline").rglob("*")))
    nb2prod(root, "convert", "sales.ipynb")
    good = artifacts(root / "pipeline") == expected and is_clean(root / "pipeline")
    when = f"{1000 * delay:.0f} ms into writing" if writing else f"after {seconds:.2f} s"
    print(f"convert {sent.name} {when}, {left} files there: {_word(good)}", flush=True)
    return not good


def _word(good: bool) -> str:
    return "completed" if good else "WRONG"


if __name__ == "__main__":
    sys.exit(min(main(*map(int, sys.argv[1:])), 1))
