"""Kill release, deploy and rollback at random moments: the state is the one before or the one after, and work goes on."""

from __future__ import annotations

import random
import shutil
import sys
from pathlib import Path

from places import scratch


def main(count: int = 100, seed: int = 1) -> int:
    """The number of moments after which something was wrong."""
    from integration import loans
    from integration.deploying import seconds_of

    chance = random.Random(seed)
    wrong = 0
    with scratch() as folder:
        loans.make(folder / "made")
        original = folder / "original"
        _prepare(loans.copied(folder / "made", original))
        took = {verb: seconds_of(_copy(folder, original), *arguments) for verb, arguments in _VERBS.items()}
        print("undisturbed:", ", ".join(f"{verb} {seconds:.1f} s" for verb, seconds in took.items()), flush=True)
        for number in range(count):
            verb = tuple(_VERBS)[number % len(_VERBS)]
            wrong += _one(_copy(folder, original), verb, chance.uniform(0.05, took[verb]))
    print(f"{count} moments, {wrong} wrong")
    return wrong


_VERBS = {"deploy": ("deploy", "v3"), "rollback": ("rollback",), "release": ("release", "pipeline")}


def _prepare(root: Path) -> None:
    """Version 2 is champion, 1 was before; 3 is released, and the next one is committed."""
    from integration import loans, projects

    from nb2prod.operations.deploy import deploy
    from nb2prod.operations.release import release

    release(root / "pipeline")
    projects.commit(root, "evidence")
    for columns in (3, 5):
        loans.refit_on(root, columns)
        release(root / "pipeline")
        projects.commit(root, "evidence")
    deploy("v1", root)
    deploy("v2", root)
    loans.refit_on(root, 4)


def _copy(folder: Path, original: Path) -> Path:
    place = folder / "copy"
    shutil.rmtree(place, ignore_errors=True)
    return Path(shutil.copytree(original, place, symlinks=True)) / "loans"


def _one(root: Path, verb: str, seconds: float) -> int:
    from integration.deploying import kill_one

    try:
        said = kill_one(root, _VERBS[verb], seconds)
    except AssertionError as error:
        said = f"WRONG: {error}"
    print(f"{verb:8} {seconds:5.2f} s: {said}", flush=True)
    return said.startswith("WRONG")


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
