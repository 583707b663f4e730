"""Read a notebook file into the plain records."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from nb2prod.errors import Refused, UsageError
from nb2prod.notebook.model import Cell, Notebook
from nb2prod.notebook.parse import parse

_TEXT = {".py", ".md", ".Rmd", ".qmd"}


def read_notebook(path: Path) -> Notebook:
    """The notebook at `path` (.ipynb, or jupytext's .py and .md).

    Raises UsageError for what is no Python notebook of format 4, Refused for a cell that does not parse.
    """
    document = _document(path)
    cells = tuple(_cell(index, cell) for index, cell in enumerate(document.get("cells", ())))
    kernelspec = _mapping(_mapping(document.get("metadata")).get("kernelspec"))
    notebook = Notebook(
        name=path.stem,
        file=path.name,
        cells=_with_ids(cells),
        kernel=str(kernelspec.get("name") or "python3"),
        kernel_title=str(kernelspec.get("display_name") or ""),
    )
    _check(path, document, notebook)
    return notebook


def _document(path: Path) -> dict[str, Any]:
    if not path.exists():
        raise UsageError(f"there is no file {path}")
    if path.is_dir():
        raise UsageError(f"{path} is a folder", hint="name one notebook in it")
    if path.suffix in _TEXT:
        return _read_text_notebook(path)
    if path.suffix != ".ipynb":
        raise UsageError(f"{path} is not a notebook", hint="nb2prod reads .ipynb, and .py or .md of jupytext")
    try:
        document = json.loads(path.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is not valid JSON: {error}", hint="open it in Jupyter and save it again") from error
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error
    if not isinstance(document, dict):
        raise UsageError(f"{path} is JSON, but not a notebook")
    return document


def _read_text_notebook(path: Path) -> dict[str, Any]:
    try:
        import jupytext
    except ImportError as error:
        raise UsageError(
            f"{path} is a text notebook, and jupytext is not installed",
            hint="pip install 'nb2prod[jupytext]'",
        ) from error
    text = path.read_text(encoding="utf-8")
    document = dict(jupytext.reads(text, fmt={"extension": path.suffix}))
    if path.suffix == ".py" and "# %%" not in text and "jupytext" not in text:
        raise UsageError(
            f"{path} is a Python script without cells", hint="mark its cells with `# %%`, or name a notebook"
        )
    return document


def _check(path: Path, document: dict[str, Any], notebook: Notebook) -> None:
    version = document.get("nbformat")
    if "cells" not in document or version != 4:
        old = isinstance(version, int) and version < 4
        raise UsageError(
            f"{path} is not a notebook of format 4" + (f" but of format {version}" if version else ""),
            hint="convert it with `jupyter nbconvert --to notebook --nbformat 4`" if old else "",
        )
    metadata = _mapping(document.get("metadata"))
    language = _mapping(metadata.get("kernelspec")).get("language") or _mapping(metadata.get("language_info")).get(
        "name"
    )
    if language and str(language).lower() not in ("python", "ipython"):
        raise UsageError(f"{path} is written in {language}", hint="nb2prod converts Python notebooks")
    if not notebook.code_cells:
        raise UsageError(f"{path} holds no code")
    for cell in notebook.code_cells:
        error = parse(cell.source).error
        if error is not None:
            raise Refused(
                f"{cell.label} of {path} is not valid Python: line {error[1]}: {error[0]}",
                hint="correct the cell, or make it a raw cell if it is not meant to run",
            )


def _mapping(value: Any) -> dict[str, Any]:
    return dict(value) if isinstance(value, dict) else {}


def _cell(index: int, cell: Any) -> Cell:
    if not isinstance(cell, dict):
        raise UsageError(f"cell {index + 1} is not a mapping", hint="open the notebook in Jupyter and save it again")
    source = cell.get("source", "")
    text = "".join(str(line) for line in source) if isinstance(source, list) else str(source)
    tags = _mapping(cell.get("metadata")).get("tags") or []
    if not isinstance(tags, list):
        raise UsageError(f"the tags of cell {index + 1} are not a list", hint="tags are a list of strings")
    _refuse_duplicates(index, tags)
    return Cell(str(cell.get("id") or ""), index, str(cell.get("cell_type", "raw")), text, tuple(map(str, tags)))


def _refuse_duplicates(index: int, tags: list[Any]) -> None:
    twice = sorted({str(tag) for tag in tags if tags.count(tag) > 1})
    if twice:
        raise UsageError(f"cell {index + 1} has the tag `{twice[0]}` twice", hint="remove one of them")


def _with_ids(cells: tuple[Cell, ...]) -> tuple[Cell, ...]:
    """Formats before 4.5 have no cell ids: the position stands in for one. A repeated id gets its position too."""
    seen: set[str] = set()
    found: list[Cell] = []
    for cell in cells:
        cell_id = cell.id if cell.id and cell.id not in seen else f"cell-{cell.index + 1}"
        seen.add(cell_id)
        found.append(Cell(cell_id, cell.index, cell.kind, cell.source, cell.tags))
    return tuple(found)


def write_tags(path: Path, tags: dict[int, str]) -> None:
    """Add a tag to cells (by index), leaving everything else in the file as it is. Raises OutsideError."""
    from nb2prod.adapters.files import write_text

    document = _document(path)
    for index, tag in tags.items():
        metadata = document["cells"][index].setdefault("metadata", {})
        metadata["tags"] = [*metadata.get("tags", []), tag]
    if path.suffix in _TEXT:
        import jupytext
        import nbformat

        write_text(path, str(jupytext.writes(nbformat.from_dict(document), fmt=_text_format(path))))
        return
    text = json.dumps(document, indent=_indent(path), ensure_ascii=False)
    write_text(path, text + "\n")


def _text_format(path: Path) -> str:
    return "py:percent" if path.suffix == ".py" else path.suffix.removeprefix(".")


def _indent(path: Path) -> int:
    """The file's own indentation, so that the change is only the tags."""
    for line in path.read_text(encoding="utf-8").splitlines()[1:2]:
        return len(line) - len(line.lstrip()) or 1
    return 1
