"""Read whatever a notebook file holds, for checking: what is malformed in it is left out, not refused."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from nb2prod.errors import UsageError
from nb2prod.notebook.model import Cell, Notebook, Output

TEXT = {".py", ".md", ".Rmd", ".qmd"}
_OTHER_KERNELS = re.compile(r"(ir|ir[-_].*|julia[-_].*|bash|deno|javascript|ijava|xcpp\d*|scala|almond|gophernotes)\Z")
_REPAIR = "open the notebook in Jupyter and save it again"


def read_document(path: Path) -> Notebook:
    """The notebook at `path`. Raises UsageError where there is no notebook to be made out."""
    if path.suffix in TEXT:
        from nb2prod.adapters.notebooks import read_text_document

        return notebook_of(read_text_document(path), path)
    try:
        text = path.read_bytes().decode("utf-8-sig")
        document = json.loads(text)
    except FileNotFoundError:
        raise UsageError(f"there is no file {path}", hint="name a notebook that is there") from None
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror or error}", hint="check its permissions") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path} is not valid JSON: {error}", hint=_REPAIR) from error
    return notebook_of(document, path)


def notebook_of(document: Any, path: Path) -> Notebook:
    """The records of a parsed file. Raises UsageError for what is not a notebook of format 3 or 4."""
    cells = _cells(document)
    if cells is None:
        raise UsageError(f"{path} is JSON, but not a notebook: it has no list of cells", hint=_REPAIR)
    metadata = _mapping(document.get("metadata"))
    kernelspec = _mapping(metadata.get("kernelspec"))
    return Notebook(
        name=path.stem,
        file=path.name,
        cells=tuple(_cell(index, cell) for index, cell in enumerate(cells)),
        kernel=_text(kernelspec.get("name")) or "python3",
        kernel_title=_text(kernelspec.get("display_name")),
        language_version=_text(_mapping(metadata.get("language_info")).get("version")),
        language=_language(kernelspec, _mapping(metadata.get("language_info"))),
    )


def _cells(document: Any) -> list[Any] | None:
    if not isinstance(document, dict):
        return None
    cells = document.get("cells")
    sheets = document.get("worksheets")
    if cells is None and isinstance(sheets, list):
        cells = [cell for sheet in sheets for cell in _list(_mapping(sheet).get("cells"))]
    return cells if isinstance(cells, list) else None


def _language(kernelspec: dict[str, Any], info: dict[str, Any]) -> str:
    named = (_text(info.get("name")) or _text(kernelspec.get("language"))).lower()
    kernel = _text(kernelspec.get("name"))
    if named in ("", "ipython", "python"):
        return kernel.lower() if not named and _OTHER_KERNELS.match(kernel) else "python"
    return named


def _cell(index: int, cell: Any) -> Cell:
    found = _mapping(cell)
    count = found.get("execution_count", found.get("prompt_number"))
    tags = _list(_mapping(found.get("metadata")).get("tags"))
    return Cell(
        id=_text(found.get("id")) or f"cell-{index + 1}",
        index=index,
        kind=_text(found.get("cell_type")) or "raw",
        source=_joined(found.get("source", found.get("input"))),
        tags=tuple(tag for tag in tags if isinstance(tag, str)),
        count=count if isinstance(count, int) and not isinstance(count, bool) else None,
        outputs=tuple(_output(one) for one in _list(found.get("outputs"))),
    )


def _output(output: Any) -> Output:
    found = _mapping(output)
    kind = _text(found.get("output_type"))
    if kind == "stream":
        parts = [(_text(found.get("name")) or "stdout", found.get("text"))]
    elif kind in ("error", "pyerr"):
        parts = [("error", f"{_text(found.get('ename'))}: {_text(found.get('evalue'))}")]
        parts.append(("traceback", [f"{line}\n" for line in _list(found.get("traceback"))]))
    else:
        parts = list(_mapping(found.get("data")).items())
    return Output(kind, tuple((_text(name), _part(text)) for name, text in parts))


def _part(value: Any) -> str:
    lines = value if isinstance(value, list) else [value]
    try:
        return _encodable("".join(lines))
    except TypeError:  # there is something else than text among them
        return json.dumps(value)


def _joined(value: Any) -> str:
    lines = value if isinstance(value, list) else [value]
    try:
        return _encodable("".join(lines))
    except TypeError:
        return _encodable("".join(line for line in lines if isinstance(line, str)))


def _encodable(text: str) -> str:
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
