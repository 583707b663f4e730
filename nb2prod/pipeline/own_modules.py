"""The project's own modules: every stage imports them anew, so what one stage changes in them no other one sees.

What was seen to change joins the stage with the next one that may look. What was not seen to change is held still: a
stage fails at its end where a module holds something else than it was imported with.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import replace

from nb2prod.dataflow.facts import Names
from nb2prod.pipeline.crossings import SETTER, Analysis, Crossings, Inseparable, replaced
from nb2prod.pipeline.model import Layout
from nb2prod.pipeline.observation import Mark, Observation
from nb2prod.pipeline.program import Program, Unit

# What is read back without any module of the project.
PLAIN_FORMATS = ("parquet", "column", "npy", "json")


def names_of_modules(program: Program, observation: Observation | None, layout: Layout, tree: frozenset[str]) -> Names:
    """The top names of the project's modules: those that were imported, and those that another path may import."""
    marks = observation.marks if observation else ()
    seen = {name.partition(".")[0] for mark in marks for name in mark.local_modules}
    named = {full.partition(".")[0] for full in program.modules.values()} - {""}
    there = {top for top in named if any(_holds(layout, top, path) for path in tree)}
    return frozenset(seen | there)


def without_their_setters(program: Program, modules: Names) -> Program:
    """`tools.set_level(3)` may do anything: it is not run again as a library's would be, but watched."""
    return replace(program, units=tuple(_without_setters(unit, modules) for unit in program.units))


def _without_setters(unit: Unit, modules: Names) -> Unit:
    theirs = {one for one in unit.facts.ambient if one.removeprefix(SETTER).partition(".")[0] in modules}
    if not theirs:
        return unit
    again = unit.replayable and (unit.kind != "setting" or unit.statement is None)
    kind = unit.kind if again else "other"
    return replace(unit, facts=replace(unit.facts, ambient=unit.facts.ambient - theirs), kind=kind, replayable=again)


def _holds(layout: Layout, top: str, path: str) -> bool:
    place = posixpath.join(layout.notebook_folder, top)
    return path == f"{place}.py" or path.startswith(f"{place}/")


def check_changes(analysis: Analysis, crossings: Crossings, modules: Names) -> None:
    """Raises Inseparable for a stage that changed what a later one may look at."""
    for stage in range(analysis.count - 1):
        aside = set_again(analysis, crossings, stage)
        for mark, _ in analysis.observed[stage]:
            changed = sorted(name for name in mark.module_changes if not _is_below(name, aside))
            reader = _next_reader(analysis, crossings, stage, modules) if changed else None
            if reader is not None:
                raise Inseparable(stage, reader, f"{_where(analysis, mark)} changes what `{changed[0]}` holds")


def holds_still(analysis: Analysis, crossings: Crossings, stage: int, modules: Names) -> bool:
    """Whether the stage has to leave the project's modules as they are."""
    return bool(modules) and _next_reader(analysis, crossings, stage, modules) is not None


def set_again(analysis: Analysis, crossings: Crossings, stage: int) -> tuple[str, ...]:
    """What the stage assigns by code that later stages run as well."""
    units = [u for u in analysis.program.units if u.stage == stage or u.position in crossings.replayed[stage]]
    return tuple(sorted({place for unit in units for place in _places(unit)}))


def _places(unit: Unit) -> Iterator[str]:
    """`tools.LEVEL`, in a statement that may run again."""
    if unit.kind == "setting" or (unit.statement is None and unit.replayable):
        yield from (reason.removesuffix(" is replaced") for reason in replaced(unit))


def _is_below(name: str, places: tuple[str, ...]) -> bool:
    """Whether it is assigned; `name` may be several of one object."""
    return any(f"{place}.".startswith(f"{one}.") for place in places for one in name.split(", "))


def _next_reader(analysis: Analysis, crossings: Crossings, stage: int, modules: Names) -> int | None:
    later = range(stage + 1, analysis.count)
    return next((other for other in later if _may_look(analysis, crossings, other, modules)), None)


def _may_look(analysis: Analysis, crossings: Crossings, stage: int, modules: Names) -> bool:
    """Whether the stage names a module, or loads an object that may be of a module's class."""
    program = analysis.program
    cells = {program.units[position].cell for position in crossings.replayed[stage]} | {*program.stages[stage].cells}
    words = {word for cell in cells for word in re.findall(r"\w+", program.cell(cell).source)}
    return bool(words & modules) or any(
        value is None or value.format not in PLAIN_FORMATS
        for producer, names in crossings.inputs[stage]
        for name in names
        if not name.startswith("$")
        for value in [analysis.variable(name, producer)]
    )


def _where(analysis: Analysis, mark: Mark) -> str:
    labels = [analysis.program.cell(index).label for index in mark.cells]
    return labels[0] if len(labels) == 1 else f"code in {labels[0]} to {labels[-1]}"
