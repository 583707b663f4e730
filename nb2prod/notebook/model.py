"""The records of a notebook."""

from __future__ import annotations

from dataclasses import dataclass

_BINARY = ("image/", "audio/", "video/", "font/", "application/pdf", "application/octet-stream", "application/zip")


@dataclass(frozen=True, slots=True)
class Output:
    """One output. `kind` is nbformat's `output_type`; `parts` are its texts, by stream, MIME type or "traceback"."""

    kind: str
    parts: tuple[tuple[str, str], ...] = ()

    @property
    def text_parts(self) -> tuple[tuple[str, str], ...]:
        """The parts that are text: no images, sounds, films and documents."""
        return tuple(part for part in self.parts if not part[0].startswith(_BINARY) or part[0] == "image/svg+xml")

    @property
    def distinct_parts(self) -> tuple[tuple[str, str], ...]:
        """The same without the HTML of a pandas table that stands there as plain text too."""
        parts = self.text_parts
        if len(parts) < 2 or not any(name == "text/plain" for name, _ in parts):
            return parts
        return tuple(part for part in parts if part[0] != "text/html" or 'class="dataframe"' not in part[1])


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell. `index` counts all cells from 0; `kind` is nbformat's `cell_type`.

    `count` (the execution count) and `outputs` are what the last run left; conversion does not look at them.
    """

    id: str
    index: int
    kind: str
    source: str
    tags: tuple[str, ...] = ()
    count: int | None = None
    outputs: tuple[Output, ...] = ()

    @property
    def is_code(self) -> bool:
        """Whether the cell is code with something in it."""
        return self.kind == "code" and bool(self.source.strip())

    @property
    def label(self) -> str:
        """How messages name the cell: its number as people count (from 1) and its id."""
        return f"cell {self.index + 1} ({self.id})"


@dataclass(frozen=True, slots=True)
class Notebook:
    """A notebook's cells and the kernel that runs them. `name` is the file's stem, `language` in lower case."""

    name: str
    file: str
    cells: tuple[Cell, ...]
    kernel: str
    kernel_title: str = ""
    language_version: str = ""
    language: str = "python"

    @property
    def code_cells(self) -> tuple[Cell, ...]:
        """The cells that a kernel would run, in document order."""
        return tuple(cell for cell in self.cells if cell.is_code)
