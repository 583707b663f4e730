"""`nb2prod run`: the same bytes whichever way is taken; what fails, fails for the right reason; nobody in the way."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
import yaml

from integration.killing import kill_process
from integration.projects import artifacts, clone, dvc, environment, git, is_clean, nb2prod, notebook, write
from nb2prod.cli.plain import plain
from nb2prod.errors import CellFailed
from nb2prod.operations.convert import convert
from nb2prod.operations.run import run
from nb2prod.operations.warm import Warm

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not os.environ.get("NB2PROD_WARM"), reason="NB2PROD_WARM=1 runs stages in forked kernels"),
]

STAGES = ("load", "clean", "train", "report")


def results(root: Path) -> dict[str, bytes]:
    """All that a run is answerable for: artifacts, the user's file, `dvc.lock`."""
    found = artifacts(root / "pipeline")
    return found | {name: (root / name).read_bytes() for name in ("report.txt", "pipeline/dvc.lock")}


def without_lock(sales: Path, folder: Path) -> Path:
    """A clone that never ran, without even a record."""
    fresh = clone(sales, folder)
    (fresh / "pipeline" / "dvc.lock").unlink()
    return fresh


def test_the_same_bytes_by_every_way(sales, tmp_path):
    ways = {
        "dvc": lambda root: dvc(root / "pipeline", "repro"),
        "nb2prod": lambda root: nb2prod(root, "run", "pipeline", "--jobs", "1"),
        "jobs": lambda root: nb2prod(root, "run", "pipeline", "--jobs", "2"),
        "warm": lambda root: _twice(root / "pipeline"),
    }
    made = {}
    for name, way in ways.items():
        root = without_lock(sales, tmp_path / name)
        way(root)
        made[name] = results(root)
        assert is_clean(root / "pipeline")
    assert made == dict.fromkeys(ways, results(sales))


def _twice(folder: Path) -> None:
    with Warm() as warm:
        assert run(folder, warm=warm).executed == STAGES
        assert run(folder, force=True, warm=warm).executed == STAGES


def test_executed_notebooks_look_as_papermill_writes_them(sales):
    shown = {}
    for way in (lambda: dvc(sales / "pipeline", "repro", "-f"), lambda: nb2prod(sales, "run", "pipeline", "--force")):
        way()
        for name in STAGES:
            path = sales / "pipeline" / "runs" / f"{name}.ipynb"
            shown.setdefault(name, []).append(_without_times(json.loads(path.read_text("utf-8"))))
    for first, second in shown.values():
        assert first == second


def _without_times(value):
    """Times and the random ids of injected cells differ between any two runs of papermill."""
    if isinstance(value, dict):
        changing = {"start_time", "end_time", "duration", "execution", "id"}
        return {key: _without_times(item) for key, item in value.items() if key not in changing}
    return [_without_times(item) for item in value] if isinstance(value, list) else value


def test_nothing_to_do_is_known_without_dvc(sales):
    nb2prod(sales, "run", "pipeline")
    program = (
        "import sys\nfrom nb2prod.cli import main\n"
        "try: main(['run', 'pipeline'])\nexcept SystemExit: pass\n"
        "print(*sorted({'dvc', 'papermill', 'pandas', 'nbformat', 'jupyter_client'} & {*sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=sales, capture_output=True, text=True, check=True)
    assert "nothing to do" in done.stdout
    assert done.stdout.splitlines()[-1] == ""


@pytest.mark.parametrize(
    ("change", "stages"),
    [
        (lambda root: next((root / "pipeline" / "artifacts" / "train").glob("*.json")).unlink(), ("train",)),
        (lambda root: (root / "data" / "prices.json").write_text("[2, 3, 4]\n"), STAGES),
        (lambda root: shutil.rmtree(root / ".dvc" / "cache"), STAGES),
        (lambda root: git(root, "commit", "--allow-empty", "-qm", "x"), ()),
    ],
    ids=["a lost artifact", "other data", "a lost cache", "nothing"],
)
def test_a_doubt_goes_to_dvc(sales, change, stages):
    assert run(sales / "pipeline").nothing_to_do
    change(sales)
    done = run(sales / "pipeline")
    assert set(done.executed) <= set(stages)
    assert is_clean(sales / "pipeline")


def test_a_fresh_clone_profits_from_the_run_cache(sales, tmp_path):
    nb2prod(sales, "run", "pipeline", "--force")
    fresh = clone(sales, tmp_path / "fresh")
    (fresh / ".dvc" / "config.local").write_text(f"[cache]\n    dir = {sales / '.dvc' / 'cache'}\n", "utf-8")
    (fresh / "pipeline" / "dvc.lock").unlink()
    assert run(fresh / "pipeline").executed == ()
    assert results(fresh) == results(sales)


# ── Failures ─────────────────────────────────────────────────────────────────────────────────────────────

FAILING = notebook(
    ("parameters", "limit = 3"),
    ("stage:load", "from pathlib import Path\n\nrows = [1, 2, 3]"),
    ("stage:good", "total = sum(rows)"),
    ("stage:bad", "with Path('trace.txt').open('a') as file:\n    file.write('once\\n')\nassert limit < 5, 'too many'"),
    ("stage:end", "result = total + limit"),
)


@pytest.fixture
def failing(shared, tmp_path) -> Path:
    def make(folder: Path) -> None:
        path = write(folder / "work.ipynb", FAILING)
        git(folder, "init", "-q")
        dvc(folder, "init", "-q")
        assert convert(path).verdict.state == "same"

    return Path(shutil.copytree(shared("failing", make), tmp_path / "failing", symlinks=True))


def test_a_failing_stage_shows_the_users_traceback_and_leaves_the_others_results(failing):
    pipeline = failing / "pipeline"
    params = pipeline / "params.yaml"
    params.write_text(params.read_text("utf-8").replace("limit: 3", "limit: 7"), "utf-8")
    with pytest.raises(CellFailed) as caught:
        run(pipeline, force=True)
    assert "stage `bad` failed: a cell raised AssertionError: too many" in caught.value.message
    assert "assert limit < 5" in plain(caught.value.traceback)
    assert "too many" in (pipeline / "runs" / "bad.ipynb").read_text("utf-8")
    status = json.loads(dvc(pipeline, "status", "--json", "dvc.yaml").stdout)
    assert {"load", "good"} & status.keys() == set()
    assert "bad" in status

    params.write_text(params.read_text("utf-8").replace("limit: 7", "limit: 4"), "utf-8")
    assert "bad" in run(pipeline).executed
    assert (failing / "trace.txt").read_text() == "once\n"
    assert is_clean(pipeline)


FORK_ONLY = (
    "import os, sys\nif not os.environ.get('HOME_OF_FORKS') and '-m' not in sys.orig_argv: raise OSError('a fork')\n"
)


def test_what_fails_in_a_fork_only_is_run_in_a_new_kernel(failing):
    """The file that the failed attempt wrote is gone before the second begins."""
    pipeline = failing / "pipeline"
    before = artifacts(pipeline)
    path = pipeline / "stages" / "bad.ipynb"
    document = json.loads(path.read_text("utf-8"))
    cell = next(cell for cell in document["cells"] if "trace.txt" in "".join(cell["source"]))
    cell["source"] = "".join(cell["source"]) + "\n" + FORK_ONLY
    path.write_text(json.dumps(document), "utf-8")
    done = run(pipeline)
    assert done.retried == ("bad",)
    assert (failing / "trace.txt").read_text() == "once\n"
    assert artifacts(pipeline) == before


def test_a_command_that_is_not_ours_is_run_as_dvc_runs_it(sales):
    path = sales / "pipeline" / "dvc.yaml"
    document = yaml.safe_load(path.read_text("utf-8"))
    document["stages"]["train"]["cmd"] += " --log-output"
    path.write_text(yaml.safe_dump(document, sort_keys=False), "utf-8")
    before = artifacts(sales / "pipeline")
    assert "train" in run(sales / "pipeline").executed
    assert artifacts(sales / "pipeline") == before
    assert is_clean(sales / "pipeline")


# ── Others at work ───────────────────────────────────────────────────────────────────────────────────────


def test_two_runs_at_once(sales):
    expected = results(sales)
    command = [sys.executable, "-m", "nb2prod", "run", "pipeline", "--force"]
    first, second = (
        subprocess.Popen(command, cwd=sales, env=environment(), stderr=subprocess.PIPE, text=True) for _ in range(2)
    )
    said = first.communicate(timeout=300)[1] + second.communicate(timeout=300)[1]
    assert (first.returncode, second.returncode) == (0, 0)
    assert "waiting for another `nb2prod run` of this repository to end (process " in said
    assert results(sales) == expected
    assert is_clean(sales / "pipeline")


def test_beside_dvc_repro(sales):
    expected = results(sales)
    theirs = subprocess.Popen(
        [sys.executable, "-m", "dvc", "repro", "-f"],
        cwd=sales / "pipeline",
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    nb2prod(sales, "run", "pipeline", "--force")
    said = theirs.communicate(timeout=300)[0]
    assert theirs.returncode == 0 or "is busy" in said or "Unable to acquire lock" in said, said
    nb2prod(sales, "run", "pipeline")
    assert results(sales) == expected
    assert is_clean(sales / "pipeline")


# ── Killed ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("victim", ["run", "parent", "stage"])
def test_whoever_is_killed_nothing_is_left_and_the_next_run_completes(sales, victim):
    expected = results(sales)
    kill_process(sales, victim, 0.5)
    nb2prod(sales, "run", "pipeline")
    assert results(sales) == expected
    assert is_clean(sales / "pipeline")


def test_interrupted_from_the_keyboard(sales):
    expected = results(sales)
    process = subprocess.Popen(
        [sys.executable, "-m", "nb2prod", "run", "pipeline", "--force"],
        cwd=sales,
        env=environment(),
        stderr=subprocess.PIPE,
        text=True,
    )
    children: list[psutil.Process] = []
    while process.poll() is None and len(children) < 2:
        children = psutil.Process(process.pid).children(recursive=True)
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=60)[1]
    assert "Traceback" not in said
    assert process.returncode in (0, 130)
    assert not psutil.wait_procs(children, 10)[1]
    nb2prod(sales, "run", "pipeline")
    assert results(sales) == expected
