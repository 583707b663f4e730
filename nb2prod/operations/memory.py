"""What the last conversion saw, kept on this machine so that the next one need not look again.

It lies in DVC's folder for temporary files, or in the user's cache where there is no DVC: never in git, never in the
project. Whoever deletes it loses time, nothing else.
"""

from __future__ import annotations

import hashlib
import os
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
    """A conversion. `code`: the digest of the notebook's code; `cells`: the indices of its code cells."""

    code: str
    cells: tuple[int, ...]
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
    cells = tuple(cell.index for cell in notebook.code_cells)
    found = Remembered(notebook_digests(notebook)["code"], cells, observed, repairs, verdict)
    records.save(memory(project) / "conversion.json.gz", found)


def recall(project: Project, notebook: Notebook) -> Remembered | None:
    """What the last conversion of the same code saw, with the cells' indices of now."""
    found = records.load(memory(project) / "conversion.json.gz", Remembered)
    cells = tuple(cell.index for cell in notebook.code_cells)
    if found is None or found.code != notebook_digests(notebook)["code"] or len(found.cells) != len(cells):
        return None
    moves = dict(zip(found.cells, cells, strict=True))
    observation = moved_observation(found.observed.observation, moves)
    observed = replace(found.observed, observation=observation)
    return replace(found, cells=cells, observed=observed, repairs=moved_repairs(found.repairs, moves))
