"""Two runs at once, and a run beside `dvc repro`: both end right or one says that it waits, and nothing is corrupt."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

from places import scratch


def main(count: int = 20, seed: int = 1) -> int:
    """The number of trials after which something was wrong."""
    from integration.projects import artifacts, nb2prod, sales

    chance = random.Random(seed)
    with scratch() as folder:
        original = folder / "original"
        sales(original)
        nb2prod(original, "convert", "sales.ipynb")
        expected = artifacts(original / "pipeline"), (original / "pipeline" / "dvc.lock").read_bytes()
        return sum(_trial(folder, number, chance, expected) for number in range(count))


def _trial(folder: Path, number: int, chance: random.Random, expected: tuple[dict[str, bytes], bytes]) -> int:
    from integration.projects import artifacts, is_clean, nb2prod

    root = folder / "run"
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(folder / "original", root, symlinks=True)
    ours = [sys.executable, "-m", "nb2prod", "run", "pipeline", "--force"]
    theirs = ours if number % 2 else [sys.executable, "-m", "dvc", "repro", "-f", "pipeline/dvc.yaml"]
    pause = chance.uniform(0, 6.0)
    first, second = (ours, theirs) if chance.random() < 0.5 else (theirs, ours)
    one = _start(first, root)
    time.sleep(pause)
    two = _start(second, root)
    said = one.communicate(timeout=600)[0] + two.communicate(timeout=600)[0]
    ended = all(one.returncode == 0 or "busy" in said or "acquire lock" in said for one in (one, two))
    ours_ended = all(p.returncode == 0 for p, command in ((one, first), (two, second)) if command is ours)
    nb2prod(root, "run", "pipeline")
    made = artifacts(root / "pipeline"), (root / "pipeline" / "dvc.lock").read_bytes()
    good = ended and ours_ended and made == expected and is_clean(root / "pipeline")
    waited = "waited" if "waiting for" in said else "did not wait"
    codes = f"exit codes {one.returncode}, {two.returncode}"
    kind = "two runs" if number % 2 else "beside dvc repro"
    print(
        f"{number + 1:3} {kind:16} {pause:4.1f} s apart: {codes}, {waited}: {'good' if good else 'WRONG ' + said[-800:]}",
        flush=True,
    )
    return not good


def _start(command: list[str], root: Path) -> subprocess.Popen[str]:
    from integration.projects import environment

    return subprocess.Popen(
        command, cwd=root, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


if __name__ == "__main__":
    sys.exit(min(main(*map(int, sys.argv[1:])), 1))
