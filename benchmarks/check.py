"""`nb2prod check`: one notebook, a folder beside ruff, one changed cell, growth. CPU seconds, medians, ratios.

python benchmarks/check.py [FOLDER OF NOTEBOOKS]

Without a folder, 500 notebooks are put together from the examples' cells.
"""

from __future__ import annotations

import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from nb2prod.adapters.documents import notebook_of
from nb2prod.lint.context import Context
from nb2prod.lint.engine import diagnose
from nb2prod.lint.registry import rules
from nb2prod.lint.session import Session

EXAMPLES = Path(__file__).resolve().parents[1] / "example_notebooks"
ROUNDS = 3


def seconds(command: list[str], folder: Path) -> tuple[float, float]:
    """(wall, CPU) of one process and its children."""
    before, began = os.times(), time.monotonic()
    environment = os.environ | {"RAYON_NUM_THREADS": "2"}
    subprocess.run(command, cwd=folder, check=False, capture_output=True, env=environment)
    after = os.times()
    cpu = after.children_user - before.children_user + after.children_system - before.children_system
    return time.monotonic() - began, cpu


def measured(folder: Path, *commands: list[str]) -> list[tuple[float, float]]:
    """(wall, CPU) of each command, medians of rounds in which they take turns."""
    runs = [[seconds(command, folder) for command in commands] for _ in range(ROUNDS)]
    return [
        (statistics.median(wall for wall, _ in one), statistics.median(cpu for _, cpu in one))
        for one in zip(*runs, strict=True)
    ]


_FLOOR = """
import ast, gc, json, pathlib, sys
gc.disable()
for path in pathlib.Path(sys.argv[1]).rglob("*.ipynb"):
    try:
        cells = json.loads(path.read_bytes())["cells"]
    except (ValueError, KeyError):
        continue
    for cell in cells:
        if cell["cell_type"] == "code":
            try:
                ast.parse("".join(cell["source"]))
            except (SyntaxError, ValueError):
                pass
"""


def document(cells: list[Any]) -> dict[str, Any]:
    return {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def sections() -> list[list[Any]]:
    """The examples, each as a run of cells that belong together."""
    return [json.loads(file.read_text())["cells"] for file in sorted(EXAMPLES.glob("*.ipynb"))]


def of_size(count: int) -> dict[str, Any]:
    """A notebook of `count` code cells: the examples, one after the other."""
    cells: list[Any] = []
    while sum(cell["cell_type"] == "code" for cell in cells) < count:
        for section in sections():
            cells += section
    code = 0
    for position, cell in enumerate(cells):
        code += cell["cell_type"] == "code"
        if code == count:
            return document(cells[: position + 1])
    return document(cells)


def folder_of_500(folder: Path) -> None:
    chance = random.Random(0)
    for number in range(500):
        (folder / f"n{number:03}.ipynb").write_text(json.dumps(document(chance.choice(sections())), indent=1))


def one_and_many(scratch: Path, folder: Path) -> None:
    nb2prod = [sys.executable, "-m", "nb2prod", "check", "--statistics"]
    ruff = [str(Path(sys.executable).parent / "ruff"), "check", "--isolated", "--no-cache", "--statistics"]
    (scratch / "sixty.ipynb").write_text(json.dumps(of_size(60)))
    ((wall, cpu),) = measured(scratch, [*nb2prod, "sixty.ipynb"])
    print(f"one notebook, 60 code cells: {wall:.2f} s wall, {cpu:.2f} s CPU (target 0.3 s)")
    floor = [sys.executable, "-W", "ignore", "-c", _FLOOR, str(folder)]
    ours, theirs, least = measured(scratch, [*nb2prod, str(folder)], [*ruff, str(folder)], floor)
    number = len(list(folder.rglob("*.ipynb")))
    print(
        f"{number} notebooks: nb2prod {ours[0]:.2f} s wall, {ours[1]:.2f} s CPU; ruff {theirs[0]:.2f}, {theirs[1]:.2f}"
    )
    print(f"  ratio: wall {ours[0] / theirs[0]:.1f}, CPU {ours[1] / theirs[1]:.1f} (target 5)")
    print(f"  Python's own json and ast, one process: {least[1]:.2f} s CPU, {least[1] / theirs[1]:.1f} times ruff")


def changed_cell() -> None:
    session = Session(notebook_of(of_size(300), Path("n.ipynb")), rules())
    session.diagnostics()
    code = [cell for cell in notebook_of(of_size(300), Path("n.ipynb")).cells if cell.is_code]
    first, further = [], []
    for cell in code[:: len(code) // 15]:
        for times, text in ((first, "another"), (further, "another_name"), (further, "another_name = 1")):
            began = time.process_time()
            session.changed(cell.index, f"{cell.source}\n{text}")
            times.append(time.process_time() - began)
    print(
        f"one changed cell of 300: median {statistics.median(first) * 1000:.0f} ms CPU at the first change, "
        f"{statistics.median(further) * 1000:.0f} while one goes on typing (target 50)"
    )


def growth() -> None:
    for count in (625, 1250, 2500, 5000):
        notebook = notebook_of(of_size(count), Path("n.ipynb"))
        began = time.process_time()
        diagnose(Context(notebook), rules())
        spent = time.process_time() - began
        print(f"{count:5} cells: {spent:.2f} s CPU, {spent / count * 1000:.2f} ms per cell")


def main() -> None:
    """Print all of it."""
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        folder = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else scratch / "many"
        if not folder.exists():
            folder.mkdir()
            folder_of_500(folder)
        one_and_many(scratch, folder)
    changed_cell()
    growth()


if __name__ == "__main__":
    main()
