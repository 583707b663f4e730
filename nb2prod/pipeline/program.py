"""A cut notebook with its facts: stages of units, each unit a statement or a whole cell that may run again."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field

from nb2prod.dataflow.branches import sometimes_shared
from nb2prod.dataflow.collect import collect_cell
from nb2prod.dataflow.environment import Environment
from nb2prod.dataflow.facts import CellFacts, Facts, Names, compose
from nb2prod.dataflow.figures import keeps_figures
from nb2prod.notebook.model import Cell, Notebook
from nb2prod.notebook.parse import parse
from nb2prod.notebook.stages import Cut, StageCells
from nb2prod.pipeline.model import Merge, Parameter


@dataclass(frozen=True, slots=True)
class Unit:
    """The smallest piece that can be replayed: a statement, or a `setup` or `parameters` cell as a whole."""

    position: int
    cell: int
    statement: int | None
    stage: int
    facts: Facts
    kind: str
    replayable: bool
    recomputable: bool = False


@dataclass(frozen=True, slots=True)
class Program:
    """Everything static about a cut notebook. `stages` are after merging; cells of the preamble are in the first."""

    notebook: Notebook
    cut: Cut
    stages: tuple[StageCells, ...]
    tagged: tuple[tuple[str, ...], ...]
    facts: Mapping[int, CellFacts]
    units: tuple[Unit, ...]
    parameters: tuple[Parameter, ...]
    derived: Mapping[str, Names] = field(default_factory=dict)
    modules: Mapping[str, str] = field(default_factory=dict)
    merges: tuple[Merge, ...] = ()

    def cell(self, index: int) -> Cell:
        """The notebook's cell."""
        return self.notebook.cells[index]

    def stage_facts(self, stage: int) -> Facts:
        """The composed facts of a stage's own cells."""
        return compose(unit.facts for unit in self.units if unit.stage == stage)

    @property
    def stateful(self) -> Names:
        """Functions and classes of the notebook that keep state of their own."""
        known = [pair for facts in self.facts.values() for pair in facts.callables]
        return frozenset(name for name, one in known if one.stateful or name in one.mutates | one.may_mutate)

    def sometimes_shared(self, stage: int) -> tuple[Names, Names]:
        """(names, names of which a part): what may go on under another name on some path through the stage."""
        callables = {name: one for facts in self.facts.values() for name, one in facts.callables}
        cells = [parse(self.cell(index).source) for index in self.stages[stage].cells if index in self.facts]
        nodes = [statement.node for cell in cells for statement in cell.statements]
        whole, parts = sometimes_shared(nodes, frozenset(callables))
        called = self.stage_facts(stage).uses & callables.keys()
        return whole | {name for function in called for name in callables[function].returns}, parts

    def first_unit(self, stage: int) -> int:
        """The position of the stage's first unit."""
        return next((unit.position for unit in self.units if unit.stage >= stage), len(self.units))

    def stage_of_cell(self, index: int) -> int | None:
        """Which stage holds the cell, or None for a skipped one."""
        return next((number for number, stage in enumerate(self.stages) if index in stage.cells), None)


def literal_parameters(cell: Cell) -> tuple[Parameter, ...]:
    """Names bound once, at the top level of the parameters cell, to a literal that YAML can hold."""
    found: dict[str, object] = {}
    bound_twice: set[str] = set()
    for statement in parse(cell.source).statements:
        binding = literal_binding(statement.node)
        for name in [binding[0]] if binding else _names_bound(statement.node):
            if name in found:
                bound_twice.add(name)
        if binding:
            found[binding[0]] = binding[1]
    return tuple(Parameter(name, value) for name, value in found.items() if name not in bound_twice)


def literal_binding(node: ast.stmt) -> tuple[str, object] | None:
    """(name, value) where the statement binds one name to a literal of plain types."""
    match node:
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            pass
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
            pass
        case _:
            return None
    try:
        literal = ast.literal_eval(value)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None
    return (name, literal) if _is_plain(literal) else None


def _names_bound(node: ast.stmt) -> list[str]:
    return [part.id for part in ast.walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)]


def _is_plain(value: object) -> bool:
    """Types that survive YAML: a tuple would come back as a list, a set not at all."""
    if isinstance(value, list):
        return all(_is_plain(item) for item in value)
    if isinstance(value, dict):
        return all(type(key) is str and _is_plain(item) for key, item in value.items())
    return value is None or type(value) in (bool, int, float, str)


def read_program(notebook: Notebook, cut: Cut, merges: tuple[tuple[str, str, str], ...] = ()) -> Program:
    """Collect the facts of every code cell in document order and lay them out by stage.

    `merges`: (first stage, last stage, reason); all between are merged too, so that the order stays.
    """
    parameters = literal_parameters(notebook.cells[cut.parameters]) if cut.parameters is not None else ()
    environment = Environment(parameters=frozenset(parameter.name for parameter in parameters))
    environment.keeps_figures = keeps_figures(cell.source for cell in notebook.code_cells)
    facts = {cell.index: collect_cell(cell, environment) for cell in notebook.code_cells}
    stages, tagged, records = _merged(_with_preamble(cut), merges)
    units = _units(notebook, cut, stages, facts)
    derived = _derived(facts[cut.parameters]) if cut.parameters in facts else {}
    modules = dict(environment.modules)
    return Program(notebook, cut, stages, tagged, facts, units, parameters, derived, modules, records)


def _with_preamble(cut: Cut) -> tuple[StageCells, ...]:
    """Cells before the first stage run first: they belong to it. The whole notebook is one stage if none is tagged.

    The report's cells come last, wherever they stand.
    """
    report = (StageCells(cut.report_name, cut.report),) if cut.report else ()
    if not cut.stages:
        return (StageCells("notebook", cut.preamble), *report)
    first, *rest = cut.stages
    return (StageCells(first.name, cut.preamble + first.cells), *rest, *report)


def _merged(
    stages: tuple[StageCells, ...], merges: tuple[tuple[str, str, str], ...]
) -> tuple[tuple[StageCells, ...], tuple[tuple[str, ...], ...], tuple[Merge, ...]]:
    names = [stage.name for stage in stages]
    joined = [False] * len(stages)  # joined[i]: stage i runs in one piece with stage i - 1
    reasons: dict[int, list[str]] = {}
    for first, last, reason in merges:
        for position in range(names.index(first) + 1, names.index(last) + 1):
            joined[position] = True
        reasons.setdefault(names.index(last), []).append(reason)
    groups: list[list[int]] = []
    for position in range(len(stages)):
        if joined[position] and groups:
            groups[-1].append(position)
        else:
            groups.append([position])
    merged = tuple(_join([stages[p] for p in group]) for group in groups)
    tagged = tuple(tuple(names[p] for p in group) for group in groups)
    records = tuple(
        Merge(tagged[i], "; ".join(dict.fromkeys(r for p in group for r in reasons.get(p, []))))
        for i, group in enumerate(groups)
        if len(group) > 1
    )
    return merged, tagged, records


def _join(stages: list[StageCells]) -> StageCells:
    cells = tuple(index for stage in stages for index in stage.cells)
    names = [stage.name for stage in stages]
    return StageCells("_".join(names) if len(names) < 3 else f"{names[0]}_to_{names[-1]}", cells)


def _units(
    notebook: Notebook, cut: Cut, stages: tuple[StageCells, ...], facts: Mapping[int, CellFacts]
) -> tuple[Unit, ...]:
    units: list[Unit] = []
    for number, stage in enumerate(stages):
        for index in stage.cells:
            if notebook.cells[index].is_code:
                role = cut.roles[index]
                units += _cell_units(len(units), number, facts[index], role.setup or role.parameters)
    return tuple(units)


def _cell_units(position: int, stage: int, cell: CellFacts, whole: bool) -> list[Unit]:
    if whole or cell.magic is not None or not cell.statements:
        kind = "setup" if whole else "other"
        return [Unit(position, cell.index, None, stage, cell.facts, kind, whole)]
    return [
        Unit(position + number, cell.index, number, stage, one.facts, one.kind, one.replayable, one.recomputable)
        for number, one in enumerate(cell.statements)
    ]


def _derived(cell: CellFacts) -> dict[str, Names]:
    """For each name that the parameters cell binds: the names of that cell that it is computed from."""
    sources: dict[str, Names] = {}
    for statement in cell.statements:
        below = frozenset(name for use in statement.facts.uses for name in sources.get(use, frozenset()) | {use})
        for name in statement.facts.writes:
            sources[name] = sources.get(name, frozenset()) | below if name in statement.facts.uses else below
    return sources
