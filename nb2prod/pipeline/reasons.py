"""Why something crosses a boundary: the cells that made it, the cells that need it, and how that is known."""

from __future__ import annotations

from collections.abc import Iterator

from nb2prod.pipeline.crossings import READS_EVERYTHING, Analysis, Crossings
from nb2prod.pipeline.model import Need

_STATIC = "the code says so"
_SEEN = "seen when the notebook ran"
_HANDED_ON = "handed on to a later stage"
_EVERYTHING = "the code may read any name"
_REPAIRED = "missing when the stage was run without it"


def made_in(analysis: Analysis, stage: int, names: tuple[str, ...]) -> tuple[int, ...]:
    """The cells of a stage that write any of the names, by their code or as it was seen."""
    wanted = set(names)
    units = [unit for unit in analysis.program.units if unit.stage == stage]
    cells = {unit.cell for unit in units if wanted & unit.facts.writes}
    seen = {cell for mark, changed in analysis.observed[stage] for cell in mark.cells if wanted & changed}
    return tuple(sorted(cells or seen))


def needs(analysis: Analysis, crossings: Crossings, producer: int, names: tuple[str, ...]) -> Iterator[Need]:
    """Who reads the artifact, in which cells, and how that is known."""
    for stage, inputs in crossings.inputs.items():
        if (producer, names) in inputs:
            yield _need(analysis, stage, set(names))


def _need(analysis: Analysis, stage: int, names: set[str]) -> Need:
    program = analysis.program
    name = program.stages[stage].name
    units = [unit for unit in program.units if unit.stage == stage]
    cells = tuple(sorted({unit.cell for unit in units if names & (unit.facts.uses | unit.facts.mutates)}))
    if cells:
        return Need(name, cells, _STATIC)
    seen = tuple(cell for mark, changed in analysis.observed[stage] for cell in mark.cells if names & changed)
    if seen:
        return Need(name, seen, _SEEN)
    if any((name, one) in analysis.repairs.inputs for one in names):
        return Need(name, (), _REPAIRED)
    return Need(name, (), _EVERYTHING if READS_EVERYTHING.intersection(analysis.facts[stage].dynamic) else _HANDED_ON)
