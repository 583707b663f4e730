"""Only the very command that nb2prod writes is executed by nb2prod; any other is the shell's."""

from __future__ import annotations

import pytest

from nb2prod.adapters.papermill import Call, parse

OURS = "papermill stages/a.ipynb runs/a.ipynb -f params.yaml --cwd .."


@pytest.mark.parametrize(
    ("command", "call"),
    [
        (OURS, Call("stages/a.ipynb", "runs/a.ipynb", "params.yaml", "..")),
        (OURS.replace("..", "'../my work'"), Call("stages/a.ipynb", "runs/a.ipynb", "params.yaml", "../my work")),
        (OURS + " -p seed 3", None),
        (OURS + " && rm -rf data", None),
        (OURS + "; true", None),
        (OURS.replace("..", "$HOME"), None),
        (OURS.replace("a.ipynb", "*.ipynb"), None),
        (OURS.replace("params", "s3://bucket/params"), None),
        ("OMP_NUM_THREADS=1 " + OURS, None),
        ("python -m " + OURS, None),
        ("papermill 'a", None),
        (OURS + "\ntrue", None),
    ],
)
def test_which_commands_are_ours(command, call):
    assert parse(command) == call
