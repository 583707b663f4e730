"""What the last conversion saw, kept on this machine so that the next one need not look again.

It lies in DVC's folder for temporary files, or in the user's cache where there is no DVC: never in git, never in the
project. Whoever deletes it loses time, nothing else.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

from nb2prod.adapters import records
from nb2prod.notebook.model import Notebook
from nb2prod.operations.observe import Observed
from nb2prod.operations.project import Project
from nb2prod.pipeline.model import Repairs
from nb2prod.pipeline.moved import moved_observation, moved_repairs
from nb2prod.pipeline.verdict import Verdict
from nb2prod.writers.manifest import notebook_digests


@dataclass(frozen=True, slots=True)
class Remembered:
    """A conversion. `notebook`: without its outputs; `code`: the digest of its code."""

    notebook: Notebook
    code: str
    observed: Observed
    repairs: Repairs
    verdict: Verdict


def memory(project: Project) -> Path:
    """The folder in which a pipeline's conversions are remembered."""
    if project.dvc is not None:
        top, name = project.dvc / ".dvc" / "tmp" / "nb2prod", project.folder.relative_to(project.root).as_posix()
    else:
        top, name = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "nb2prod", str(project.folder)
    return top / "conversions" / hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()[:16]


def remember(project: Project, notebook: Notebook, observed: Observed, repairs: Repairs, verdict: Verdict) -> None:
    """Keep what a conversion saw. Raises OutsideError."""
    plain = replace(notebook, cells=tuple(replace(cell, outputs=()) for cell in notebook.cells))
    found = Remembered(plain, notebook_digests(notebook)["code"], observed, repairs, verdict)
    records.save(memory(project) / "conversion.json.gz", found)


def forget(project: Project) -> None:
    """Keep nothing of any conversion: what the notebook does now is confidential."""
    shutil.rmtree(memory(project), ignore_errors=True)


def last(project: Project) -> Remembered | None:
    """What the last conversion saw, whatever the notebook is now."""
    return records.load(memory(project) / "conversion.json.gz", Remembered)


def recall(project: Project, notebook: Notebook) -> Remembered | None:
    """What the last conversion of the same code saw, with the cells' indices of now."""
    found = last(project)
    if found is None or found.code != notebook_digests(notebook)["code"]:
        return None
    pairs = zip(found.notebook.code_cells, notebook.code_cells, strict=True)
    moves = {old.index: new.index for old, new in pairs}
    observation = moved_observation(found.observed.observation, moves)
    observed = replace(found.observed, observation=observation)
    return replace(found, notebook=notebook, observed=observed, repairs=moved_repairs(found.repairs, moves))
