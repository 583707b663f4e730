"""Read a notebook file into the plain records, and put tags into it."""

from __future__ import annotations

import difflib
import json
import os
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from nb2prod.adapters.files import write_text
from nb2prod.errors import OutsideError, Refused, UsageError
from nb2prod.notebook.model import Cell, Notebook
from nb2prod.notebook.parse import parse
from nb2prod.notebook.tag_edits import edited_json, edited_text

_TEXT = {".py", ".md", ".Rmd", ".qmd"}
_REPAIR = "open the notebook in Jupyter and save it again"
# Kernels of other languages, for notebooks that name the kernel but not the language.
_OTHER_KERNELS = re.compile(r"(ir|ir[-_].*|julia[-_].*|bash|deno|javascript|ijava|xcpp\d*|scala|almond|gophernotes)\Z")
_CELL_ID = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")


def read_notebook(path: Path) -> Notebook:
    """The notebook at `path` (.ipynb, or jupytext's .py and .md).

    Raises UsageError for what is no Python notebook of format 4, Refused for a cell that does not parse.
    """
    return notebook_from(_document(path), path)


def notebook_from(document: dict[str, Any], path: Path) -> Notebook:
    """A parsed file that is to be converted, or an editor's document before it is saved. Raises as `read_notebook`."""
    _check_format(path, document)
    kernelspec = _mapping(_mapping(document.get("metadata")).get("kernelspec"))
    cells = [_cell(path, index, cell) for index, cell in enumerate(document["cells"])]
    notebook = Notebook(
        name=path.stem,
        file=path.name,
        cells=_with_ids(cells),
        kernel=str(kernelspec.get("name") or "python3"),
        kernel_title=str(kernelspec.get("display_name") or ""),
    )
    _check_code(path, notebook)
    return notebook


def durations(path: Path) -> dict[int, float]:
    """Seconds that cells took when they last ran, by index, as JupyterLab or papermill noted them."""
    if path.suffix != ".ipynb":
        return {}
    cells = _document(path).get("cells", ())
    found = {index: _duration(_mapping(cell.get("metadata"))) for index, cell in enumerate(cells)}
    return {index: seconds for index, seconds in found.items() if seconds is not None}


def _duration(metadata: Mapping[str, Any]) -> float | None:
    noted = _mapping(metadata.get("papermill")).get("duration")
    if isinstance(noted, int | float):
        return float(noted)
    times = _mapping(metadata.get("execution"))
    began, ended = times.get("iopub.execute_input"), times.get("shell.execute_reply")
    try:
        took = datetime.fromisoformat(str(ended)) - datetime.fromisoformat(str(began))
    except ValueError:
        return None
    return max(0.0, took.total_seconds())


def write_tags(path: Path, tags: Mapping[int, str]) -> None:
    """Add a tag to cells (by index); every other byte of the file stays.

    Raises OutsideError where the file cannot be written, Refused where its text form has no place for them.
    """
    path = path.resolve()
    if not os.access(path, os.W_OK):
        raise OutsideError(f"{path} is read-only", hint="allow writing to it; nothing was changed")
    text = _read(path)
    if path.suffix not in _TEXT:
        write_text(path, edited_json(text, tags))
        return
    document = _document(path)
    new = edited_text(text, [str(cell["cell_type"]) for cell in document["cells"]], tags, path.suffix)
    if new is None or not _differs_by(tags, document, _text_document(path, new)):
        wanted = ", ".join(f"cell {index + 1}: {tag}" for index, tag in tags.items())
        raise Refused(
            f"found no safe place for the tags in {path}; nothing was changed", hint=f"write them by hand: {wanted}"
        )
    write_text(path, new)


def _differs_by(tags: Mapping[int, str], before: dict[str, Any], after: dict[str, Any]) -> bool:
    """Whether the tags are all that changed."""

    def cells(document: dict[str, Any], more: Mapping[int, str]) -> list[tuple[str, str, list[str]]]:
        return [
            (cell["cell_type"], cell["source"], [*cell["metadata"].get("tags", []), *([more[i]] if i in more else [])])
            for i, cell in enumerate(document["cells"])
        ]

    return cells(before, tags) == cells(after, {})


def read_text_document(path: Path) -> dict[str, Any]:
    """What jupytext makes of a .py or .md. Raises UsageError where it makes nothing of it."""
    return _text_document(path, _read(path))


def _document(path: Path) -> dict[str, Any]:
    if path.suffix not in _TEXT | {".ipynb"} and not path.is_dir():
        if not path.exists():
            raise _missing(path)
        raise UsageError(f"{path} is not a notebook", hint="nb2prod reads .ipynb, and .py or .md of jupytext")
    text = _read(path)
    if path.suffix in _TEXT:
        return _text_document(path, text)
    try:
        document = json.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path} is not valid JSON: {error}", hint=_REPAIR) from error
    if not isinstance(document, dict):
        raise UsageError(f"{path} is JSON, but not a notebook: it is no mapping", hint="name a notebook")
    return document


def _read(path: Path) -> str:
    """The file's text, line ends and all."""
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not UTF-8: {error}", hint="save it again as UTF-8") from error
    except FileNotFoundError:
        raise _missing(path) from None
    except IsADirectoryError:
        raise UsageError(f"{path} is a folder", hint="name one notebook in it") from None
    except OSError as error:
        raise UsageError(
            f"cannot read {path}: {error.strerror or error}", hint="check its name and permissions"
        ) from error


def _missing(path: Path) -> UsageError:
    names = [one.name for one in path.parent.glob("*.ipynb")] if path.parent.is_dir() else []
    close = difflib.get_close_matches(path.name, names, n=1)
    hint = f"did you mean {path.parent / close[0]}?" if close else "name a notebook that is there"
    return UsageError(f"there is no file {path}", hint=hint)


def _text_document(path: Path, text: str) -> dict[str, Any]:
    try:
        import jupytext
    except ImportError as error:
        raise UsageError(
            f"{path} is a text notebook, and jupytext is not installed",
            hint="pip install 'nb2prod[jupytext]'",
        ) from error
    if path.suffix == ".py" and "# %%" not in text and "jupytext" not in text:
        raise UsageError(
            f"{path} is a Python script without cells", hint="mark its cells with `# %%`, or name a notebook"
        )
    try:
        document = dict(jupytext.reads(text, fmt={"extension": path.suffix}))
    except Exception as error:  # jupytext, its YAML header and its JSON options each raise their own kinds
        raise UsageError(
            f"jupytext cannot read {path}: {_first_line(error)}", hint="correct its header and its cells"
        ) from error
    for cell in document["cells"]:
        cell.pop("id", None)  # drawn anew at every reading: the position is what stays
    return document


def _check_format(path: Path, document: dict[str, Any]) -> None:
    version = document.get("nbformat")
    if version != 4 or not isinstance(document.get("cells"), list):
        old = isinstance(version, int) and version < 4
        what = f" but of format {version}" if isinstance(version, int) and version != 4 else ""
        missing = "" if what else ": it has no list of cells" if version == 4 else ": it does not say its format"
        raise UsageError(
            f"{path} is not a notebook of format 4{what}{missing}",
            hint="convert it with `jupyter nbconvert --to notebook --nbformat 4`" if old else _REPAIR,
        )
    metadata = _mapping(document.get("metadata"))
    for name, value in (("metadata", document.get("metadata")), ("kernelspec", metadata.get("kernelspec"))):
        if value is not None and not isinstance(value, dict):
            raise UsageError(f"the {name} of {path} is not a mapping: {_shown(value)}", hint=_REPAIR)
    kernelspec = _mapping(metadata.get("kernelspec"))
    language = kernelspec.get("language") or _mapping(metadata.get("language_info")).get("name")
    kernel = str(kernelspec.get("name") or "")
    if language and str(language).lower() not in ("python", "ipython"):
        raise UsageError(f"{path} is written in {language}", hint="nb2prod converts Python notebooks")
    if not language and _OTHER_KERNELS.match(kernel):
        raise UsageError(f"{path} is for the kernel `{kernel}`", hint="nb2prod converts Python notebooks")


def _check_code(path: Path, notebook: Notebook) -> None:
    if not notebook.code_cells:
        raise UsageError(f"{path} holds no code", hint="name a notebook with at least one code cell")
    for cell in notebook.code_cells:
        error = parse(cell.source).error
        if error is not None:
            raise Refused(
                f"{cell.label} of {path} is not valid Python: line {error[1]}: {error[0]}",
                hint="correct the cell, or make it a raw cell if it is not meant to run",
            )


def _mapping(value: Any) -> dict[str, Any]:
    return dict(value) if isinstance(value, dict) else {}


def _cell(path: Path, index: int, cell: Any) -> Cell:
    place = f"cell {index + 1} of {path}"
    if not isinstance(cell, dict):
        raise UsageError(f"{place} is not a mapping", hint=_REPAIR)
    kind, metadata = cell.get("cell_type"), cell.get("metadata", {})
    if kind not in ("code", "markdown", "raw"):
        raise UsageError(f"{place} has no known `cell_type`: {_shown(kind)}", hint=_REPAIR)
    if not isinstance(metadata, dict):
        raise UsageError(f"the metadata of {place} is not a mapping", hint=_REPAIR)
    tags = metadata.get("tags") or []
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        raise UsageError(f"the tags of {place} are not a list of texts: {_shown(tags)}", hint='write `["stage:load"]`')
    found = Cell(str(cell.get("id") or ""), index, kind, _source(place, cell.get("source", "")), tuple(tags))
    _check_tags(place, found)
    return found


def _source(place: str, source: Any) -> str:
    lines = source if isinstance(source, list) else [source]
    if not all(isinstance(line, str) for line in lines):
        raise UsageError(f"the source of {place} is not text: {_shown(source)}", hint=_REPAIR)
    text = "".join(lines)
    if not _is_text(text):
        raise UsageError(f"the source of {place} holds half a character (a lone surrogate)", hint="type it again")
    return text


def _check_tags(place: str, cell: Cell) -> None:
    twice = sorted({tag for tag in cell.tags if cell.tags.count(tag) > 1})
    if twice:
        raise UsageError(f"{place} has the tag `{_shown(twice[0])}` twice", hint="remove one of them")
    broken = [tag for tag in cell.tags if not _is_text(tag)]
    if broken:
        raise UsageError(f"a tag of {place} holds half a character (a lone surrogate)", hint="type it again")


def _is_text(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text) if not text.isascii() else True


def _shown(value: object) -> str:
    """A value from the file on one short line."""
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= 60 else text[:60] + "…"


def _with_ids(cells: Sequence[Cell]) -> tuple[Cell, ...]:
    """Formats before 4.5 have no cell ids: the position stands in for one, as for a repeated or malformed id."""
    own = {cell.id for cell in cells}
    seen: set[str] = set()
    found: list[Cell] = []
    for cell in cells:
        cell_id = cell.id if _CELL_ID.match(cell.id) and cell.id not in seen else _position_id(cell.index, own | seen)
        seen.add(cell_id)
        found.append(Cell(cell_id, cell.index, cell.kind, cell.source, cell.tags))
    return tuple(found)


def _position_id(index: int, taken: set[str]) -> str:
    name = f"cell-{index + 1}"
    while name in taken:
        name += "-x"
    return name


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)
