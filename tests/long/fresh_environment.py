"""A clone of a converted example runs where only papermill, DVC and the locked requirements are installed."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

from places import NAMES, example_project, scratch


def main(names: list[str]) -> int:
    """The number of examples that gave something else."""
    with scratch() as folder:
        return sum(_example(folder / name, name) for name in names or NAMES[:2])


def _example(folder: Path, name: str) -> int:
    from integration.projects import artifacts, clone, commit, is_clean, nb2prod

    from nb2prod.operations.convert import convert

    done = convert(example_project(folder / "project", name))
    commit(folder / "project", "pipeline")
    fresh = clone(folder / "project", folder / "fresh") / "pipeline"
    python = _environment(folder / "environment", fresh / "requirements.txt")
    # What is set for numerical libraries (OPENBLAS_…) stays: it decides the last bit of a sum.
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    path = os.pathsep.join([str(python.parent), "/usr/bin", "/bin"])
    environment = {**kept, "PATH": path, "HOME": str(folder)}
    absent = "import importlib.util; assert not importlib.util.find_spec('nb2prod')"
    subprocess.run([python, "-c", absent], cwd=folder, env=environment, check=True)
    repro = subprocess.run(
        [python, "-m", "dvc", "repro"], cwd=fresh, env=environment, check=False, capture_output=True, text=True
    )
    if repro.returncode:
        print(f"{name:22} dvc repro ended with {repro.returncode}\n{repro.stdout[-2000:]}\n{repro.stderr[-4000:]}")
        return 1
    here, there = artifacts(done.project.folder), artifacts(fresh)
    differing = sorted(file for file in here.keys() | there.keys() if here.get(file) != there.get(file))
    quiet = is_clean(fresh) and "nothing to do" in nb2prod(fresh, "run").stdout
    print(
        f"{name:22} {f'DIFFERENT {differing}' if differing else 'same'}; afterwards {'nothing' if quiet else 'SOMETHING'} to do"
    )
    return bool(differing) or not quiet


def _environment(folder: Path, requirements: Path) -> Path:
    from importlib.metadata import version

    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    engine = [f"papermill=={version('papermill')}", f"dvc=={version('dvc')}"]
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "-r", requirements, *engine], check=True)
    return python


if __name__ == "__main__":
    sys.exit(min(main(sys.argv[1:]), 1))
