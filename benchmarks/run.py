"""`nb2prod run` against papermill on the whole notebook and `dvc repro`, interleaved in the same run.

python benchmarks/run.py [cold] [warm] [parameter] [nothing] [parallel]     (default: all) [--rounds N]

Wall-clock and user+system CPU seconds of whole processes with their children, medians. On a machine that does other work
CPU seconds say more. `parallel` takes some minutes: two stages of at least 20 s each.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PYTHON = sys.executable
ENVIRONMENT = {
    **os.environ,
    "PATH": os.pathsep.join([str(Path(PYTHON).parent), os.environ.get("PATH", "")]),
    "DVC_NO_ANALYTICS": "1",
    "NO_COLOR": "1",
}
NB2PROD = [PYTHON, "-m", "nb2prod"]
DVC = [PYTHON, "-m", "dvc"]
PAPERMILL = [PYTHON, "-m", "papermill"]

#: Four stages; scikit-learn, as `load, features, train, evaluate` of a working day.
CELLS = [
    ("", "import numpy as np\nimport pandas as pd\nfrom sklearn.datasets import load_breast_cancer"),
    (
        "",
        "from sklearn.linear_model import LogisticRegression\nfrom sklearn.metrics import roc_auc_score\n"
        "from sklearn.model_selection import train_test_split\nfrom sklearn.pipeline import make_pipeline\n"
        "from sklearn.preprocessing import StandardScaler",
    ),
    ("parameters", "test_size = 0.25\nC = 1.0\nseed = 7"),
    ("stage:load", "data = load_breast_cancer(as_frame=True)\ndf = data.frame\ndf.shape"),
    (
        "stage:features",
        "X = df.drop(columns='target')\nX['ratio'] = X['mean area'] / X['mean radius']\ny = df['target']",
    ),
    (
        "stage:train",
        "X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=test_size, random_state=seed)\n"
        "model = make_pipeline(StandardScaler(), LogisticRegression(C=C, max_iter=1000)).fit(X_train, y_train)",
    ),
    ("stage:evaluate metrics", "auc = float(roc_auc_score(y_test, model.predict_proba(X_test)[:, 1]))\nprint(auc)"),
]
SLOW = "total_{0} = 0.0\nfor step in range({1}):\n    total_{0} += (step % 7) ** 0.5\nprint(round(total_{0}, 3))"


def main() -> None:
    """Run the parts that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", default=[], choices=[*PARTS, []])
    parser.add_argument("--rounds", type=int, default=5)
    chosen = parser.parse_args()
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    for name in chosen.parts or PARTS:
        PARTS[name](chosen.rounds)


# ── The parts ────────────────────────────────────────────────────────────────────────────────────────────


def cold(rounds: int) -> None:
    """All stages again, from nothing warm."""
    with project(CELLS) as root:
        commands = {
            "nb2prod run --force": lambda: measure([*NB2PROD, "run", "pipeline", "--force"], root),
            "papermill on the notebook": lambda: measure([*PAPERMILL, "work.ipynb", "out.ipynb"], root),
            "dvc repro -f": lambda: measure([*DVC, "repro", "-f"], root / "pipeline"),
        }
        compare("cold, 4 stages", commands, rounds, ((1, 1.0), (2, 0.35)))


def warm(rounds: int) -> None:
    """The same in a session where something ran before."""
    with project(CELLS) as root:
        session = subprocess.Popen(
            [PYTHON, "-c", SESSION], cwd=root, env=ENVIRONMENT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert session.stdin is not None
        assert session.stdout is not None
        session.stdout.readline()

        def again() -> tuple[float, float]:
            session.stdin.write("force\n")
            session.stdin.flush()
            return tuple(map(float, session.stdout.readline().split()))

        def changed() -> tuple[float, float]:
            change_parameter(root)
            session.stdin.write("run\n")
            session.stdin.flush()
            return tuple(map(float, session.stdout.readline().split()))

        commands = {
            "second run --force": again,
            "papermill on the notebook": lambda: measure([*PAPERMILL, "work.ipynb", "out.ipynb"], root),
        }
        compare("warm, 4 stages", commands, rounds, ((1, 0.35),))
        commands = {"run, warm": changed, "dvc repro": lambda: reproduce_changed(root)}
        compare("warm, one parameter changed", commands, rounds, ((1, 0.25),))
        session.stdin.close()
        session.wait()


SESSION = """
import os, sys, time
from nb2prod.operations.run import run
from nb2prod.operations.warm import Warm
import psutil

def cpu(process):
    own = process.cpu_times()
    return own.user + own.system + own.children_user + own.children_system

with Warm() as warm:
    run("pipeline", force=True, warm=warm)
    print("ready", flush=True)
    for line in sys.stdin:
        before = sum(map(cpu, [psutil.Process(), *psutil.Process().children()]))
        began = time.perf_counter()
        done = run("pipeline", force=line.strip() == "force", warm=warm)
        assert done.executed
        wall = time.perf_counter() - began
        after = sum(map(cpu, [psutil.Process(), *psutil.Process().children()]))
        print(wall, after - before, flush=True)
"""


def parameter(rounds: int) -> None:
    """One parameter changed: two stages of four."""
    with project(CELLS) as root:

        def ours() -> tuple[float, float]:
            change_parameter(root)
            return measure([*NB2PROD, "run", "pipeline"], root)

        commands = {"nb2prod run": ours, "dvc repro": lambda: reproduce_changed(root)}
        compare("cold, one parameter changed", commands, rounds, ((1, 0.40),))


def nothing(rounds: int) -> None:
    """Nothing to do, for pipelines of several sizes."""
    for stages, files in ((4, 0), (20, 0), (100, 0), (4, 10_000)):
        with clean_pipeline(stages, files) as root:
            commands = {
                "nb2prod run": lambda root=root: measure([*NB2PROD, "run", "pipeline"], root),
                "dvc repro": lambda root=root: measure([*DVC, "repro"], root / "pipeline"),
            }
            label = f"nothing to do, {stages} stages" + (f", {files:,} input files" if files else "")
            compare(label, commands, rounds, ((1, 0.35),))
    times = {}
    for stages in (10, 100, 1000):
        with clean_pipeline(stages, 0) as root:
            times[stages] = statistics.median(measure([*NB2PROD, "run", "pipeline"], root)[1] for _ in range(rounds))
    told = ", ".join(f"{stages}: {seconds:.3f}" for stages, seconds in times.items())
    print(f"growth of nothing to do, CPU seconds by stages: {told}\n")


def parallel(rounds: int) -> None:
    """Two independent single-threaded stages of at least 20 s."""
    steps = calibrated(22.0)
    cells = [
        ("parameters", "seed = 1"),
        ("stage:load", "start = seed + 1"),
        ("stage:left", "print(start)\n" + SLOW.format("left", steps)),
        ("stage:right", "print(start)\n" + SLOW.format("right", steps)),
        ("stage:join metrics", "difference = total_left - total_right"),
    ]
    with project(cells) as root:
        commands = {
            "nb2prod run --force": lambda: measure([*NB2PROD, "run", "pipeline", "--force"], root),
            "papermill on the notebook": lambda: measure([*PAPERMILL, "work.ipynb", "out.ipynb"], root),
        }
        compare("two independent stages of 20 s", commands, min(rounds, 3), ((1, 0.7),))


PARTS: dict[str, Callable[[int], None]] = {
    "cold": cold,
    "warm": warm,
    "parameter": parameter,
    "nothing": nothing,
    "parallel": parallel,
}


# ── Measuring ────────────────────────────────────────────────────────────────────────────────────────────


def measure(command: list[str], folder: Path) -> tuple[float, float]:
    """Wall-clock and CPU seconds of a whole process and its children."""
    before = os.times()
    began = time.perf_counter()
    done = subprocess.run(command, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    wall = time.perf_counter() - began
    assert done.returncode == 0, done.stdout + done.stderr
    after = os.times()
    return wall, after.children_user - before.children_user + after.children_system - before.children_system


def compare(
    title: str,
    commands: dict[str, Callable[[], tuple[float, float]]],
    rounds: int,
    targets: tuple[tuple[int, float], ...],
) -> None:
    """Print medians, and the ratio of the first command to others (by position) with its target."""
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    for call in commands.values():
        call()  # once for the caches of the system
    for _ in range(rounds):
        for name, call in commands.items():
            times[name].append(call())
    print(f"{title} (median of {rounds}, interleaved)")
    for name, values in times.items():
        wall, cpu = (statistics.median(one[part] for one in values) for part in (0, 1))
        print(f"  {name:28} {wall:7.2f} s wall  {cpu:7.2f} s CPU")
    names = list(commands)
    for position, target in targets:
        pairs = list(zip(times[names[0]], times[names[position]], strict=True))
        wall, cpu = (statistics.median(ours[part] / theirs[part] for ours, theirs in pairs) for part in (0, 1))
        print(f"  ÷ {names[position]:26} {wall:7.2f}   wall  {cpu:7.2f}   CPU   target ≤ {target}")
    print(flush=True)


def calibrated(seconds: float) -> int:
    """How many steps of the slow cell take that many CPU seconds."""
    began = time.process_time()
    exec(SLOW.format("x", 1_000_000).replace("print", "str"), {})
    return int(1_000_000 * seconds / (time.process_time() - began))


# ── Projects ─────────────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def project(cells: list[tuple[str, str]]) -> Iterator[Path]:
    """A converted notebook under git and DVC."""
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        root = Path(scratch)
        (root / "work.ipynb").write_text(json.dumps(notebook(cells)), encoding="utf-8")
        measure(["git", "init", "-q"], root)
        measure([*DVC, "init", "-q"], root)
        measure([*NB2PROD, "convert", "work.ipynb", "--out", "pipeline"], root)
        yield root


def notebook(cells: list[tuple[str, str]]) -> dict[str, object]:
    """A notebook of code cells: their tags and source."""
    return {
        "cells": [
            {
                "cell_type": "code",
                "execution_count": None,
                "id": f"cell-{number}",
                "metadata": {"tags": tags.split()},
                "outputs": [],
                "source": source,
            }
            for number, (tags, source) in enumerate(cells)
        ],
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


_values = iter(range(1, 1_000_000))


def change_parameter(root: Path) -> None:
    """A value of `C` that no run cache has seen."""
    path = root / "pipeline" / "params.yaml"
    text, count = re.subn(r"(?m)^C: .*$", f"C: {1 + next(_values) / 1000}", path.read_text("utf-8"))
    assert count == 1
    path.write_text(text, "utf-8")


def reproduce_changed(root: Path) -> tuple[float, float]:
    """`dvc repro` after another change."""
    change_parameter(root)
    return measure([*DVC, "repro"], root / "pipeline")


@contextmanager
def clean_pipeline(stages: int, files: int) -> Iterator[Path]:
    """A pipeline of many stages that is up to date: a chain, each with a notebook, a parameter and an artifact."""
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        root = Path(scratch)
        folder = root / "pipeline"
        (folder / "stages").mkdir(parents=True)
        if files:
            (root / "data").mkdir()
            for number in range(files):
                (root / "data" / f"{number:05}.txt").write_text(f"{number}\n", "utf-8")
        names = [f"s{number:04}" for number in range(stages)]
        document: dict[str, dict[str, dict[str, Any]]] = {
            "stages": {
                name: entry(name, names[n - 1] if n else "", n == 0 and files > 0) for n, name in enumerate(names)
            }
        }
        for name in names:
            (folder / "stages" / f"{name}.ipynb").write_text(json.dumps(notebook([("", f"# {name}")])), "utf-8")
            (folder / "artifacts" / name).mkdir(parents=True)
            (folder / "artifacts" / name / "x.json").write_text(f'"{name}"\n', "utf-8")
        (folder / "dvc.yaml").write_text(json.dumps(document), "utf-8")  # JSON is YAML
        (folder / "params.yaml").write_text("seed: 1\n", "utf-8")
        record = {
            "version": 1,
            "notebook": {"path": "../work.ipynb"},
            "package": "work",
            "stages": [{"name": name} for name in names],
        }
        (folder / "conversion.json").write_text(json.dumps(record), "utf-8")
        (root / "work.ipynb").write_text(json.dumps(notebook([])), "utf-8")
        measure(["git", "init", "-q"], root)
        measure([*DVC, "init", "-q"], root)
        (folder / "dvc.lock").write_text(json.dumps(lock_of(folder, document["stages"])), "utf-8")
        measure([*NB2PROD, "run", "pipeline"], root)
        yield root


def lock_of(folder: Path, stages: dict[str, dict[str, Any]]) -> dict[str, object]:
    """`dvc.lock` as DVC would write it, and its cache: `dvc commit` takes minutes for a thousand stages."""
    cache = folder.parent / ".dvc" / "cache" / "files" / "md5"

    def record(path: str) -> dict[str, Any]:
        target = folder / path
        if target.is_dir():
            files = sorted(target.iterdir())
            listing = [{"md5": hashlib.md5(one.read_bytes()).hexdigest(), "relpath": one.name} for one in files]
            digest = hashlib.md5(json.dumps(listing, sort_keys=True).encode()).hexdigest()
            size = sum(one.stat().st_size for one in files)
            return {"path": path, "hash": "md5", "md5": f"{digest}.dir", "size": size, "nfiles": len(files)}
        data = target.read_bytes()
        return {"path": path, "hash": "md5", "md5": hashlib.md5(data).hexdigest(), "size": len(data)}

    found = {}
    for name, stage in stages.items():
        outs = [record(path) for path in stage["outs"]]
        for one in outs:
            place = cache / one["md5"][:2] / one["md5"][2:]
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes((folder / one["path"]).read_bytes())
        deps = [record(path) for path in sorted(stage["deps"])]
        found[name] = {"cmd": stage["cmd"], "deps": deps, "params": {"params.yaml": {"seed": 1}}, "outs": outs}
    return {"schema": "2.0", "stages": found}


def entry(name: str, before: str, data: bool) -> dict[str, Any]:
    """A stage of `dvc.yaml`."""
    deps = [f"stages/{name}.ipynb", *([f"artifacts/{before}/x.json"] if before else []), *(["../data"] if data else [])]
    return {
        "cmd": f"papermill stages/{name}.ipynb runs/{name}.ipynb -f params.yaml --cwd ..",
        "deps": deps,
        "params": ["seed"],
        "outs": [f"artifacts/{name}/x.json"],
    }


if __name__ == "__main__":
    shutil.which("git") or sys.exit("git is needed")
    main()
