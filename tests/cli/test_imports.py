"""What each verb imports: counted, not timed. `--help` answers at once because nothing heavy is loaded for it."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from cli.notebooks import code, write

HEAVY = [
    "IPython",
    "asyncio",
    "dvc",
    "ipykernel",
    "jinja2",
    "jsonschema",
    "jupyter_client",
    "jupyter_core",
    "jupytext",
    "nbclient",
    "nbformat",
    "numpy",
    "packaging",
    "pandas",
    "papermill",
    "pyarrow",
    "rich",
    "ruamel",
    "sklearn",
    "tornado",
    "traitlets",
    "yaml",
    "zmq",
]
_PROGRAM = """
import json, sys
from nb2prod.cli import main
try:
    main(json.loads(sys.argv[1]))
    code = 0
except SystemExit as left:
    code = left.code or 0
print("\\n" + json.dumps([code, sorted({name.split(".")[0] for name in sys.modules})]))
"""


def imported(folder, *arguments: str) -> tuple[int, set[str]]:
    """The exit code, and which of the heavy packages a command loads."""
    call = [sys.executable, "-c", _PROGRAM, json.dumps(arguments)]
    done = subprocess.run(call, cwd=folder, capture_output=True, text=True, check=True, env={**os.environ, "CI": "1"})
    left, names = json.loads(done.stdout.splitlines()[-1])
    return left, set(names) & set(HEAVY)


@pytest.fixture
def project(tmp_path):
    write(
        tmp_path / "n.ipynb", code("a = 1", "parameters"), code("x = a + 1", "stage:one"), code("print(x)", "stage:two")
    )
    write(tmp_path / "untagged.ipynb", code("import math"), code("x = math.pi"))
    return tmp_path


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["convert", "--help"], ["run", "--help"]])
def test_help_loads_nothing(project, arguments):
    assert imported(project, *arguments) == (0, set())


def test_tag_loads_nothing(project):
    assert imported(project, "tag", "untagged.ipynb") == (0, set())


def test_a_notebook_without_magics_is_written_without_a_kernel(project):
    left, names = imported(project, "convert", "n.ipynb", "--no-run")
    assert left == 0
    assert names <= {"jinja2", "packaging", "ruamel"}


def test_check_needs_no_kernel_and_no_engine(project):
    assert imported(project, "convert", "n.ipynb", "--no-run")[0] == 0
    left, names = imported(project, "convert", "n.ipynb", "--check")
    assert left == 1  # never proved
    assert names <= {"packaging", "ruamel"}


def test_a_refusal_comes_before_anything_heavy(project):
    left, names = imported(project, "convert", "missing.ipynb")
    assert left == 2
    assert names <= {"packaging", "ruamel"}


def test_ready_loads_no_engine(project):
    assert imported(project, "ready", "n.ipynb")[1] <= {"packaging"}
    imported(project, "convert", "n.ipynb", "--no-run")
    left, names = imported(project, "ready", "n.ipynb")
    assert left == 1
    assert names <= {"packaging", "ruamel"}
