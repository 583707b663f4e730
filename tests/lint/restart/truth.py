"""Run each case in a fresh IPython shell, and say which name was missing in which cell.

A cell that ends in a NameError gets a stand-in for the name and runs again, so that a case may miss several.
One process per case; prints JSON: title → [[cell from 0, name], …].

    python -m tests.lint.restart.truth [FILE]
"""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path

CASES = Path(__file__).parent / "cases.txt"
_MOST_MISSING = 5


def read_cases(file: Path = CASES) -> dict[str, list[str]]:
    """Title → the cells' sources."""
    found = {}
    for block in re.split(r"^=== ", file.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        title, _, body = block.partition("\n")
        found[title] = [cell.strip("\n") for cell in body.split("# %%\n")]
    return found


def missing(cells: list[str]) -> list[tuple[int, str]]:
    """What a fresh shell misses. To be called once per process."""
    from unittest.mock import MagicMock

    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    options = Config()
    options.HistoryManager.enabled = False
    shell = InteractiveShell.instance(config=options)
    found: list[tuple[int, str]] = []
    for index, cell in enumerate(cells):
        for _ in range(_MOST_MISSING):
            error = shell.run_cell(cell, store_history=True).error_in_exec
            if not isinstance(error, NameError) or isinstance(error, UnboundLocalError):
                break
            found.append((index, str(error.name)))
            shell.user_ns[str(error.name)] = MagicMock()
    return found


def in_child(cells: list[str]) -> list[tuple[int, str]]:
    """The same, in a process of its own."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        silent = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(silent, stream)
        os.write(writing, json.dumps(missing(cells)).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as stream:
        text = stream.read()
    os.waitpid(child, 0)
    return [(cell, name) for cell, name in json.loads(text)]


def truths(cases: dict[str, list[str]]) -> dict[str, list[tuple[int, str]]]:
    """Every case, one after the other."""
    import IPython.core.interactiveshell  # noqa: F401 - so that the children have it

    return {title: in_child(cells) for title, cells in cases.items()}


if __name__ == "__main__":
    print(json.dumps(truths(read_cases(*map(Path, sys.argv[1:]))), indent=1))
