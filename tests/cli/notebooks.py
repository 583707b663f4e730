"""Notebooks made by hand: nothing is checked, so that broken ones can be made too."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

Cell = dict[str, Any]
KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}


def code(source: Any, *tags: str, **more: Any) -> Cell:
    """A code cell; `more` replaces its members."""
    metadata = {"tags": list(tags)} if tags else {}
    cell = {"cell_type": "code", "metadata": metadata, "source": source, "outputs": [], "execution_count": None}
    return {**cell, **more}


def prose(source: str, *tags: str) -> Cell:
    """A markdown cell."""
    return {"cell_type": "markdown", "metadata": {"tags": list(tags)} if tags else {}, "source": source}


def document(*cells: Any, **metadata: Any) -> dict[str, Any]:
    """A notebook; cells get the ids c0, c1, … where they have none."""
    numbered = [{"id": f"c{n}", **cell} if isinstance(cell, dict) else cell for n, cell in enumerate(cells)]
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": KERNEL, **metadata}, "cells": numbered}


def write(path: Path, *cells: Any, **metadata: Any) -> Path:
    """A notebook file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document(*cells, **metadata), indent=1), encoding="utf-8")
    return path
