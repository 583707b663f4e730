"""A forked kernel: what it does at its end, and what it shares with nobody."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from nb2prod.adapters import papermill
from nb2prod.adapters.kernels import stage_file
from nb2prod.adapters.stage_kernel import StageKernel
from nb2prod.adapters.warm import Interpreter, start_parent

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux only"),
]
KERNEL = Interpreter((sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"), {})


class _Nobody:
    def cell(self, number: int, total: int) -> None:
        pass

    def output(self, text: str) -> None:
        pass


@pytest.fixture(scope="module")
def parent(tmp_path_factory):
    found = start_parent(KERNEL, ["json", "numpy", "random"], [tmp_path_factory.mktemp("cwd")])
    yield found
    found.close()


def execute(parent, folder: Path, *cells: str, fork: bool = True) -> StageKernel:
    """Run the cells in a kernel, in that folder; the kernel has ended, and was what was asked for."""
    import nbformat

    document = papermill.parameterised(
        nbformat.writes(
            nbformat.v4.new_notebook(
                cells=[nbformat.v4.new_code_cell(one) for one in cells],
                metadata={"kernelspec": {"name": "python3", "display_name": "", "language": "python"}},
            )
        ),
        {},
    )
    document.metadata["papermill"] = {"parameters": {}, "environment_variables": {}, "version": ""}
    papermill.load()
    kernel = StageKernel(parent, parent.start(KERNEL.argv, fork=fork, cwd=folder, env=dict(os.environ)))
    client = kernel.connect()
    assert kernel.is_new is not fork
    try:
        papermill.execute(document, folder / "out.ipynb", kernel, client, _Nobody())
    finally:
        kernel.stop(client)
    return kernel


LEFT_OPEN = (
    "f = open('shown.txt', 'w')\nf.write('x')\nf",
    "class Held:\n    def __del__(self):\n        self.file.write(' and deleted')\nheld = Held()\nheld.file = open('held.txt', 'w')\n"
    "held.file.write('held')\nheld.cycle = held",
    "import atexit\ng = open('exit.txt', 'w')\natexit.register(lambda: g.write('at exit'))",
    "def generate():\n    with open('generated.txt', 'w') as file:\n        try:\n            yield file.write('begun')\n"
    "        finally:\n            file.write(' and ended')\nit = generate()\nnext(it)",
    "from pathlib import Path\nPath('own.py').write_text(\"file = open('own.txt', 'w')\\nfile.write('own')\")\nimport own",
    "import threading, time\ndef late():\n    time.sleep(0.3)\n    Path('thread.txt').write_text('late')\nthreading.Thread(target=late).start()",
    "import ctypes\nlibrary = ctypes.CDLL(None)\nlibrary.fopen.restype = ctypes.c_void_p\n"
    "stream = library.fopen(b'stdio.txt', b'w')\nlibrary.fputs(b'from C', ctypes.c_void_p(stream))",
)


@pytest.mark.parametrize("fork", [True, False], ids=["forked", "new"])
def test_what_a_kernel_left_open_is_closed_at_its_end(parent, tmp_path, fork):
    """Both kinds of kernels end alike."""
    execute(parent, tmp_path, *LEFT_OPEN, fork=fork)
    assert {path.name: path.read_text() for path in tmp_path.glob("*.txt")} == {
        "shown.txt": "x",
        "held.txt": "held and deleted",
        "exit.txt": "at exit",
        "generated.txt": "begun and ended",
        "own.txt": "own",
        "thread.txt": "late",
        "stdio.txt": "from C",
    }


@pytest.mark.parametrize("fork", [True, False], ids=["forked", "new"])
def test_passwords_are_read_from_the_environment(parent, tmp_path, monkeypatch, fork):
    """And written nowhere, in both kinds of kernels."""
    monkeypatch.setenv("DB_PASSWORD", "open sesame")
    start = f"import sys\nsys.path.append({str(stage_file().parent)!r})\nimport _stage\n_stage.answer_getpass()"
    ask = "import getpass\nopen('said', 'w').write(getpass.getpass('DB password: '))"
    refuse = "_stage.never_write('DB_PASSWORD')\ntry:\n    _stage.write_json('open sesame', 'out.json')\n" + (
        "except _stage.StageError as error:\n    open('refused', 'w').write(str(error))"
    )
    execute(parent, tmp_path, start, ask, refuse, fork=fork)
    assert (tmp_path / "said").read_text() == "open sesame"
    assert "it would hold the value of DB_PASSWORD, which is never written" in (tmp_path / "refused").read_text()
    assert not (tmp_path / "out.json").exists()


def test_two_forks_draw_different_numbers(parent, tmp_path):
    cell = "import random, numpy, uuid\nopen('{}', 'w').write(f'{{random.random()}} {{numpy.random.rand()}} {{uuid.uuid4()}}')"
    for name in ("one", "two"):
        execute(parent, tmp_path, cell.format(name))
    one, two = ((tmp_path / name).read_text().split() for name in ("one", "two"))
    assert not {*one} & {*two}
