"""Read `notebooks.txt`, and run one of its notebooks."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from nb2prod.diagnostics import Diagnostic
from nb2prod.operations.check import check
from nb2prod.operations.check_run import Ran, RunOptions, check_run
from tests.lint.tables import notebook_of

TABLE = Path(__file__).with_name("notebooks.txt")


@dataclass(frozen=True)
class Broken:
    """A notebook that does not reproduce, and what must be said of it."""

    title: str
    text: str
    options: dict[str, str]

    @property
    def cause(self) -> str:
        return self.options["cause"]

    @property
    def expected(self) -> tuple[str, int]:
        rule, cell = self.options["rule"].split()
        return rule, int(cell) - 1


def broken() -> list[Broken]:
    """The table's entries."""
    found = []
    for block in re.split(r"^=== ", TABLE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        title, _, text = block.partition("\n")
        name, *options = title.split(" | ")
        found.append(Broken(name, text, dict(option.split(": ", 1) for option in options)))
    return found


def write(folder: Path, text: str, files: str = "") -> Path:
    """The notebook's file, with what lies beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in files.split():
        name, _, content = file.partition("=")
        (folder / name).write_text(content)
    cells = [
        {
            "cell_type": cell.kind,
            "id": cell.id,
            "metadata": {"tags": list(cell.tags)},
            "source": cell.source,
            "execution_count": cell.count,
            "outputs": [
                {"output_type": "stream", "name": name, "text": part}
                for one in cell.outputs
                for name, part in one.parts
            ],
        }
        for cell in notebook_of(text).cells
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    document = {"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": kernel}, "cells": cells}
    path = folder / "case.ipynb"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def ran(one: Broken, folder: Path) -> Ran:
    """What a run says."""
    path = write(folder, one.text, one.options.get("files", ""))
    return check_run(path, check(path), RunOptions(float(one.options.get("timeout", 120))))


def is_named(one: Broken, diagnostics: tuple[Diagnostic, ...]) -> bool:
    """Whether the cause is named on its cell, as a fact, and no other cell is blamed for it."""
    confirmed = [found for found in diagnostics if found.confirmed]
    places = {(found.name, found.cell_index) for found in confirmed}
    return one.expected in places and not {name for name, cell in places if (name, cell) != one.expected} & {
        one.expected[0]
    }
