"""What checking one notebook gave."""

from __future__ import annotations

from dataclasses import dataclass

from nb2prod.diagnostics import Diagnostic
from nb2prod.notebook.model import Notebook


@dataclass(frozen=True, slots=True)
class Checked:
    """`notebook`: what was read, for showing source lines; None where it could not be read."""

    path: str
    diagnostics: tuple[Diagnostic, ...]
    notebook: Notebook | None = None
