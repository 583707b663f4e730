"""A composed notebook: cells of fragments, with values for its parameters; its text, its file, its smaller versions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ComposedCell:
    """A code cell: its tags and its pieces of text, in order."""

    tags: tuple[str, ...]
    parts: tuple[str, ...]

    @property
    def source(self) -> str:
        """The cell's text."""
        return "\n".join(self.parts)


@dataclass(frozen=True, slots=True)
class Composed:
    """A notebook. The cell tagged `parameters`, if any, is written from `defaults`, with `derived` lines below."""

    cells: tuple[ComposedCell, ...]
    defaults: Mapping[str, object]
    others: Mapping[str, object]
    files: Mapping[str, str]

    def sources(self, values: Mapping[str, object] | None = None) -> list[str]:
        """The cells' texts, with these values of the parameters."""
        known = self.defaults if values is None else values
        return [_with_values(cell, known) for cell in self.cells]

    def text(self) -> str:
        """The whole in percent form."""
        return "\n".join(
            f"# %% {' '.join(cell.tags)}\n{source}" for cell, source in zip(self.cells, self.sources(), strict=True)
        )

    def with_cells(self, cells: tuple[ComposedCell, ...]) -> Composed:
        """The same with other cells."""
        return replace(self, cells=cells)

    def write(self, folder: Path) -> Path:
        """Write the notebook and its project's files."""
        for name, text in self.files.items():
            (folder / name).write_text(text, encoding="utf-8")
        cells = [
            {
                "cell_type": "code",
                "id": f"cell-{number}",
                "metadata": {"tags": list(cell.tags)},
                "execution_count": None,
                "outputs": [],
                "source": source,
            }
            for number, (cell, source) in enumerate(zip(self.cells, self.sources(), strict=True))
        ]
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        document = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
        path = folder / "composed.ipynb"
        path.write_text(json.dumps(document, indent=1), encoding="utf-8")
        return path


def _with_values(cell: ComposedCell, values: Mapping[str, object]) -> str:
    """The parameters cell's own lines are `NAME = …`; anything else stands as it is."""
    if "parameters" not in cell.tags:
        return cell.source
    lines = [_line(part, values) for part in cell.parts]
    return "\n".join(lines)


def _line(part: str, values: Mapping[str, object]) -> str:
    name = part.partition(" = ")[0]
    return f"{name} = {values[name]!r}" if name in values else part


def from_text(text: str, others: Mapping[str, object], files: Mapping[str, str]) -> Composed:
    """A notebook from percent text: statements are its fragments."""
    import ast

    cells = []
    defaults: dict[str, object] = {}
    for part in text.split("# %%")[1:]:
        head, _, source = part.partition("\n")
        tags = tuple(head.split())
        source = source.strip("\n")
        if "parameters" in tags:
            lines = source.splitlines()
            for line in lines:
                name, _, value = line.partition(" = ")
                if name in others:
                    defaults[name] = ast.literal_eval(value)
            cells.append(ComposedCell(tags, tuple(lines)))
        else:
            cells.append(ComposedCell(tags, (source,)))
    return Composed(tuple(cells), defaults, others, files)
