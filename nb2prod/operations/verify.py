"""`nb2prod verify`: notebook and pipeline, both run at the current `params.yaml`, compared again."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from nb2prod.adapters.files import read_text
from nb2prod.adapters.notebooks import read_notebook
from nb2prod.errors import Stale
from nb2prod.notebook.model import Notebook
from nb2prod.operations import preflight
from nb2prod.operations.consent import Ask, consent
from nb2prod.operations.observe import observe
from nb2prod.operations.progress import Progress, Silent
from nb2prod.operations.project import Project, pipeline_folder
from nb2prod.operations.prove import Prover
from nb2prod.operations.proving import prove_pipeline
from nb2prod.operations.stages import stages_of
from nb2prod.operations.staleness import staleness
from nb2prod.pipeline.build import Request, build
from nb2prod.pipeline.model import Pipeline
from nb2prod.pipeline.parameters import checked
from nb2prod.pipeline.program import literal_parameters, read_program
from nb2prod.pipeline.verdict import Verdict
from nb2prod.writers.project import stage_files


@dataclass(frozen=True, slots=True)
class Verification:
    """The verdict, at these parameters."""

    project: Project
    verdict: Verdict
    parameters: dict[str, object]


def verify(
    folder: str | Path = ".",
    *,
    allow_network: bool = False,
    ask: Ask | None = None,
    progress: Progress | None = None,
) -> Verification:
    """Run the notebook and every stage in fresh kernels and compare. Writes nothing.

    `allow_network`, `ask`: as for `convert`. Raises Stale where the stages on disk are not those that the notebook
    gives.
    """
    progress = progress or Silent()
    project = pipeline_folder(Path(folder))
    source = _with_kernel(project, read_notebook(project.notebook))
    found = staleness(project, source)
    if not found.is_current and not found.only_results and "never proved" not in found.reason:
        raise Stale(f"the pipeline in {project.folder} is stale: {found.reason}", hint="convert the notebook again")
    network = consent(source, project.notebook.parent, progress, allowed=allow_network, ask=ask)
    cut, _ = stages_of(source)
    values = _values(project, source, cut.parameters)
    with tempfile.TemporaryDirectory(prefix="nb2prod-") as scratch:
        request = Request(
            source, cut, project.layout, project.name, project.package, values, preflight.project_tree(project)
        )
        planned = build(request)
        program = replace(read_program(source, cut), parameters=planned.parameters)
        progress.phase(f"notebook {source.file}")
        observed = observe(project, source, program, project.package, Path(scratch), progress, network=network)
        request = replace(request, observation=observed.observation, tree=observed.tree)
        prover = Prover(project, source, observed, Path(scratch), progress, network=network)
        proved = prove_pipeline(project, request, prover, progress)
        _check_same_stages(project, proved.pipeline)
    return Verification(project, proved.verdict, values)


def _with_kernel(project: Project, source: Notebook) -> Notebook:
    """The kernel that the stages name: `convert --kernel` may have chosen another than the notebook's."""
    import json

    manifest = project.manifest or {}
    first = manifest["stages"][0]["name"]
    text = read_text(project.folder / "stages" / f"{first}.ipynb")
    kernel = json.loads(text or "{}").get("metadata", {}).get("kernelspec", {}).get("name")
    return replace(source, kernel=str(kernel)) if kernel else source


def _values(project: Project, source: Notebook, parameters: int | None) -> dict[str, object]:
    if parameters is None:
        return {}
    defaults = {one.name: one.value for one in literal_parameters(source.cells[parameters])}
    current = preflight.load_params(read_text(project.folder / "params.yaml") or "", project.folder)
    return {name: checked(name, current.get(name, default), default) for name, default in defaults.items()}


def _check_same_stages(project: Project, pipeline: Pipeline) -> None:
    """What was proved must be what lies on disk."""
    module = read_text(project.folder / pipeline.package / "_stage.py") or ""
    ours = {file.path: file.text for file in stage_files(pipeline, read_notebook(project.notebook), module)}
    for path, text in ours.items():
        if path.endswith(".ipynb") and read_text(project.root / path) != text:
            raise Stale(
                f"{path} would be another at these parameters: the pipeline on disk was not proved for them",
                hint="convert the notebook again with these parameters in params.yaml",
            )
