"""What a pipeline's stages import, read from their files: for the warm process to import once."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nb2prod.adapters.files import read_text

_IMPORT = re.compile(
    r"^[ \t]*(?:import[ \t]+(?P<names>[\w. ,\t]+)"
    r"|from[ \t]+(?P<module>[\w.]+)[ \t]+import[ \t(]+(?P<what>[\w ,\t]*))",
    re.MULTILINE,
)
# What `_stage.py` imports to read and write these formats.
_PARQUET = ("pandas", "pyarrow.parquet", "pyarrow.dataset")
_FORMATS = {"parquet": _PARQUET, "column": _PARQUET, "npy": ("numpy",)}


@dataclass(frozen=True, slots=True)
class Needs:
    """The kernels that the stages ask for, and the modules that they import, in the order of the stages."""

    kernels: tuple[str, ...]
    modules: tuple[str, ...]


def read_needs(folder: Path, manifest: Mapping[str, Any], single: str | None = None) -> Needs:
    """Of all stages of the pipeline in `folder`, or a single one. A wrong guess costs time, never a result."""
    kernels: dict[str, None] = {}
    modules: dict[str, None] = {}
    artifacts = {one["path"]: one for stage in manifest.get("stages", ()) for one in stage.get("outputs", ())}
    for stage in manifest.get("stages", ()):
        if single not in (None, stage["name"]):
            continue
        kernel, source = _notebook(folder / "stages" / f"{stage['name']}.ipynb")
        kernels |= dict.fromkeys(kernel)
        modules |= dict.fromkeys(imported(source))
        crossing = [*(artifacts.get(path, {}) for path in stage.get("inputs", ())), *stage.get("outputs", ())]
        modules |= dict.fromkeys(name for one in crossing for name in _stored(one))
    for path in sorted((folder / str(manifest.get("package", "stages"))).glob("*.py")):
        if path.name != "_stage.py":
            modules |= dict.fromkeys(imported(read_text(path) or ""))
    return Needs(tuple(kernels), tuple(modules))


def _notebook(path: Path) -> tuple[list[str], str]:
    try:
        document = json.loads(read_text(path) or "{}")
        name = document.get("metadata", {}).get("kernelspec", {}).get("name")
        cells = [cell["source"] for cell in document.get("cells", ()) if cell["cell_type"] == "code"]
    except (ValueError, KeyError, AttributeError):
        return [], ""
    return ([str(name)] if name else []), "\n".join("".join(cell) for cell in cells)


def imported(source: str) -> Iterator[str]:
    """The modules that code names in import statements; of `from a import b` both `a` and `a.b`."""
    for found in _IMPORT.finditer(source):
        if found["names"]:
            yield from (name.split()[0] for name in found["names"].split(",") if name.split())
        elif not found["module"].startswith("."):
            yield found["module"]
            yield from (f"{found['module']}.{name.split()[0]}" for name in found["what"].split(",") if name.split())


def _stored(artifact: Mapping[str, Any]) -> Iterator[str]:
    """The modules that reading or writing it takes."""
    yield from _FORMATS.get(str(artifact.get("format")), ())
    yield from (str(kind).rpartition(".")[0] for kind in artifact.get("types", ()) if "." in str(kind))
