"""A stage as a papermill notebook."""

from __future__ import annotations

import json
from typing import Any

from nb2prod.notebook.model import Notebook
from nb2prod.pipeline.model import Pipeline, Stage, StageCell


def stage_notebook(pipeline: Pipeline, stage: Stage, notebook: Notebook) -> str:
    """The text of `stages/NAME.ipynb`: nbformat 4.5, no outputs, ids that stay when the notebook is edited."""
    used: set[str] = set()
    cells = [_cell(cell, _unique(_id(cell, notebook), used)) for cell in stage.cells]
    document = {
        "cells": cells,
        "metadata": {
            "kernelspec": {
                "display_name": pipeline.kernel_title or pipeline.kernel,
                "language": "python",
                "name": pipeline.kernel,
            },
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def _cell(cell: StageCell, cell_id: str) -> dict[str, Any]:
    tags = [*cell.tags, *([] if cell.kind in ("user", "markdown", "parameters") else [f"nb2prod-{cell.kind}"])]
    base: dict[str, Any] = {
        "cell_type": "markdown" if cell.is_markdown else "code",
        "id": cell_id,
        "metadata": {"tags": tags} if tags else {},
        "source": cell.source.splitlines(keepends=True),
    }
    if not cell.is_markdown:
        base |= {"execution_count": None, "outputs": []}
    return base


def _id(cell: StageCell, notebook: Notebook) -> str:
    if cell.origin is None:
        return f"nb2prod-{'title' if cell.is_markdown else cell.kind}"
    own = notebook.cells[cell.origin].id
    return own if cell.kind in ("user", "markdown", "parameters") else f"{own[:50]}-{cell.kind}"


def _unique(cell_id: str, used: set[str]) -> str:
    candidate, number = cell_id, 2
    while candidate in used:
        candidate, number = f"{cell_id[:55]}-{number}", number + 1
    used.add(candidate)
    return candidate
