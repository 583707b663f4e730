"""What a slow cell costs, counted in the cell: one observation and one proof, and not again for edits elsewhere."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from integration.projects import (
    commit,
    contents,
    dvc,
    edit,
    environment,
    git,
    is_clean,
    nb2prod,
    notebook,
    reran,
    write,
)

pytestmark = pytest.mark.slow


def _noted(count: Path, name: str) -> str:
    return f"\nwith open({str(count / name)!r}, 'a') as log:\n    log.write('{name}\\n')"


def slow(folder: Path, count: Path) -> Path:
    """A notebook with a slow stage in the middle, and one that needs a repair: what it shows is told by its module."""
    count.mkdir()
    path = write(
        folder / "slow.ipynb",
        notebook(
            ("parameters", "n = 12\nscale = 2"),
            (
                "stage:load",
                "import random\nimport time\nfrom pathlib import Path\n\nrandom.seed(3)\n"
                "rows = [random.random() for _ in range(n)]" + _noted(count, "load"),
            ),
            (
                "stage:train",
                "class Model:\n    def __init__(self, mean):\n        self.mean = mean\n\n\ntime.sleep(2)\n"
                "model = Model(sum(rows) / len(rows))\nnoise = random.random()\nprint(noise)" + _noted(count, "train"),
            ),
            ("stage:show", "def shown():\n    return 1"),
            "print(shown.__module__)",
            ("stage:report", "Path('report.txt').write_text(f'{model.mean * scale:.6f} {random.random()}')"),
        ),
    )
    git(folder, "init", "-q")
    dvc(folder, "init", "-q")
    commit(folder)
    return path


def ran(count: Path, name: str) -> int:
    path = count / name
    return len(path.read_text().split()) if path.exists() else 0


def kill_when(folder: Path, reached: object) -> None:
    """Start a conversion and kill it, as a crash would, as soon as `reached()`."""
    process = subprocess.Popen(
        [sys.executable, "-m", "nb2prod", "convert", "slow.ipynb"],
        cwd=folder,
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    limit = time.monotonic() + 300
    while not reached():  # type: ignore[operator]
        assert process.poll() is None and time.monotonic() < limit
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def test_a_slow_cell_is_observed_once_and_proved_once(tmp_path):
    folder, count = tmp_path / "slow", tmp_path / "count"
    path = slow(folder, count)
    memory = folder / ".dvc" / "tmp" / "nb2prod" / "conversions"

    # Killed after the observation of the slow stage, and again after its proof.
    kill_when(folder, lambda: list(memory.glob("*/segments/*/segment.json.gz")))
    assert ran(count, "train") == 1
    assert not (folder / "pipeline").exists()
    kill_when(folder, lambda: len(list(memory.glob("*/proofs/*.json.gz"))) == 2)
    assert ran(count, "train") == 2
    said = nb2prod(folder, "convert", "slow.ipynb")
    assert "verdict: same" in said.stdout
    assert "trying another way" in said.stderr  # the repair of another stage
    assert ran(count, "train") == 2

    edit(path, "cell-5", "model.mean * scale", "model.mean * scale + 1")
    assert "verdict: same" in nb2prod(folder, "convert", "slow.ipynb").stdout
    edit(path, "cell-1", "random.seed(3)", "other = 5\nrandom.seed(3)")
    assert "verdict: same" in nb2prod(folder, "convert", "slow.ipynb").stdout
    edit(path, "cell-0", "scale = 2", "scale = 3  # times")
    assert "verdict: same" in nb2prod(folder, "convert", "slow.ipynb").stdout
    assert ran(count, "train") == 2
    assert ran(count, "load") > 2

    # What the proof left is the pipeline's first result, and what everything anew gives.
    assert is_clean(folder / "pipeline")
    assert reran(dvc(folder / "pipeline", "repro").stdout) == []
    kept = contents(folder, "pipeline/artifacts", "report.txt")
    assert "verdict: same" in nb2prod(folder, "verify", "pipeline").stdout
    dvc(folder / "pipeline", "repro", "-f", "--no-run-cache")
    assert contents(folder, "pipeline/artifacts", "report.txt") == kept


def test_what_the_slow_cell_needs_runs_it_again(tmp_path):
    folder, count = tmp_path / "slow", tmp_path / "count"
    path = slow(folder, count)
    nb2prod(folder, "convert", "slow.ipynb")
    edit(path, "cell-1", "random.seed(3)", "random.seed(4)")
    assert "verdict: same" in nb2prod(folder, "convert", "slow.ipynb").stdout
    assert ran(count, "train") == 4
    edit(path, "cell-2", "self.mean = mean", "self.mean = mean + 1")
    assert "verdict: same" in nb2prod(folder, "convert", "slow.ipynb").stdout
    assert ran(count, "train") == 6


def test_a_variable_of_the_environment_that_a_module_reads_runs_it_again(tmp_path):
    folder = tmp_path / "rates"
    path = write(
        folder / "rates.ipynb",
        notebook(
            ("stage:load", "import time\nimport rates\n\ntime.sleep(1.5)\nrate = rates.of_the_region()"),
            ("stage:report", "print(rate * 2)"),
        ),
    )
    (folder / "rates.py").write_text("import os\n\n\ndef of_the_region():\n    return len(os.environ['REGION'])\n")
    git(folder, "init", "-q")
    dvc(folder, "init", "-q")
    commit(folder)
    assert "verdict: same" in nb2prod(folder, "convert", "rates.ipynb", env={"REGION": "north"}).stdout
    edit(path, "cell-1", "rate * 2", "rate * 3")
    assert "verdict: same" in nb2prod(folder, "convert", "rates.ipynb", env={"REGION": "northwest"}).stdout
    assert json.loads((folder / "pipeline" / "artifacts" / "load" / "rate.json").read_text()) == 9


def test_stages_beyond_the_budget_are_named_and_proved_later(tmp_path):
    folder, count = tmp_path / "slow", tmp_path / "count"
    slow(folder, count)
    said = nb2prod(folder, "convert", "slow.ipynb", "--budget", "1s")
    assert "verdict: unverified" in said.stdout
    assert "over budget: stages `train`, " in said.stdout
    assert "how long that takes is not known yet" in said.stderr
    assert ran(count, "train") == 1
    assert "never proved: over budget" in nb2prod(folder, "convert", "slow.ipynb", "--check", code=1).stderr
    left = json.loads(dvc(folder / "pipeline", "status", "--json", "dvc.yaml").stdout)
    assert "load" not in left
    assert "train" in left

    refused = nb2prod(folder, "convert", "slow.ipynb", "--trust", "trian", code=2)
    assert "there is no stage `trian`" in refused.stderr
    assert "there are: load, train, show, report" in refused.stderr
    said = nb2prod(folder, "convert", "slow.ipynb", "--trust", "train")
    assert "trusted: stages `train`, `report` were not run" in said.stdout
    assert ran(count, "train") == 1
    assert "never proved: trusted" in nb2prod(folder, "convert", "slow.ipynb", "--check", code=1).stderr

    said = nb2prod(folder, "convert", "slow.ipynb")
    assert "verdict: same" in said.stdout
    assert "to run: the notebook once, 2 s the last time" in said.stderr
    assert ran(count, "train") == 2
    assert is_clean(folder / "pipeline")
    assert "no length of time" in nb2prod(folder, "convert", "slow.ipynb", "--budget", "soon", code=2).stderr
