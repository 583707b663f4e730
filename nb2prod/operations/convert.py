"""`nb2prod convert`: a notebook becomes a pipeline that was proved to give the same.

Read this file from top to bottom to know the product.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from nb2prod.adapters.dvc_lock import cached
from nb2prod.adapters.notebooks import read_notebook
from nb2prod.errors import Different, Stale, UsageError
from nb2prod.notebook.model import Notebook
from nb2prod.notebook.stages import Cut
from nb2prod.operations import preflight, setting, surroundings
from nb2prod.operations.consent import Ask, connections, consent
from nb2prod.operations.cycles import refuse_cycle
from nb2prod.operations.forecast import forecast
from nb2prod.operations.hand_edits import refuse_edited
from nb2prod.operations.install import Installation, install, plan_files
from nb2prod.operations.kept import Proofs
from nb2prod.operations.memory import forget, memory, remember
from nb2prod.operations.observe import Observed, observe
from nb2prod.operations.progress import Progress, Silent
from nb2prod.operations.project import Project, find_project
from nb2prod.operations.prose import commit_prose
from nb2prod.operations.prove import Prover
from nb2prod.operations.proving import Extent, Proved, prove_pipeline
from nb2prod.operations.segments import Segments
from nb2prod.operations.stages import stages_of
from nb2prod.operations.staleness import Staleness, staleness
from nb2prod.operations.upgraded import upgraded
from nb2prod.pipeline.build import Request, build
from nb2prod.pipeline.model import Merge, Pipeline
from nb2prod.pipeline.program import read_program
from nb2prod.pipeline.verdict import NOT_RUN, UNVERIFIED, Verdict


@dataclass(frozen=True, slots=True)
class Conversion:
    """What `convert` did: the pipeline, its verdict, and what was written."""

    project: Project
    pipeline: Pipeline | None
    verdict: Verdict
    installation: Installation | None
    notes: tuple[str, ...] = ()

    @property
    def merges(self) -> tuple[Merge, ...]:
        """Tagged stages that run as one."""
        return self.pipeline.merges if self.pipeline else ()


def convert(
    notebook: str | Path,
    out: str | Path | None = None,
    *,
    run: bool = True,
    init: bool = False,
    overwrite: bool = False,
    kernel: str | None = None,
    allow_network: bool = False,
    ask: Ask | None = None,
    budget: float | None = None,
    trust: Sequence[str] = (),
    progress: Progress | None = None,
) -> Conversion:
    """Convert a notebook into a pipeline in `out` (default: `pipeline` beside it).

    `run=False` writes the pipeline unproved; `budget`: seconds for the proof, stages beyond it stay unproved;
    `trust`: stages that are not run in the proof.
    `allow_network`: the notebook may contact others; `ask` is asked where it is needed and not given.
    Raises UsageError and Refused for what cannot be converted, CellFailed where a cell of the notebook raises,
    Different where no pipeline gives what the notebook gives. Nothing is written unless the whole conversion succeeded.
    """
    progress = progress or Silent()
    source = read_notebook(Path(notebook))
    source = replace(source, kernel=kernel) if kernel else source
    project = find_project(Path(notebook), Path(out) if out else None)
    cut, notes = stages_of(source)
    _expect_stages(cut, trust)
    notes += setting.found(project, init=init)
    up_to_date = staleness(project, source)
    anew = upgraded(project) if run and up_to_date.is_current else ""
    if anew:
        notes += (f"proved anew, since the interpreter has {anew}",)
    elif run and up_to_date.is_current and not (init and None in (project.git, project.dvc)):
        return Conversion(project, None, up_to_date.verdict, None, (*notes, "nothing changed since it was proved"))
    if run and up_to_date.only_prose and (committed := commit_prose(project, source, cut)):
        pipeline, installation = committed
        notes += (f"{up_to_date.reason}: taken over, nothing was run",)
        return Conversion(project, pipeline, up_to_date.verdict, installation, notes)
    preflight.check(project, source, cut, run=run)
    if not overwrite:
        refuse_edited(project, source)
    if run:
        allow_network = consent(source, project.notebook.parent, progress, allowed=allow_network, ask=ask)
    else:
        notes += connections(source, project.notebook.parent)
    with tempfile.TemporaryDirectory(prefix="nb2prod-") as scratch:
        pipeline, proved, observed, prover = _build_and_prove(
            project, source, cut, Path(scratch), run, allow_network, progress, Extent(budget, tuple(trust))
        )
        if proved is not None and proved.verdict.state == "different":
            raise _refusal(proved, source, cut)
        verdict = proved.verdict if proved else Verdict(UNVERIFIED, (), NOT_RUN)
        around = surroundings.of(project, pipeline, observed)
        files = plan_files(project, pipeline, source, around, verdict, cut)
        project = setting.initialise(project) if init else project
        unproved = proved.unproved if proved else ()
        installation = install(
            project, pipeline, files, prover, overwrite=overwrite, progress=progress, unproved=unproved
        )
        if proved is not None and observed is not None and prover is not None:
            if observed.is_confidential:
                forget(project)
            else:
                remember(project, source, observed, proved.repairs, verdict)
            prover.settle(cached(project.folder, project.dvc))
    return Conversion(
        project, pipeline, verdict, installation, (*notes, *pipeline.notes, *setting.unheld(project, pipeline))
    )


def _expect_stages(cut: Cut, names: Sequence[str]) -> None:
    known = [*(stage.name for stage in cut.stages), *([cut.report_name] if cut.report else [])]
    for name in names:
        if name not in known:
            raise UsageError(f"there is no stage `{name}`", hint=f"there are: {', '.join(known)}")


def check_conversion(notebook: str | Path, out: str | Path | None = None) -> tuple[Project, Staleness]:
    """`convert --check`: raises Stale unless the pipeline computes what the notebook computes now. Runs nothing."""
    source = read_notebook(Path(notebook))
    project = find_project(Path(notebook), Path(out) if out else None)
    if project.manifest is None:
        raise UsageError(f"{project.folder} holds no pipeline yet", hint="convert the notebook first")
    found = staleness(project, source)
    if not found.is_current and not found.only_prose:
        command = f"run {project.folder}" if found.only_results else f"convert {notebook} --out {project.folder}"
        raise Stale(f"the pipeline in {project.folder} is stale: {found.reason}", hint=f"nb2prod {command}")
    return project, found


def _build_and_prove(
    project: Project,
    source: Notebook,
    cut: Cut,
    scratch: Path,
    run: bool,
    network: bool,
    progress: Progress,
    extent: Extent,
) -> tuple[Pipeline, Proved | None, Observed | None, Prover | None]:
    """Analysis first, then one observed run, then the proof with its repairs."""
    values = preflight.current_values(project, source, cut)
    tree = preflight.project_tree(project)
    request = Request(source, cut, project.layout, project.name, project.package, values, tree)
    planned = build(request)
    preflight.check_files(project, planned)
    refuse_cycle(project, planned)
    if not run:
        return planned, None, None, None
    progress.note(forecast(project, source).sentence())
    program = replace(read_program(source, cut), parameters=planned.parameters)
    # What a segment read from others would be as old as it is: where the network is open, all of them are run.
    segments = Segments(None if network else memory(project) / "segments")
    while True:
        progress.phase(f"notebook {source.file}")
        observed = observe(project, source, program, project.package, scratch, progress, segments, network=network)
        seen = replace(request, observation=observed.observation, tree=observed.tree)
        proofs = None if observed.is_confidential else Proofs(memory(project) / "proofs", project.root)
        prover = Prover(project, source, observed, scratch, progress, proofs, network=network)
        proved = prove_pipeline(project, seen, prover, progress, extent)
        if proved.verdict.state != "different" or not segments.has_put_back:
            break
        segments.forget()  # they may be what differs
        shutil.rmtree(prover.results, ignore_errors=True)
    preflight.check_files(project, proved.pipeline)
    refuse_cycle(project, proved.pipeline)
    segments.settle()
    return proved.pipeline, proved, observed, prover


def _refusal(proved: Proved, source: Notebook, cut: Cut) -> Different:
    skipped = ", ".join(source.cells[index].label for index in cut.skipped if source.cells[index].is_code)
    remedy = f"remove the tag `skip` from {skipped}, or " if skipped else ""
    lines = [difference.sentence() for difference in proved.verdict.differences[:5]]
    return Different(
        "no pipeline was found that gives what the notebook gives:\n  " + "\n  ".join(lines or [proved.verdict.reason]),
        hint=f"nothing was written; {remedy}run the notebook twice with Restart & Run All and compare these places",
    )
