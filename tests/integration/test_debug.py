"""`nb2prod debug`: what the kernel holds is asked of the kernel itself, as somebody who attaches to it would."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from integration.projects import commit, contents, example, git, is_clean, nb2prod, set_parameters
from nb2prod.operations.convert import convert

pytestmark = pytest.mark.slow


@contextlib.contextmanager
def attached(said: str) -> Iterator[tuple[Path, object]]:
    """(the connection's folder, a function that evaluates in the kernel); the kernel is ended afterwards."""
    from jupyter_client import BlockingKernelClient

    process = int(re.search(r"kill (\d+)", said)[1])
    client = BlockingKernelClient()
    try:
        connection = Path(re.search(r"--existing (\S+)", said)[1])
        client.load_connection_file(str(connection))
        client.start_channels()
        client.wait_for_ready(timeout=60)

        def evaluate(expression: str) -> object:
            reply = client.execute_interactive("", user_expressions={"it": expression}, timeout=60)
            return eval(reply["content"]["user_expressions"]["it"]["data"]["text/plain"])

        yield connection.parent, evaluate
    finally:
        client.stop_channels()
        os.kill(process, signal.SIGKILL)


def test_a_failing_stage_stands_at_the_cell_with_its_inputs(sales):
    set_parameters(sales / "pipeline", {"n": 0})
    assert "IndexError" in nb2prod(sales, "run", "pipeline", code=3).stderr
    before, status = contents(sales), git(sales, "status", "--porcelain")
    done = nb2prod(sales, "debug", "clean", "pipeline")
    with attached(done.stdout) as (scratch, evaluate):
        assert "stands at cell 4 (cell-3), which raised IndexError" in done.stdout
        assert "best = kept[0]" in done.stderr
        assert "inputs loaded: rows" in done.stdout
        assert evaluate("(rows, kept)") == ([], [])
        assert evaluate("'best' in globals()") is False
        assert Path(str(evaluate("__import__('os').getcwd()"))) == scratch / "sales"
        notebook = json.loads((scratch / "sales" / "debug_clean.ipynb").read_text())
        assert any("injected-parameters" in cell["metadata"].get("tags", ()) for cell in notebook["cells"])
    assert contents(sales) == before
    assert git(sales, "status", "--porcelain") == status


def test_at_a_cell_nothing_of_it_has_run(sales):
    before = contents(sales)
    done = nb2prod(sales, "debug", "report", "pipeline", "--at", "7")
    with attached(done.stdout) as (scratch, evaluate):
        assert "stands before cell 7 (cell-6)" in done.stdout
        assert evaluate("text.startswith('Sales: ') and 'mean' not in globals()") is True
        assert (scratch / "sales" / "report.txt").exists()  # the scratch copy's own
    assert contents(sales) == before
    assert is_clean(sales / "pipeline")


def test_a_failing_stage_of_an_example(tmp_path):
    """A parameter that a library refuses: the kernel holds the frames that came before, at the cell that raised."""
    root = tmp_path / "cancer"
    pipeline = convert(example(root, "breast_cancer.ipynb"), root / "pipeline", run=False, init=True).project.folder
    commit(root, "pipeline")
    set_parameters(pipeline, {"n_folds": 1})
    assert "ValueError" in nb2prod(root, "run", "pipeline", code=3).stderr
    before, status = contents(root), git(root, "status", "--porcelain")
    lock = (pipeline / "dvc.lock").read_bytes()
    done = nb2prod(root, "debug", "train", "pipeline")
    assert "which raised ValueError" in done.stdout
    assert "StratifiedKFold" in done.stderr
    inputs = re.search(r"inputs loaded: (.+)", done.stdout)[1]
    with attached(done.stdout) as (scratch, evaluate):
        assert {"X_train", "y_train"} <= set(re.findall(r"\w+", inputs))
        assert evaluate("(len(X_train), len(y_train), n_folds)") == (427, 427, 1)
        assert evaluate("'best_c' in globals() or 'model' in globals()") is False
        assert Path(str(evaluate("__import__('os').getcwd()"))) == scratch / "cancer"
    assert contents(root) == before
    assert git(root, "status", "--porcelain") == status
    assert (pipeline / "dvc.lock").read_bytes() == lock


def test_what_cannot_be_opened(sales):
    assert "there are: load, clean, train, report" in nb2prod(sales, "debug", "tran", "pipeline", code=2).stderr
    said = nb2prod(sales, "debug", "train", "pipeline", "--at", "99", code=2).stderr
    assert "stage `train` has no cell 99" in said
    assert "cell 5 (cell-4)" in said
    next((sales / "pipeline" / "artifacts" / "load").glob("rows.*")).unlink()
    assert "which is not there" in nb2prod(sales, "debug", "clean", "pipeline", code=2).stderr
