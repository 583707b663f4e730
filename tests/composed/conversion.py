"""`convert` without what surrounds it: no git, no DVC, no requirements, nothing installed into a project.

What decides about the pipeline is the product's own: the same call that `convert` makes for analysis, observed run and
proof. Left out are `find_project` (which asks git and DVC), `preflight.check`, the kernel's list of distributions (a
quarter of a second for a file that is not looked at here), and the installation.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from unittest import mock

from nb2prod.adapters.kernels import Session, stage_file
from nb2prod.adapters.notebooks import read_notebook
from nb2prod.errors import Nb2prodError
from nb2prod.notebook.model import Notebook
from nb2prod.operations import convert, proving
from nb2prod.operations.progress import Silent
from nb2prod.operations.project import Project
from nb2prod.operations.stages import stages_of
from nb2prod.pipeline.model import Pipeline, Repairs
from nb2prod.pipeline.observation import Observation
from nb2prod.pipeline.program import Program, read_program
from nb2prod.pipeline.repair import next_repair
from nb2prod.pipeline.verdict import Verdict
from nb2prod.writers.dvc_yaml import dvc_yaml
from nb2prod.writers.project import stage_files

NOTHING = {"python": "3", "markers": {}, "distributions": [], "imported": [], "process": {}, "conda": [], "indexes": []}


@dataclass(slots=True)
class Converted:
    """What came of it: a pipeline with its verdict and files, or the refusal."""

    pipeline: Pipeline | None = None
    verdict: Verdict | None = None
    refusal: Nb2prodError | None = None
    files: Mapping[str, str] = field(default_factory=dict)
    results: Mapping[str, bytes] = field(default_factory=dict)
    program: Program | None = None
    observation: Observation | None = None
    repairs: list[str] = field(default_factory=list)
    found_inputs: set[tuple[str, str]] = field(default_factory=set)


class _Notes(Silent):
    def __init__(self) -> None:
        self.texts: list[str] = []

    def note(self, text: str) -> None:
        if not text.startswith("to run: "):  # the forecast is no repair
            self.texts.append(text)


def convert_only(path: Path) -> Converted:
    """Convert the notebook; a refusal is an answer, any other error is a fault of ours and is raised."""
    source = read_notebook(path)
    project = Project(path.parent, path, path.parent / "pipeline", None, None)
    cut, _ = stages_of(source)
    done = Converted()
    notes = _Notes()

    def noted(*args: object) -> Repairs | None:
        found = next_repair(*args)  # type: ignore[arg-type]
        done.found_inputs |= found.inputs if found else set()
        return found

    with (
        tempfile.TemporaryDirectory(prefix="composed-") as scratch,
        mock.patch.object(Session, "environment", lambda _: NOTHING),
        mock.patch.object(proving, "next_repair", noted),
    ):
        try:
            pipeline, proved, observed, prover = convert._build_and_prove(
                project, source, cut, Path(scratch), True, False, notes, proving.Extent()
            )
        except Nb2prodError as error:
            done.refusal = error
        else:
            assert proved is not None and observed is not None and prover is not None
            done.pipeline, done.verdict = pipeline, proved.verdict
            done.observation, done.program = observed.observation, read_program(source, cut)
            done.files = _files(pipeline, source)
            done.results = {
                name: (prover.results / name).read_bytes()
                for name in prover.result_files(pipeline)
                if "/runs/" not in name and (prover.results / name).is_file()
            }
    done.repairs = notes.texts
    return done


def _files(pipeline: Pipeline, source: Notebook) -> dict[str, str]:
    module = stage_file().read_text(encoding="utf-8")
    files = {one.path: one.text for one in stage_files(pipeline, source, module)}
    return {**files, f"{pipeline.layout.folder}/dvc.yaml": dvc_yaml(pipeline)}
