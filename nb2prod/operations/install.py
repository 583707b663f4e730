"""Put a proved pipeline in its place: results first, then the files, `conversion.json` last, then the lock.

A file that a person edited is not overwritten; nothing is written before that is known for all of them. While it
lasts, `conversion.json` says `unfinished`: what an interrupted conversion leaves is taken for nothing but that.
"""

from __future__ import annotations

import contextlib
import difflib
import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nb2prod.adapters import dvc
from nb2prod.adapters.files import digest, move_file, read_text, remove_empty, write_text
from nb2prod.adapters.params import updated_params
from nb2prod.errors import OutsideError, Refused
from nb2prod.notebook.model import Notebook
from nb2prod.notebook.stages import Cut
from nb2prod.operations.hand_edits import sources_of
from nb2prod.operations.preflight import load_params
from nb2prod.operations.progress import Progress
from nb2prod.operations.project import MANIFEST, Project
from nb2prod.operations.prove import Prover
from nb2prod.pipeline.model import Pipeline
from nb2prod.pipeline.verdict import Verdict
from nb2prod.writers.generated import GeneratedFile
from nb2prod.writers.manifest import manifest
from nb2prod.writers.project import Surroundings, project_files


@dataclass(frozen=True, slots=True)
class Installation:
    """What changed on disk, relative to the project's root."""

    written: tuple[str, ...]
    unchanged: int
    removed: tuple[str, ...]
    recorded: bool


def plan_files(
    project: Project,
    pipeline: Pipeline,
    notebook: Notebook,
    around: Surroundings,
    verdict: Verdict,
    cut: Cut,
) -> tuple[GeneratedFile, ...]:
    """All generated files, `conversion.json` last."""
    files = project_files(pipeline, notebook, around, verdict.state)
    facts = {"nb2prod": around.nb2prod, "python": around.environment.python}
    text = manifest(pipeline, notebook, cut, verdict, files, facts)
    return (*files, GeneratedFile(f"{pipeline.layout.folder}/{MANIFEST}", text))


def install(
    project: Project,
    pipeline: Pipeline,
    files: Sequence[GeneratedFile],
    prover: Prover | None,
    *,
    overwrite: bool,
    progress: Progress,
    unproved: Sequence[str] = (),
) -> Installation:
    """Write what changed. Raises Refused, with the differences, for files that a person edited.

    `unproved`: stages that were not run; nothing is recorded of them.
    """
    files = [_with_comments(project, file) if file.shared else file for file in files]
    if not overwrite:
        files = [file for file in files if not (file.offered and _is_edited(project, file))]
        _refuse_edited(project, files)
    removed = _remove_stale(project, pipeline, files)
    changed = [file for file in files if read_text(project.root / file.path) != file.text]
    results = prover.result_files(pipeline) if prover else []
    with _undone_on_failure(project):
        write_text(project.root / files[-1].path, _unfinished(project, files[-1].text))
        for path in results:
            assert prover is not None
            _place(prover.results / path, project.root / path)
        for file in dict.fromkeys([*changed, files[-1]]):
            write_text(project.root / file.path, file.text)
    recorded = bool(results) and project.dvc is not None
    if recorded:
        progress.phase("recording in dvc.lock")
        proved = [stage.name for stage in pipeline.stages if stage.name not in unproved] if unproved else []
        dvc.commit(project.folder, proved)
    return Installation(tuple(f.path for f in changed), len(files) - len(changed), removed, recorded)


@contextlib.contextmanager
def _undone_on_failure(project: Project) -> Iterator[None]:
    """A new folder is removed again where it cannot be filled; one that was there stays marked as unfinished."""
    is_new = project.manifest is None
    try:
        yield
    except OutsideError:
        if is_new:
            shutil.rmtree(project.folder, ignore_errors=True)
        raise


def _unfinished(project: Project, text: str) -> str:
    """`conversion.json` while the files are being written: both what is recorded and what it will be."""
    old = project.manifest or {}
    new = json.loads(text)
    known = {path: [*_known(old, path), digest] for path, digest in {**new["files"], **new["offered"]}.items()}
    parameters = {"parameters": old["parameters"]} if old else {}
    return json.dumps({**new, **parameters, "unfinished": True, "known": known}, indent=2) + "\n"


def _known(recorded: dict[str, Any], path: str | None) -> list[str]:
    """The hashes that a file has if nobody edited it."""
    tables = (recorded.get("files", {}), recorded.get("offered", {}))
    return [*recorded.get("known", {}).get(path, ()), *(table[path] for table in tables if path in table)]


def _place(source: Path, target: Path) -> None:
    """One result, unless it is there already."""
    if source.is_dir():
        for path in source.rglob("*"):
            if path.is_file():
                _place(path, target / path.relative_to(source))
    elif digest(source) != digest(target):
        move_file(source, target)


def _with_comments(project: Project, file: GeneratedFile) -> GeneratedFile:
    """`params.yaml` belongs to its readers: comments and order stay, only names and values are brought up to date."""
    current = read_text(project.root / file.path)
    if current is None:
        return file
    return GeneratedFile(file.path, updated_params(current, load_params(file.text, project.folder)), shared=True)


def _is_edited(project: Project, file: GeneratedFile) -> bool:
    """Whether the file on disk is neither what was recorded nor what is written now."""
    current = read_text(project.root / file.path)
    if current is None or current == file.text or file.shared or file.renewed or file.path.endswith(f"/{MANIFEST}"):
        return False
    if file.path.endswith(".ipynb") and sources_of(current) == sources_of(file.text):
        return False  # saved anew: what was edited is in the notebook by now
    return digest(project.root / file.path) not in _known(
        project.manifest or {}, project.layout.from_pipeline(file.path)
    )


def _refuse_edited(project: Project, files: Sequence[GeneratedFile]) -> None:
    """A file whose bytes are neither what was recorded nor what is written now was edited by a person."""
    edited = [file for file in files if _is_edited(project, file)]
    diffs = [_diff(file, read_text(project.root / file.path) or "") for file in edited]
    if diffs:
        raise Refused(
            "these files were edited, or are not nb2prod's:\n" + "\n".join(diffs),
            hint="keep your edits by moving them into the notebook, or take ours with --overwrite; nothing was changed",
        )


def _diff(file: GeneratedFile, current: str) -> str:
    lines = difflib.unified_diff(
        current.splitlines(),
        file.text.splitlines(),
        f"{file.path} (on disk)",
        f"{file.path} (converted)",
        lineterm="",
        n=1,
    )
    shown = list(lines)
    more = [f"… {len(shown) - 40} more lines"] if len(shown) > 40 else []
    return "\n".join(shown[:40] + more)


def _by_products(stage: str) -> tuple[str, ...]:
    return f"runs/{stage}.ipynb", f"metrics/{stage}.json", f"sources/{stage}.json"


def _remove_stale(project: Project, pipeline: Pipeline, files: Sequence[GeneratedFile]) -> tuple[str, ...]:
    """Remove what the last conversion wrote and this one does not, if nobody edited it."""
    old = project.manifest or {}
    keep = {project.layout.from_pipeline(file.path) for file in files}
    stale = [
        path
        for path, known in old.get("files", {}).items()
        if path not in keep and digest(project.folder / path) == known
    ]
    kept = {path for stage in pipeline.stages for path in (stage.run, *(one.path for one in stage.outputs))}
    kept |= {stage.metrics_path for stage in pipeline.stages if stage.metrics}
    kept |= {stage.sources_path for stage in pipeline.stages if stage.sources}
    made = {one["path"] for stage in old.get("stages", ()) for one in stage["outputs"]}
    made |= {path for stage in old.get("stages", ()) for path in _by_products(stage["name"])}
    stale += [path for path in sorted(made - kept) if (project.folder / path).is_file()]
    for path in stale:
        (project.folder / path).unlink()
    remove_empty({(project.folder / path).parent for path in stale})
    return tuple(stale)
