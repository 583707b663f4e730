"""Random composed notebooks: artifacts, written files and `dvc.lock` are the same bytes by every way of running.

The ways: `dvc repro`, `nb2prod run`, `nb2prod run --jobs 2`, and a second run in a session whose parent is warm. Each
starts in a copy that has neither results nor a lock. `--other`: at the second values of the parameters.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from places import scratch


def main() -> int:
    """The number of notebooks whose results depended on the way."""
    from composed.warm_kernels import warm_kernels

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--other", action="store_true")
    chosen = parser.parse_args()
    wrong = done = 0
    with scratch() as folder, warm_kernels() as servers:
        seed = chosen.seed
        while done < chosen.count:
            original = _converted(servers, seed, folder / "original")
            if original is not None:
                found = _compare(original, folder, chosen.other)
                print(f"{done + 1:3} seed {seed}: {found or 'the same by all ways'}", flush=True)
                done, wrong = done + 1, wrong + bool(found)
            seed += 1
    return wrong


def _converted(servers: object, seed: int, folder: Path) -> Path | None:
    """A project of the seed's notebook; None for one that is refused or has one stage only."""
    from composed.trial import runnable
    from integration.projects import commit, dvc, git

    from nb2prod.errors import Nb2prodError
    from nb2prod.operations.convert import convert

    notebook = runnable(servers, seed)
    if notebook is None:
        return None
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    path = notebook.write(folder)
    git(folder, "init", "-q")
    dvc(folder, "init", "-q")
    commit(folder)
    try:
        done = convert(path)
    except Nb2prodError:
        return None
    if not done.verdict.is_success or len(done.pipeline.stages) < 2:
        return None
    if notebook.others:
        (folder / "others.json").write_text(json.dumps(notebook.others), "utf-8")
    return folder


def _compare(original: Path, folder: Path, other: bool) -> str:
    """What differs between the first way and another; "" where nothing does."""
    made: dict[str, dict[str, bytes] | str] = {}
    for name, way in WAYS.items():
        root = folder / name
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(original, root, symlinks=True)
        _forget(root, other)
        made[name] = way(root) or _results(root)
    first = made["dvc"]
    for name, results in made.items():
        if isinstance(first, str) or isinstance(results, str):
            if isinstance(first, str) != isinstance(results, str):
                return f"WRONG {name}: {_short(results)}, but dvc: {_short(first)}"
        elif results != first:
            differing = [path for path in first.keys() | results.keys() if first.get(path) != results.get(path)]
            return f"WRONG {name} differs from dvc in {', '.join(sorted(differing))}"
    return ""


def _short(result: object) -> str:
    return result if isinstance(result, str) else "succeeded"


def _forget(root: Path, other: bool) -> None:
    from integration.projects import forget_results, set_parameters

    forget_results(root, root / "pipeline")
    (root / "pipeline" / "dvc.lock").unlink()
    if other and (root / "others.json").exists():
        set_parameters(root / "pipeline", json.loads((root / "others.json").read_text("utf-8")))


def _results(root: Path) -> dict[str, bytes]:
    from integration.projects import contents

    return contents(root)


def _program(*command: str) -> Callable[[Path], str]:
    def run(root: Path) -> str:
        """ "" or that it failed: a stage may refuse at other values of the parameters, by every way."""
        from integration.projects import call

        done = call([sys.executable, "-m", *command], root / "pipeline", code=None)
        return "" if done.returncode == 0 else "failed"

    return run


def _warm(root: Path) -> str:
    from nb2prod.errors import Nb2prodError
    from nb2prod.operations.run import run
    from nb2prod.operations.warm import Warm

    try:
        with Warm() as warm:
            run(root / "pipeline", warm=warm)
            run(root / "pipeline", force=True, warm=warm)
    except Nb2prodError:
        return "failed"
    return ""


WAYS = {
    "dvc": _program("dvc", "repro"),
    "run": _program("nb2prod", "run"),
    "jobs": _program("nb2prod", "run", "--jobs", "2"),
    "warm": _warm,
}

if __name__ == "__main__":
    sys.exit(min(main(), 1))
