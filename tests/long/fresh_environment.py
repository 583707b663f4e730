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
    path = os.pathsep.join([str(python.parent), "/usr/bin", "/bin"])
    environment = {"PATH": path, "HOME": str(folder), "DVC_NO_ANALYTICS": "1", "GIT_CONFIG_GLOBAL": os.devnull}
    absent = "import importlib.util; assert not importlib.util.find_spec('nb2prod')"
    subprocess.run([python, "-c", absent], cwd=folder, env=environment, check=True)
    subprocess.run([python, "-m", "dvc", "repro"], cwd=fresh, env=environment, check=True, stdout=subprocess.DEVNULL)
    same = artifacts(fresh) == artifacts(done.project.folder)
    quiet = is_clean(fresh) and "nothing to do" in nb2prod(fresh, "run").stdout
    print(f"{name:22} {'same' if same else 'DIFFERENT'}; afterwards {'nothing' if quiet else 'SOMETHING'} to do")
    return not (same and quiet)


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
