"""Take over prose and comments that changed: the code is the same, so nothing runs and the lock is committed anew."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from nb2prod.adapters.dvc_lock import relock
from nb2prod.adapters.files import read_text
from nb2prod.notebook.model import Notebook
from nb2prod.notebook.stages import Cut
from nb2prod.operations import preflight, surroundings
from nb2prod.operations.install import Installation, install, plan_files
from nb2prod.operations.memory import Remembered, recall, remember
from nb2prod.operations.progress import Silent
from nb2prod.operations.project import MANIFEST, Project
from nb2prod.pipeline.build import Request, build
from nb2prod.pipeline.model import Pipeline
from nb2prod.writers.generated import GeneratedFile, code_of_file


def commit_prose(project: Project, source: Notebook, cut: Cut) -> tuple[Pipeline, Installation] | None:
    """The pipeline, written again from what its conversion saw; None where that is forgotten, or code would change."""
    known = recall(project, source)
    if known is None:
        return None
    pipeline = build(_request(project, source, cut, known))
    around = surroundings.of(project, pipeline, known.observed)
    files = plan_files(project, pipeline, source, around, known.verdict, cut)
    before = {file.path: read_text(project.root / file.path) or "" for file in files}
    # How the sources were when they were last looked at is not for the last conversion to say.
    files = tuple(replace(file, text=before[file.path] or file.text) if file.renewed else file for file in files)
    if not _is_same_code(project, files, before):
        return None
    installation = install(project, pipeline, files, None, overwrite=False, progress=Silent())
    texts = {project.layout.from_pipeline(one.path): (before[one.path], one.text) for one in files}
    relock(project.folder, {path: pair for path, pair in texts.items() if pair[0] != pair[1]})
    remember(project, source, known.observed, known.repairs, known.verdict)
    return pipeline, installation


def _request(project: Project, source: Notebook, cut: Cut, known: Remembered) -> Request:
    values = preflight.current_values(project, source, cut)
    return Request(
        source,
        cut,
        project.layout,
        project.name,
        project.package,
        values,
        known.observed.tree,
        known.observed.observation,
        known.repairs,
    )


def _is_same_code(project: Project, files: Iterable[GeneratedFile], before: dict[str, str]) -> bool:
    """Whether the files on disk are these, and stages would execute just what they executed."""
    generated = [file for file in files if not (file.shared or file.offered or file.renewed)]
    held = {project.layout.from_pipeline(file.path) for file in generated}
    known = set((project.manifest or {}).get("files", ()))
    return held - {MANIFEST} == known and all(_executes_the_same(file, before[file.path]) for file in files)


def _executes_the_same(file: GeneratedFile, before: str) -> bool:
    if file.offered or file.path.endswith((".md", f"/{MANIFEST}")):
        return True
    if file.path.endswith((".ipynb", ".py")) and not file.path.endswith("/_stage.py"):
        return code_of_file(file) == code_of_file(GeneratedFile(file.path, before))
    return file.shared or file.text == before
