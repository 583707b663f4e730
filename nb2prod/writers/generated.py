"""A file that nb2prod writes."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from nb2prod.notebook.same_code import code_of
from nb2prod.notebook.tags import acting


@dataclass(frozen=True, slots=True)
class GeneratedFile:
    """`path` is POSIX and relative to the project's root.

    `shared`: nb2prod and people both edit it (`params.yaml`). `offered`: a beginning that is the reader's to change
    (CI, container, tests); an edited one is kept, and makes nothing stale. `renewed`: `run --refresh` writes it too.
    """

    path: str
    text: str
    shared: bool = False
    offered: bool = False
    renewed: bool = False

    @property
    def digest(self) -> str:
        """SHA-256 of its bytes."""
        return text_digest(self.text)


def code_of_file(file: GeneratedFile) -> object:
    """What a stage executes of it: the code of a notebook's cells or of a module, without prose and comments."""
    if file.path.endswith(".ipynb"):
        return code_of_cells(file.text)
    return code_of(file.text) if file.path.endswith(".py") else file.text


def code_of_cells(text: str) -> list[tuple[tuple[str, ...], list[str]]]:
    """The code and the acting tags of a notebook's code cells."""
    cells = json.loads(text or "{}").get("cells", ())
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    return [(code_of("".join(cell["source"])), acting(cell["metadata"].get("tags", ()))) for cell in code]


def text_digest(text: str) -> str:
    """SHA-256 of a text as UTF-8, in hex."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
