"""What a notebook prints, and what its pipeline prints, from scratch and without the proof's help.

The pipeline's stages run one after the other, each in a fresh process and in a folder of its own that holds what the
stage declares and nothing else: its notebook, the package's files, artifacts that *this* run made, files that it reads.
Parameters are put in as papermill does. Nothing is observed, pinned or repaired.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from composed.notebooks import Composed
from composed.warm_kernels import Servers
from nb2prod.adapters.papermill import parameterised
from nb2prod.pipeline.model import Pipeline, Stage

TIMES = re.compile(r"^(CPU times|Wall time|Compiler|.*per loop).*\n?", re.MULTILINE)
ADDRESS = re.compile(r"0x[0-9a-f]{6,16}")


@dataclass(frozen=True, slots=True)
class Ran:
    """Printed text by the notebook's cell, the error that ended it, and the files that it left (by name)."""

    printed: Mapping[int, str]
    error: str | None
    files: Mapping[str, bytes]
    stage: str = ""


def run_notebook(servers: Servers, notebook: Composed, values: Mapping[str, object], folder: Path) -> Ran:
    """Restart & Run All, in a folder that is made for it."""
    folder.mkdir(parents=True)
    notebook.write(folder)
    done = servers.run_cells(notebook.sources(values), folder)
    return Ran({number: _plain(text) for number, text in enumerate(done.cells)}, done.error, _files(folder))


def run_pipeline(
    servers: Servers,
    pipeline: Pipeline,
    files: Mapping[str, str],
    notebook: Composed,
    values: Mapping[str, object],
    folder: Path,
) -> Ran:
    """All stages in order; stops at the first that fails, as `dvc repro` does."""
    results = folder / "results"
    results.mkdir(parents=True)
    for name, text in notebook.files.items():
        (results / name).write_text(text, encoding="utf-8")
    printed: dict[int, str] = {}
    for stage in pipeline.stages:
        error = _run_stage(servers, pipeline, files, stage, values, folder / stage.name, results, printed)
        if error:
            return Ran(printed, error, {}, stage.name)
    return Ran(printed, None, _files(results))


def _run_stage(
    servers: Servers,
    pipeline: Pipeline,
    files: Mapping[str, str],
    stage: Stage,
    values: Mapping[str, object],
    tree: Path,
    results: Path,
    printed: dict[int, str],
) -> str | None:
    layout = pipeline.layout
    code = [f"{pipeline.package}/{name}.py" for name in ("__init__", "_stage", *stage.modules)]
    for path in [stage.notebook, *code]:
        _write(tree / layout.folder / path, files[f"{layout.folder}/{path}"])
    for path in [*(_at_root(layout.folder, one.path, values) for one in stage.reads), *_artifacts(pipeline, stage)]:
        _copy(results, tree, path)
    document = parameterised(files[f"{layout.folder}/{stage.notebook}"], values if pipeline.parameters else {})
    origins = _origins(stage, document)
    cells = [cell.source for cell in document.cells if cell.cell_type == "code"]
    done = servers.run_cells(cells, tree / layout.notebook_folder)
    for origin, text in zip(origins, done.cells, strict=False):
        if origin is not None:
            printed[origin] = printed.get(origin, "") + _plain(text)
    if done.error:
        return done.error
    outs = [f"{layout.folder}/{one.path}" for one in stage.outputs]
    outs += [_at_root(layout.folder, one.path, values) for one in stage.writes]
    for path in outs:
        if not (tree / path).exists():
            return f"DVC: output {path} does not exist"
        _copy(tree, results, path)
    return None


def _origins(stage: Stage, document: object) -> list[int | None]:
    """For each code cell of the parameterised stage: the notebook's cell that it is, if it is one of its own."""
    kinds = ("user", "parameters", "derived")
    found = [
        one.origin if one.kind in kinds and one.origin in stage.own_cells else None
        for one in stage.cells
        if not one.is_markdown
    ]
    code = [cell for cell in document.cells if cell.cell_type == "code"]  # type: ignore[attr-defined]
    for number, cell in enumerate(code):
        if "injected-parameters" in cell.metadata.get("tags", ()):
            found.insert(number, None)
    return found


def _artifacts(pipeline: Pipeline, stage: Stage) -> list[str]:
    return [f"{pipeline.layout.folder}/{one.path}" for one in stage.inputs]


def _at_root(folder: str, template: str, values: Mapping[str, object]) -> str:
    """A declared path as DVC would fill it in, relative to the root."""
    import posixpath

    filled = re.sub(r"\$\{(\w+)\}", lambda match: str(values[match.group(1)]), template)
    return posixpath.normpath(posixpath.join(folder, filled))


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _copy(source: Path, target: Path, path: str) -> None:
    if (source / path).is_dir():
        shutil.copytree(source / path, target / path, dirs_exist_ok=True)
    elif (source / path).exists():
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source / path, target / path)


def _files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not {"pipeline", "__pycache__"}.intersection(path.relative_to(folder).parts)
    }


def _plain(text: str) -> str:
    return ADDRESS.sub("0x", TIMES.sub("", text))


def difference(notebook: Ran, pipeline: Ran) -> str | None:
    """The first printed text, or file, that is not the notebook's; None where all agree."""
    for number, text in notebook.printed.items():
        got = pipeline.printed.get(number)
        if got is not None and got != text:
            return f"cell {number} prints {json.dumps(got)[:300]} instead of {json.dumps(text)[:300]}"
        if got is None and text:
            return f"cell {number} prints nothing instead of {json.dumps(text)[:300]}"
    for name, content in pipeline.files.items():
        if name in notebook.files and notebook.files[name] != content and not name.endswith((".db", ".sqlite")):
            return f"file {name} holds {content[:200]!r} instead of {notebook.files[name][:200]!r}"
    return None
