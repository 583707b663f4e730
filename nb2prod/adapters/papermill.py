"""papermill's own way of putting parameters into a notebook."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any


def parameterised(text: str, values: Mapping[str, object]) -> Any:
    """The notebook (as text) with an injected cell, just as `papermill -f params.yaml` would make it."""
    import nbformat
    from papermill.parameterize import parameterize_notebook

    logging.getLogger("papermill").setLevel(logging.ERROR)
    document = nbformat.reads(text, as_version=4)
    for part in (document, *document.cells):  # as papermill's own reader completes them
        part.metadata.setdefault("papermill", {})
    for cell in document.cells:
        cell.metadata.setdefault("tags", [])
    return parameterize_notebook(document, dict(values)) if values else document


def executed(document: Any) -> str:
    """The text of an executed notebook."""
    import nbformat

    return str(nbformat.writes(document)) + "\n"
