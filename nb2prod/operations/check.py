"""`nb2prod check`: read, run the rules, hand over the diagnostics."""

from __future__ import annotations

from pathlib import Path

from nb2prod.adapters.documents import read_document
from nb2prod.lint.context import Context
from nb2prod.lint.engine import diagnose
from nb2prod.lint.registry import rules
from nb2prod.lint.results import Checked


def check(path: str | Path) -> Checked:
    """The diagnostics of one notebook. Raises UsageError for what is no notebook."""
    notebook = read_document(Path(path))
    return Checked(str(path), tuple(diagnose(Context(notebook), rules())), notebook)
