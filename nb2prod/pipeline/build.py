"""Cut notebook + facts + observation → Pipeline."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from nb2prod.dataflow.facts import Names, compose
from nb2prod.dataflow.secret_names import asks_for_passwords, environment_names, is_ordinary
from nb2prod.errors import Refused
from nb2prod.notebook.model import Notebook
from nb2prod.notebook.stages import Cut
from nb2prod.pipeline.caches import check_caches
from nb2prod.pipeline.crossings import Analysis, Crossings, Inseparable, find_crossings
from nb2prod.pipeline.files import StageFiles, as_file, find_files
from nb2prod.pipeline.guards import absent, apart, present, settings, still, watched, watched_from
from nb2prod.pipeline.lifting import Lifted, lifted_cells, modules, used_modules
from nb2prod.pipeline.model import Artifact, Layout, Parameter, Pipeline, Predict, Repairs, Stage
from nb2prod.pipeline.observation import Mark, Observation, Source
from nb2prod.pipeline.own_modules import (
    check_changes,
    holds_still,
    names_of_modules,
    set_again,
    without_their_setters,
)
from nb2prod.pipeline.predicting import Wanted, predict_module, wanted_by_predict
from nb2prod.pipeline.program import Program, read_program
from nb2prod.pipeline.reasons import made_in, needs
from nb2prod.pipeline.report import StaysInPlace, check_report, without_report
from nb2prod.pipeline.stage_cells import stage_cells
from nb2prod.pipeline.weight import heavy

_SCALARS = re.compile(
    r"(builtins\.)?(bool|int|float|str|dict)\Z|numpy\.\w+\Z|collections\.(OrderedDict|defaultdict|Counter)\Z"
)

NO_REPAIRS = Repairs()


@dataclass(frozen=True, slots=True)
class Request:
    """What a pipeline is built from. `tree`: the project's files (relative to its root) before the run."""

    notebook: Notebook
    cut: Cut
    layout: Layout
    name: str
    package: str
    values: dict[str, object]
    tree: frozenset[str]
    observation: Observation | None = None
    repairs: Repairs = NO_REPAIRS


def build(request: Request) -> Pipeline:
    """The pipeline, with stages merged where nothing else is faithful. Raises Refused where nothing is."""
    cut, repairs, reason = without_report(request.cut, request.repairs)
    notes = [f"the cells tagged `report` stay in their stages: {reason}"] if reason else []
    while True:
        program = read_program(request.notebook, cut, repairs.merges)
        program = replace(program, parameters=_with_values(program.parameters, request.values))
        try:
            pipeline = _build(request, program, repairs)
            return replace(pipeline, notes=(*notes, *pipeline.notes))
        except StaysInPlace as stays:
            cut = cut.with_back((stays.cell,))
            label = request.notebook.cells[stays.cell].label
            notes.append(f"{label}, tagged `report`, stays in its stage: {stays.reason}")
        except Inseparable as cannot:
            if cut.report and cannot.last == len(program.stages) - 1:
                cut = cut.with_back(cut.report)
                notes.append(f"the cells tagged `report` stay in their stages: {cannot.reason}")
                continue
            merge = (program.tagged[cannot.first][0], program.tagged[cannot.last][-1], cannot.reason)
            repairs = replace(repairs, merges=(*repairs.merges, merge))


def _with_values(parameters: tuple[Parameter, ...], values: dict[str, object]) -> tuple[Parameter, ...]:
    return tuple(Parameter(one.name, values.get(one.name, one.value)) for one in parameters)


def _build(request: Request, program: Program, repairs: Repairs) -> Pipeline:
    own_modules = names_of_modules(program, request.observation, request.layout, request.tree)
    program = without_their_setters(program, own_modules)
    analysis = Analysis(program, request.observation, repairs)
    _refuse_skipped(analysis)
    check_report(analysis)
    check_caches(analysis)
    lifted = lifted_cells(program, repairs.unlifted)
    wanted = wanted_by_predict(analysis, lifted)
    crossings = find_crossings(analysis, wanted.values if wanted else None)
    check_changes(analysis, crossings, own_modules)
    files = find_files(analysis, crossings, request.layout, request.tree)
    artifacts = _artifacts(analysis, crossings, repairs)
    stages = tuple(
        _stage(request, analysis, crossings, files[number], lifted, artifacts, number, own_modules)
        for number in range(analysis.count)
    )
    return Pipeline(
        name=request.name,
        package=request.package,
        layout=request.layout,
        kernel=request.notebook.kernel,
        kernel_title=request.notebook.kernel_title,
        parameters=program.parameters,
        stages=stages,
        modules=modules(program, lifted),
        merges=program.merges,
        notes=(
            *_outside_notes(program, files),
            *_absent_notes(analysis, request.tree),
            *_predict_notes(program, wanted),
        ),
        predict=_predict(request, program, wanted, artifacts) if wanted else None,
        boundaries=heavy(stages, request.observation.seconds) if request.observation else (),
    )


def _predict(
    request: Request, program: Program, wanted: Wanted, artifacts: dict[tuple[int, tuple[str, ...]], Artifact]
) -> Predict:
    holding = {
        name: artifact
        for (producer, names), artifact in artifacts.items()
        for name in names
        if wanted.values.get(name) == producer
    }
    return predict_module(program, wanted, request.package, holding)


def _predict_notes(program: Program, wanted: Wanted | None) -> Iterator[str]:
    if wanted and wanted.why:
        yield f"{program.cell(wanted.cell).label} (tagged `predict`) stays in the notebook: {wanted.why}"


def _outside_notes(program: Program, files: list[StageFiles]) -> Iterator[str]:
    """Files outside the project: the pipeline uses them as the notebook does, and nobody records them."""
    for stage, found in zip(program.stages, files, strict=True):
        for path in sorted(path for path in found.writes if path.startswith("/")):
            yield f"stage `{stage.name}` writes {path}, outside the project: DVC does not keep it"
        for path in sorted(path for path in found.reads if path.startswith("/")):
            yield f"stage `{stage.name}` reads {path}, outside the project: the pipeline runs only where it is"


def _absent_notes(analysis: Analysis, tree: frozenset[str]) -> Iterator[str]:
    """Files that the code names and asks for, and that are not there: DVC knows of no file that may come."""
    made = {path for stage in range(analysis.count) for path in analysis.writes(stage)}
    for number, stage in enumerate(analysis.program.stages):
        source = "\n".join(analysis.program.cell(index).source for index in stage.cells)
        folders = {folder for mark, _ in analysis.observed[number] for folder in mark.folders}
        asked = {path for mark, _ in analysis.observed[number] for path in mark.probed} - tree - made - folders
        for path in sorted(path for path in asked if path.rpartition("/")[2] in source):
            yield f"stage `{stage.name}` asks whether {path} is there, and it is not: convert again when you add it"


def _artifacts(
    analysis: Analysis, crossings: Crossings, repairs: Repairs
) -> dict[tuple[int, tuple[str, ...]], Artifact]:
    found: dict[tuple[int, tuple[str, ...]], Artifact] = {}
    taken: set[str] = set()
    for producer, groups in crossings.outputs.items():
        for names in groups:
            artifact = replace(
                _artifact(analysis, producer, names, repairs),
                size=_size(analysis, producer, names),
                stored=_stored(analysis, producer, names),
                made_in=made_in(analysis, producer, names),
                needs=tuple(needs(analysis, crossings, producer, names)),
            )
            while artifact.path.lower() in taken:
                artifact = replace(artifact, number=artifact.number + 1)
            taken.add(artifact.path.lower())
            found[(producer, names)] = artifact
    return found


def _size(analysis: Analysis, producer: int, names: tuple[str, ...]) -> int | None:
    sizes = [value.size for name in names if (value := analysis.variable(name, producer)) and value.size is not None]
    return sum(sizes) if sizes else None


def _stored(analysis: Analysis, producer: int, names: tuple[str, ...]) -> int | None:
    """Names that travel together have one file."""
    found = (analysis.variable(name, producer) for name in names)
    return max((value.stored for value in found if value and value.stored is not None), default=None)


def _artifact(analysis: Analysis, producer: int, names: tuple[str, ...], repairs: Repairs) -> Artifact:
    stage = analysis.program.stages[producer].name
    values = [analysis.variable(name, producer) for name in names]
    types = tuple(value.type if value else "" for value in values)
    if names[0].startswith("$rng:"):
        return Artifact(names, stage, "random", types, "the generator goes on where it was")
    if len(names) > 1:
        return Artifact(names, stage, "pickle", types, "they share objects, so they travel in one file")
    value = values[0]
    if repairs.pickled.intersection(names):
        return Artifact(names, stage, "pickle", types, "the typed format changed a later result; pickled instead")
    if value is None or value.format is None:
        return Artifact(names, stage, "pickle", types, "not observed" if value is None else "")
    return Artifact(names, stage, value.format, types, value.why)


def _stage(
    request: Request,
    analysis: Analysis,
    crossings: Crossings,
    files: StageFiles,
    lifted: dict[int, Lifted],
    artifacts: dict[tuple[int, tuple[str, ...]], Artifact],
    number: int,
    own_modules: Names,
) -> Stage:
    program, layout = analysis.program, request.layout
    own = program.stages[number]
    inputs = tuple(artifacts[key] for key in crossings.inputs[number])
    outputs = tuple(artifacts[(number, names)] for names in crossings.outputs[number])
    metrics = _metrics(analysis, number)
    held, held_from = settings(analysis, number)
    stage = Stage(
        name=own.name,
        tagged=program.tagged[number],
        cells=(),
        own_cells=own.cells,
        inputs=inputs,
        outputs=outputs,
        parameters=_parameters(analysis, crossings, number),
        modules=(),
        reads=tuple(as_file(layout, path, text) for path, text in sorted(files.reads.items())),
        writes=tuple(as_file(layout, path, text) for path, text in sorted(files.writes.items()) if path[0] != "/"),
        metrics=metrics,
        watched=watched(analysis, crossings, number),
        watched_from=watched_from(analysis, crossings, number),
        apart=apart(analysis, crossings, number),
        absent=absent(analysis, crossings, number),
        present=present(analysis, crossings, number),
        settings=held,
        still=still(analysis, crossings, number),
        settings_from=held_from,
        written_names=_compared_names(analysis, crossings, number),
        folders=_folders(request, analysis, files, number),
        modules_from=layout.from_notebook(".") if holds_still(analysis, crossings, number, own_modules) else "",
        set_again=set_again(analysis, crossings, number),
        sources=_read_from_others(request, own.cells),
        secrets=_secrets(request),
        asks=asks_for_passwords(cell.source for cell in request.notebook.code_cells),
    )
    cells, imported = stage_cells(request.package, layout, program, stage, crossings.replayed[number], lifted)
    return replace(stage, cells=cells, modules=used_modules(lifted, program, imported))


def _secrets(request: Request) -> tuple[str, ...]:
    """Environment variables that the notebook was seen to read; before it was run, those that its text names."""
    if request.observation:
        return tuple(sorted(request.observation.secrets))
    named = environment_names(cell.source for cell in request.notebook.code_cells)
    return tuple(sorted(name for name in named if not is_ordinary(name)))


def _read_from_others(request: Request, cells: tuple[int, ...]) -> tuple[Source, ...]:
    found = request.observation.sources if request.observation else ()
    return tuple(one for one in found if one.cell in cells)


def _folders(request: Request, analysis: Analysis, files: StageFiles, number: int) -> tuple[str, ...]:
    """Folders that the stage writes to or works in, and that are not there for what it reads in them.

    Whether they were there during the run must not matter: that depends on what an earlier run left behind.
    """
    if analysis.program.stages[number].name in request.repairs.no_folders:
        return ()
    made = {path for stage in range(analysis.count) for path in analysis.writes(stage)}
    whole = {path for path in files.writes if any(one.startswith(f"{path}/") for one in made)}
    parents = whole | {path.rpartition("/")[0] for path in files.writes if path[0] != "/"} - {""}
    parents |= _entered(analysis, number)
    # DVC puts a `.gitignore` beside the files that it owns.
    kept = {path for path in request.tree - made if not path.endswith("/.gitignore")} & files.reads.keys()
    kept |= {request.layout.notebook, f"{request.layout.folder}/dvc.yaml"}
    return tuple(sorted(one for one in parents if not any(path.startswith(f"{one}/") for path in kept)))


def _entered(analysis: Analysis, number: int) -> set[str]:
    """Folders of earlier stages that are the working directory at some time up to this stage."""
    before = analysis.last_mark(number - 1) if number else None
    marks = [mark for stage in range(number + 1) for mark, _ in analysis.observed[stage]]
    entered = {path for mark in marks for path in mark.entered if path != "." and not path.startswith("/")}
    return entered & before.folders if before else set()


def _compared_names(analysis: Analysis, crossings: Crossings, number: int) -> tuple[str, ...]:
    """What a stage certainly binds, was seen to change, makes anew, or hands on: these must be the notebook's."""
    handed = {name for names in crossings.outputs[number] for name in names}
    names = analysis.facts[number].defines | analysis.changed(number) | handed | crossings.recomputed[number]
    if number == analysis.report:
        # What the path binds too has another value when the path is over; what the cells show is compared all the same.
        names -= {name for stage in range(number) for name in analysis.written(stage)}
    else:
        names -= analysis.left_by_skipped(number)
    return tuple(sorted(name for name in names if not name.startswith("$")))


def _parameters(analysis: Analysis, crossings: Crossings, number: int) -> tuple[str, ...]:
    """The parameters that a stage reads, through derived lines and replayed code too."""
    program = analysis.program
    owner = program.cut.parameters
    if owner is None:
        return ()
    names = {parameter.name for parameter in program.parameters}
    if {"eval", "exec", "globals", "locals", "vars", "dir"}.intersection(analysis.facts[number].dynamic):
        return tuple(sorted(names))
    own = any(unit.cell == owner and unit.stage == number for unit in program.units)
    replayed = [program.units[position] for position in crossings.replayed[number]]
    wanted = set(crossings.needs[number]) | {use for unit in replayed if unit.cell != owner for use in unit.facts.uses}
    if own:
        rest = [unit.facts for unit in program.units if unit.stage == number and unit.cell != owner]
        wanted |= {use for facts in rest for use in facts.uses}
        wanted |= {name for names in crossings.outputs[number] for name in names}
    stored = {name for _, names in crossings.inputs[number] for name in names}
    wanted -= stored
    below = {source for name in wanted for source in program.derived.get(name, frozenset())}
    return tuple(sorted(names & (wanted | below)))


def _metrics(analysis: Analysis, number: int) -> tuple[str, ...]:
    """Scalars and mappings that the cells tagged `metrics` bind."""
    program = analysis.program
    cells = [index for index in program.stages[number].cells if program.cut.roles[index].metrics]
    bound = sorted({name for index in cells if index in program.facts for name in program.facts[index].facts.defines})
    seen = {name: analysis.variable(name, number) for name in bound}
    return tuple(
        name
        for name, value in seen.items()
        if analysis.observation is None or (value is not None and _SCALARS.match(value.type))
    )


def _refuse_skipped(analysis: Analysis) -> None:
    """A skipped cell runs in the notebook but not in the pipeline: it must not have changed what is kept."""
    program, observation = analysis.program, analysis.observation
    if observation is None:
        return
    for mark, changed in observation.changes():
        if mark.cells[0] not in program.cut.skipped:
            continue
        later = compose(unit.facts for unit in program.units if unit.cell > mark.cells[-1])
        _refuse_skipped_files(analysis, mark)
        mattered = sorted(changed & later.uses)
        if mattered:
            what = ", ".join("the random generator" if name.startswith("$rng:") else f"`{name}`" for name in mattered)
            raise Refused(
                f"{program.cell(mark.cells[0]).label} is tagged `skip`, but it changes {what}, which later cells use",
                hint="remove the tag, or move what they need out of the cell",
            )


def _refuse_skipped_files(analysis: Analysis, mark: Mark) -> None:
    assert analysis.observation is not None
    later = [one for one in analysis.observation.marks if one.cells[0] > mark.cells[-1]]
    read = sorted(mark.writes & {path for one in later for path in one.reads})
    if read:
        label = analysis.program.cell(mark.cells[0]).label
        raise Refused(
            f"{label} is tagged `skip`, but it writes `{read[0]}`, which later cells read",
            hint="remove the tag, or move what they need out of the cell",
        )
