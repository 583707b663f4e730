"""`nb2prod run`: the same bytes whichever way is taken; what fails, fails for the right reason; nobody in the way."""

from __future__ import annotations

import json
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
from nb2prod.errors import CellFailed, CellTimedOut
from nb2prod.operations.convert import convert
from nb2prod.operations.progress import Silent
from nb2prod.operations.run import run
from nb2prod.operations.warm import Warm

pytestmark = pytest.mark.slow

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
        "nb2prod": lambda root: nb2prod(root, "run", "pipeline"),
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


def test_what_depends_on_the_way_is_seen(sales, tmp_path):
    """That the test above can fail: a stage that writes down what kind of process it is in."""
    add_to_cell(
        sales / "pipeline",
        "report",
        "report.txt",
        "import sys\nPath('report.txt').write_text(str('-m' in sys.orig_argv))",
    )
    ways = (lambda root: dvc(root, "repro"), lambda root: nb2prod(root, "run"))
    made = []
    for number, way in enumerate(ways):
        root = Path(shutil.copytree(sales, tmp_path / str(number), symlinks=True))
        way(root / "pipeline")
        made.append(results(root))
    assert {name for name in made[0] if made[0][name] != made[1][name]} == {"report.txt", "pipeline/dvc.lock"}


def add_to_cell(pipeline: Path, stage: str, mark: str, source: str) -> None:
    """Add lines to the user's untagged cell that has `mark` in it, in the pipeline itself."""
    path = pipeline / "stages" / f"{stage}.ipynb"
    document = json.loads(path.read_text("utf-8"))
    cell = next(
        cell for cell in document["cells"] if mark in "".join(cell["source"]) and not cell["metadata"].get("tags")
    )
    cell["source"] = "".join(cell["source"]) + "\n" + source
    path.write_text(json.dumps(document), "utf-8")


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


HELPED = notebook(
    ("parameters", "size = 3"),
    ("stage:measure", "from shapes import area\n\nmeasured = area(size)"),
    ("stage:weigh", "weighed = [size] * 3"),
    ("stage:tell", "print(measured, weighed)"),
    ("metrics", "result = measured"),
)


def test_a_module_that_is_edited_while_the_parent_is_warm(shared, tmp_path):
    """The project's own code is never imported before the fork: warm and cold give the same.

    Two stages of it run side by side; `dvc.lock` is made anew, and has DVC's order all the same.
    """

    def make(folder: Path) -> None:
        write(folder / "work.ipynb", HELPED)
        (folder / "shapes.py").write_text("def area(size):\n    return size * size\n", "utf-8")
        git(folder, "init", "-q")
        dvc(folder, "init", "-q")
        assert convert(folder / "work.ipynb").verdict.state == "same"

    warm_one, cold_one = (
        Path(shutil.copytree(shared("helped", make), tmp_path / name, symlinks=True)) for name in ("warm", "cold")
    )
    for folder in (warm_one, cold_one):
        (folder / "pipeline" / "dvc.lock").unlink()
    edited = "def area(size):\n    return size * size * 3 + 1\n"
    with Warm() as warm:
        run(warm_one / "pipeline", force=True, warm=warm)
        (warm_one / "shapes.py").write_text(edited, "utf-8")
        done = run(warm_one / "pipeline", warm=warm)
    (cold_one / "shapes.py").write_text(edited, "utf-8")
    dvc(cold_one / "pipeline", "repro")
    assert done.executed[0] == "measure"
    assert done.metrics == {"result": 28}
    assert artifacts(warm_one / "pipeline") == artifacts(cold_one / "pipeline")
    assert (warm_one / "pipeline" / "dvc.lock").read_bytes() == (cold_one / "pipeline" / "dvc.lock").read_bytes()


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
    assert "runs/bad.log" in caught.value.hint
    status = json.loads(dvc(pipeline, "status", "--json", "dvc.yaml").stdout)
    assert {"load", "good"} & status.keys() == set()
    assert "bad" in status

    params.write_text(params.read_text("utf-8").replace("limit: 7", "limit: 4"), "utf-8")
    assert "bad" in run(pipeline).executed
    assert (failing / "trace.txt").read_text() == "once\n"
    assert is_clean(pipeline)


FORK_ONLY = "import sys\nif '-m' not in sys.orig_argv: raise OSError('a fork')\n"


def test_what_fails_in_a_fork_only_is_run_in_a_new_kernel(failing):
    """The file that the failed attempt wrote is gone before the second begins."""
    pipeline = failing / "pipeline"
    before = artifacts(pipeline)
    add_to_cell(pipeline, "bad", "trace.txt", FORK_ONLY)
    done = run(pipeline)
    assert done.retried == ("bad",)
    assert (failing / "trace.txt").read_text() == "once\n"
    assert artifacts(pipeline) == before


class Heard(Silent):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.cells: list[tuple[str, int]] = []
        self.notes: list[str] = []

    def cell(self, text, number, total):
        self.cells.append((text.split(",")[0], number))

    def note(self, text):
        self.notes.append(text)


def test_a_stage_says_what_it_does_while_it_does_it(failing):
    seen = Heard()
    pipeline = failing / "pipeline"
    add_to_cell(pipeline, "good", "total", "print('halfway')")
    add_to_cell(pipeline, "bad", "trace.txt", "raise ValueError('told')")
    with pytest.raises(CellFailed):
        run(pipeline, progress=seen)
    assert {name for name, _ in seen.cells} >= {"stage good", "stage bad"}
    assert [number for name, number in seen.cells if name == "stage good"][:2] == [1, 2]
    logs = {name: (pipeline / "runs" / f"{name}.log").read_text("utf-8") for name in ("good", "bad")}
    assert "halfway\n" in logs["good"]
    assert " done in " in logs["good"]
    assert logs["bad"].count(" stage bad\n") == 2  # a fork, then a new kernel
    assert "raise ValueError('told')" in logs["bad"]
    assert logs["bad"].endswith(" failed: a cell raised ValueError: told\n")
    assert ".log" not in git(failing, "status", "--porcelain", "-uall")


RULES = "[tool.nb2prod.stages]\n"


def test_a_stage_that_takes_too_long_is_ended(failing):
    """In a fork and in a new kernel; what it had started goes with it."""
    (failing / "pyproject.toml").write_text(RULES + 'bad = { timeout = "3s" }\n', "utf-8")
    mark = failing / "started"
    add_to_cell(
        failing / "pipeline",
        "bad",
        "trace.txt",
        f"import subprocess, time\nchild = subprocess.Popen(['sleep', '71'])\n"
        f"open({str(mark)!r}, 'a').write(f'{{child.pid}}\\n')\ntime.sleep(60)",
    )
    with pytest.raises(CellTimedOut) as caught:
        run(failing / "pipeline")
    assert "stage `bad` failed: it took longer than 3s and was in its cell " in caught.value.message
    assert "[tool.nb2prod.stages]" in caught.value.hint
    left = [one for one in psutil.process_iter() if str(one.pid) in mark.read_text().split()]
    assert not psutil.wait_procs(left, 10)[1]
    assert (failing / "pipeline" / "runs" / "bad.log").read_text("utf-8").count("took longer than") == 2


def test_a_stage_is_tried_again_as_often_as_it_may(failing):
    (failing / "pyproject.toml").write_text(RULES + '"*" = { retry = 2 }\n', "utf-8")
    tries = failing.parent / "tries"
    add_to_cell(
        failing / "pipeline",
        "bad",
        "trace.txt",
        f"with open({str(tries)!r}, 'a') as file:\n    file.write('x')\n"
        f"if len(open({str(tries)!r}).read()) < 4:\n    raise ConnectionError('not yet')",
    )
    assert run(failing / "pipeline").retried == ("bad",)
    assert tries.read_text() == "xxxx"  # a fork, then three new kernels
    assert (failing / "trace.txt").read_text() == "once\n"
    tries.write_text("")
    (failing / "pyproject.toml").write_text(RULES + "bad = { retry = 1 }\n", "utf-8")
    with pytest.raises(CellFailed, match="not yet"):
        run(failing / "pipeline", force=True)
    assert tries.read_text() == "xxx"


# ── Where kernels are not forked ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("where", "name", "value", "said"),
    [
        ("nb2prod.operations.execution.sys", "platform", "darwin", "forking is not safe on darwin"),
        ("nb2prod.operations.execution", "interpreter_of", lambda _: None, "not an installed, plain ipykernel"),
        ("nb2prod.adapters.dvc_parts", "_PARTS", {"dvc.repo Repo.status": ("self", "other")}, "another `dvc.repo Repo"),
    ],
    ids=["another system", "another kernel", "another DVC"],
)
def test_a_doubt_about_forking_leaves_the_stages_to_dvc_repro(failing, monkeypatch, where, name, value, said):
    heard = Heard()
    monkeypatch.setattr(f"{where}.{name}", value)
    assert run(failing / "pipeline", stage="good", force=True, progress=heard).executed == ("good",)
    assert heard.notes[0].startswith("`dvc repro` runs the stages: ")
    assert said in heard.notes[0]
    assert not (failing / "pipeline" / "runs" / "good.log").exists()


def test_the_switch_leaves_everything_to_dvc_repro(failing):
    done = nb2prod(failing, "stage", "good", "pipeline", "--force", env={"NB2PROD_WARM": "0"})
    assert done.stdout == "ran: good\n"
    assert not list((failing / "pipeline" / "runs").glob("*.log"))
    assert is_clean(failing / "pipeline")


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
