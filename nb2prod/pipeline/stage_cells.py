"""The cells of a stage's notebook: what the stage needs first, the user's cells untouched, what it hands on."""

from __future__ import annotations

from nb2prod.notebook.parse import parse
from nb2prod.pipeline.declared import holds_parameters, only_files
from nb2prod.pipeline.lifting import Lifted
from nb2prod.pipeline.model import Artifact, Layout, Stage, StageCell
from nb2prod.pipeline.program import Program, literal_binding, literal_parameters


def stage_cells(
    package: str, layout: Layout, program: Program, stage: Stage, replayed: set[int], lifted: dict[int, Lifted]
) -> tuple[tuple[StageCell, ...], tuple[str, ...]]:
    """(cells in order, modules of the package that they import)."""
    prelude = _prelude(package, program, stage, replayed, lifted)
    own = [
        cell
        for index in stage.own_cells
        for cell in [*_guard(stage, index), *_own_cell(package, program, index, lifted)]
    ]
    imported = [cell for cell in [*prelude, *own] if cell.kind == "import"]
    inputs, outputs = _inputs(program, layout, stage, prelude), _outputs(layout, stage)
    title = StageCell("markdown", _title(program, stage))
    values = {parameter.name: parameter.value for parameter in program.parameters}
    files = only_files(layout, stage, values)
    body = [*prelude, *inputs, *own, *outputs]
    below = next((place for place, cell in enumerate(body, 1) if cell.kind == "parameters"), None)
    if below is not None and holds_parameters(stage, values):
        body.insert(below, StageCell("files", f"# The project's files that this stage may open.\n{files}"))
        files = ""
    names = tuple(sorted({lifted[cell.origin].module for cell in imported if cell.origin is not None}))
    return (title, _start(package, layout, stage, files), *body), names


def _title(program: Program, stage: Stage) -> str:
    return (
        f"*Stage `{stage.name}` of {program.notebook.file}, written by nb2prod. The cells between inputs and outputs "
        "are the notebook's own: edit them there and convert again.*"
    )


def _start(package: str, layout: Layout, stage: Stage, files: str) -> StageCell:
    folder = layout.from_kernel(".")
    folders = ", ".join(f'"{layout.from_notebook(path)}"' for path in stage.folders)
    text = (
        "# This pipeline's package: reading inputs, writing outputs, definitions lifted out of the notebook.\n"
        f'import sys\n\nsys.path.append("{folder}")\nfrom {package} import _stage'
    )
    calls = [f"_stage.make_folders({folders})"] if folders else []
    calls += ["_stage.answer_getpass()"] if stage.asks else []
    calls += [f'_stage.watch_modules("{stage.modules_from}")'] if stage.modules_from else []
    calls += [files] if files else []
    return StageCell("start", "\n\n".join([text, "\n".join(calls)] if calls else [text]))


def _prelude(
    package: str, program: Program, stage: Stage, replayed: set[int], lifted: dict[int, Lifted]
) -> list[StageCell]:
    """Code of earlier stages that this one needs, in the notebook's order; whole cells where all may run again."""
    wanted: dict[int, list[int | None]] = {}
    for position in sorted(replayed):
        unit = program.units[position]
        if unit.cell not in stage.own_cells:
            wanted.setdefault(unit.cell, []).append(unit.statement)
    cells: list[StageCell] = []
    for index in sorted(wanted):
        if index in lifted:
            cells += _imported(package, program, index, lifted)
        elif wanted[index] == [None]:
            cells += _own_cell(package, program, index, lifted, kind="replayed")
        else:
            cells.append(_fragment(program, index, [number for number in wanted[index] if number is not None]))
    return _joined(cells)


def _fragment(program: Program, index: int, statements: list[int]) -> StageCell:
    facts = program.facts[index]
    texts = [facts.statements[number].text for number in statements]
    whole = len(statements) == len(facts.statements)
    source = program.cell(index).source if whole else "\n".join(texts)
    return StageCell("replayed", source, index, complete=whole)


def _joined(cells: list[StageCell]) -> list[StageCell]:
    """Loose statements of neighbouring cells read better in one cell."""
    found: list[StageCell] = []
    for cell in cells:
        last = found[-1] if found else None
        # A `__future__` import must open its cell.
        loose = last is not None and not (last.complete or cell.complete or "__future__" in cell.source)
        if last and loose and last.kind == cell.kind == "replayed":
            found[-1] = StageCell("replayed", f"{last.source}\n{cell.source}", last.origin, complete=False)
        else:
            found.append(cell)
    return found


def _own_cell(
    package: str, program: Program, index: int, lifted: dict[int, Lifted], kind: str = "user"
) -> list[StageCell]:
    cell = program.cell(index)
    if cell.kind == "code" and not cell.source.strip():
        return []
    if cell.kind != "code":
        return [StageCell("markdown", cell.source, index)] if cell.kind == "markdown" else []
    if index in lifted:
        return _imported(package, program, index, lifted)
    if index == program.cut.parameters:
        return _parameters(program, index)
    if "raises-exception" in cell.tags:
        expected = StageCell("expected", "_stage.expect_exception()  # the next cell is tagged raises-exception")
        return [expected, StageCell(kind, cell.source, index, ("raises-exception",))]
    return [StageCell(kind, cell.source, index)]


def parameter_sources(program: Program, index: int) -> list[str]:
    """What to run for the parameters cell so that `program.parameters` are in force, as papermill would."""
    cells = _parameters(program, index)
    defaults = {one.name: one.value for one in literal_parameters(program.cell(index))}
    if all(defaults[one.name] == one.value for one in program.parameters):
        return [program.cell(index).source]
    injected = "\n".join(f"{one.name} = {one.value!r}" for one in program.parameters)
    return [cells[0].source, injected, *(cell.source for cell in cells[1:])]


def _parameters(program: Program, index: int) -> list[StageCell]:
    """The parameters cell; lines that are not literals go below it, where papermill's values are in force."""
    source = program.cell(index).source
    statements = parse(source).statements
    names = {parameter.name for parameter in program.parameters}
    literal = [(binding := literal_binding(one.node)) is not None and binding[0] in names for one in statements]
    if all(literal):
        return [StageCell("parameters", source, index, ("parameters",))]
    top = "\n".join(one.text for one, keep in zip(statements, literal, strict=True) if keep)
    below = "\n".join(one.text for one, keep in zip(statements, literal, strict=True) if not keep)
    return [
        StageCell("parameters", top or "pass", index, ("parameters",)),
        StageCell("derived", f"# Computed from the parameters.\n{below}", index),
    ]


def _imported(package: str, program: Program, index: int, lifted: dict[int, Lifted]) -> list[StageCell]:
    one = lifted[index]
    imports = [s.text for s in program.facts[index].statements if s.kind == "import"]
    names = ", ".join(one.exports)
    line = f"from {package}.{one.module} import {names}"
    if len(line) > 110:
        inner = "".join(f"    {name},\n" for name in one.exports)
        line = f"from {package}.{one.module} import (\n{inner})"
    return [StageCell("import", "\n".join([*imports, line]), index)]


def _inputs(program: Program, layout: Layout, stage: Stage, prelude: list[StageCell]) -> list[StageCell]:
    lines = [_read(program, layout, artifact, prelude) for artifact in stage.inputs]
    if stage.watched:
        lines.append(f"_stage.watch({_keywords(stage.watched)})")
    if stage.still:
        lines.append(f"_stage.watch_settings({_quoted(stage.still)})")
    return [StageCell("inputs", "\n".join(["# Inputs: what earlier stages made.", *lines]))] if lines else []


def _guard(stage: Stage, index: int) -> list[StageCell]:
    names = dict(stage.watched_from).get(index, ())
    lines = [f"_stage.watch({_keywords(names)})"] if names else []
    if index == stage.settings_from:
        lines.append(f"_stage.watch_settings({_quoted(stage.settings)})")
    title = "# The cells below did not change these when the notebook was converted."
    return [StageCell("guard", "\n".join([title, *lines]))] if lines else []


# How a person would read these formats: the library, and the call.
_READERS = {
    "parquet": ("pandas", 'read_parquet("{}")'),
    "column": ("pandas", 'read_parquet("{}").squeeze("columns")'),
    "npy": ("numpy", 'load("{}")'),
}


def _read(program: Program, layout: Layout, artifact: Artifact, prelude: list[StageCell]) -> str:
    path = layout.from_kernel(artifact.path)
    if artifact.is_random_state:
        return f'_stage.restore_random_state("{path}")'
    target = ", ".join(artifact.names)
    library, call = _READERS.get(artifact.format, ("", ""))
    alias = _alias(program, library, prelude) if library and not _moves(program) else None
    reader = f"{alias}.{call}" if alias else f'_stage.read_{artifact.format}("{{}}")'
    return f"{target} = {reader.format(path)}"


def _moves(program: Program) -> bool:
    """Whether the notebook changes its working directory, so that a plain relative path would not hold."""
    return any("$cwd" in unit.facts.ambient for unit in program.units)


def _alias(program: Program, library: str, prelude: list[StageCell]) -> str | None:
    """The user's own name for a library, where an import before the inputs binds it."""
    for cell in prelude:
        for statement in parse(cell.source).statements:
            text = statement.text
            for name, module in program.modules.items():
                if module == library and text in (f"import {library} as {name}", f"import {name}"):
                    return name
    return None


def _outputs(layout: Layout, stage: Stage) -> list[StageCell]:
    lines: list[str] = []
    kept = (*stage.watched, *(name for _, names in stage.watched_from for name in names))
    if kept:
        lines.append(f"_stage.check_unchanged({_keywords(kept)})")
    if stage.settings or stage.still:
        lines.append("_stage.check_settings()")
    if stage.modules_from:
        lines.append(f"_stage.check_modules({_quoted(stage.set_again)})")
    if stage.present:
        lines.append(f"_stage.check_present({_quoted(stage.present)})")
    if stage.absent:
        lines.append(f"_stage.check_absent({_quoted(stage.absent)})")
    if stage.apart:
        lines.append(f"_stage.keep_apart({_keywords(stage.apart)})")
    if stage.secrets and stage.outputs:
        lines.append(f"_stage.never_write({_quoted(stage.secrets)})")
    for artifact in stage.outputs:
        lines.append(_write(layout, artifact))
    if stage.metrics:
        lines.append(f'_stage.write_metrics("{layout.from_kernel(stage.metrics_path)}", {_keywords(stage.metrics)})')
    title = "# Outputs: what later stages need." if lines else "# No outputs for later stages."
    return [StageCell("outputs", "\n".join([title, *lines, "_stage.check_files()"]))]


def _write(layout: Layout, artifact: Artifact) -> str:
    path = layout.from_kernel(artifact.path)
    if artifact.is_random_state:
        generator = artifact.names[0].removeprefix("$rng:")
        return f'_stage.save_random_state("{path}", "{generator}")'
    value = artifact.names[0] if len(artifact.names) == 1 else f"({', '.join(artifact.names)})"
    return f'_stage.write_{artifact.format}({value}, "{path}")'


def _quoted(names: tuple[str, ...]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _keywords(names: tuple[str, ...]) -> str:
    return ", ".join(f"{name}={name}" for name in names)
