"""What a hazard is: one small notebook, in jupytext's percent form, and the answer that is right for it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple


class Hazard(NamedTuple):
    """One notebook and the verdict that is right for it.

    `cells`: code cells as `# %% tags`, text. `stages`: in how many it must come out at least. `change`: other values
    of its parameters, under which pipeline and notebook must agree too. `beside`: the text of files in its folder.
    `names`: for a refusal, what the message must name. `class_`: filled in where the classes are joined.
    """

    title: str
    cells: str
    verdict: str = "same"
    stages: int = 0
    change: Mapping[str, object] = {}
    beside: Mapping[str, str] = {}
    names: tuple[str, ...] = ()
    class_: str = ""

    @property
    def tagged(self) -> int:
        """How many stages the notebook is tagged with."""
        tags = [tag for line in self.cells.splitlines() if line.startswith("# %%") for tag in line.split()]
        return len({tag for tag in tags if tag.startswith("stage:")})


def write_notebook(path: Path, cells: str) -> Path:
    """A notebook from percent text, whose markers carry tags."""
    parts = [part.partition("\n") for part in cells.split("# %%")[1:]]
    document = {
        "cells": [
            {
                "cell_type": "code",
                "id": f"cell-{number}",
                "metadata": {"tags": tags.split()},
                "execution_count": None,
                "outputs": [],
                "source": source.strip("\n"),
            }
            for number, (tags, _, source) in enumerate(parts)
        ],
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def write_project(folder: Path, hazard: Hazard) -> Path:
    """The notebook and the files beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in hazard.beside.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return write_notebook(folder / "hazard.ipynb", hazard.cells)
