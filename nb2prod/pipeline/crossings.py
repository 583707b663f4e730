"""What crosses each boundary between stages, and from where.

Worked from the last stage to the first, because what a stage must hand on it must first have:

1. A stage needs what its code uses before it certainly binds it, and what it was seen to change.
2. A name comes from code where every statement that made it may be run again and nothing else changed it since.
   An object that no file keeps (a closure, a mapping of lambdas) is made anew where that gives an equal one.
3. Otherwise it is an artifact of the stage that last wrote it; names that share mutable objects at the
   boundary are one artifact of the last stage that wrote any of them.
4. What a stage hands on without certainly binding it, it needs too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from nb2prod.dataflow import figures
from nb2prod.dataflow.facts import Names, compose
from nb2prod.pipeline.model import Repairs
from nb2prod.pipeline.observation import Mark, Observation, Variable
from nb2prod.pipeline.program import Program, Unit

READS_EVERYTHING = {"eval", "exec", "globals", "locals", "vars", "dir", "%run", "%store", "%who", "%whos"}


# Which of the observer's looks at the process shows an ambient symbol.
_SEEN_AS = {
    "$cwd": "cwd",
    "$environ": "environ",
    "$options:numpy": "numpy_print",
    "$options:pandas": "pandas_options",
    "$rcparams": "rcparams",
    "$sys_path": "sys_path",
    "$warnings": "warnings",
}


# Types whose objects are ways to a source: no file keeps them, and one that is made anew leads to the same.
CONNECTIONS = {"sqlalchemy.Engine"}

SETTER = "$set:"


def seen_as(symbol: str) -> str | None:
    """The name of the look that shows an ambient symbol: for a library's setter, what its getter gives."""
    return symbol.removeprefix(SETTER) if symbol.startswith(SETTER) else _SEEN_AS.get(symbol)


class Inseparable(Exception):
    """Stages `first` to `last` (numbers) cannot be split faithfully."""

    def __init__(self, first: int, last: int, reason: str) -> None:
        super().__init__(reason)
        self.first = first
        self.last = last
        self.reason = reason


@dataclass(slots=True)
class Crossings:
    """Per stage number: artifacts in and out as (producer, names), units to replay, names it needs and writes.

    `recomputed`: names whose objects are made anew, because no file keeps them.
    """

    inputs: dict[int, list[tuple[int, tuple[str, ...]]]] = field(default_factory=dict)
    outputs: dict[int, list[tuple[str, ...]]] = field(default_factory=dict)
    replayed: dict[int, set[int]] = field(default_factory=dict)
    needs: dict[int, Names] = field(default_factory=dict)
    written: dict[int, Names] = field(default_factory=dict)
    recomputed: dict[int, Names] = field(default_factory=dict)


class Analysis:
    """The questions that building asks about a program, answered once each."""

    def __init__(self, program: Program, observation: Observation | None, repairs: Repairs) -> None:
        self.program = program
        self.observation = observation
        self.repairs = repairs
        self.count = len(program.stages)
        # Cells that do not run in the pipeline where they run in the notebook.
        self.aside = frozenset((*program.cut.skipped, *program.cut.report))
        self.report = self.count - 1 if program.cut.report else None
        self.facts = [program.stage_facts(number) for number in range(self.count)]
        self.observed = self._observed_changes()
        self._code: dict[tuple[str, int], frozenset[int] | None] = {}
        # Cells whose imports bind names that are not known statically; they are replayed everywhere.
        self.star_cells = {
            unit.cell for unit in program.units if unit.facts.ambient & {"$star", "$magic:pylab"} and unit.replayable
        }

    def _observed_changes(self) -> list[list[tuple[Mark, Names]]]:
        found: list[list[tuple[Mark, Names]]] = [[] for _ in range(self.count)]
        for mark, changed in self.observation.changes() if self.observation else ():
            stage = self.program.stage_of_cell(mark.cells[0])
            if stage is not None:
                found[stage].append((mark, changed))
        return found

    def left_by_skipped(self, stage: int) -> Names:
        """Names whose value at the end of a stage is the doing of a cell that the pipeline does not run there."""
        found: set[str] = set()
        last = max((cell for mark, _ in self.observed[stage] for cell in mark.cells), default=-1)
        for mark, changed in self.observation.changes() if self.observation else ():
            if mark.cells[0] in self.aside and mark.cells[0] < last:
                found |= changed
            elif mark.cells[0] <= last:
                found -= compose(self.program.facts[cell].facts for cell in mark.cells).defines
        return frozenset(found)

    def last_mark(self, stage: int) -> Mark | None:
        """The kernel's state at the end of a stage."""
        marks = [mark for number in range(stage + 1) for mark, _ in self.observed[number]]
        return max(marks, key=lambda mark: mark.cells[0], default=None)

    def changed(self, stage: int) -> Names:
        """What the observed run changed in a stage."""
        return frozenset(name for _, names in self.observed[stage] for name in names)

    def written(self, stage: int) -> Names:
        """What a stage writes: known statically, or seen. A known change that was not seen is only watched."""
        facts = self.facts[stage]
        known = facts.defines | facts.may_define | facts.deletes | self._may_draw(stage)
        return known | (self.changed(stage) if self.observation else facts.mutates)

    def _may_draw(self, stage: int) -> Names:
        """Seeded generators that a stage may draw from: how often may depend on parameters and data."""
        mark, facts = self.last_mark(stage), self.facts[stage]
        seeded = {f"$rng:{name}" for name, state in mark.random.items() if state} if mark else set()
        return frozenset(seeded) & (facts.mutates | facts.may_mutate)

    def writes(self, stage: int) -> frozenset[str]:
        """Files that a stage was seen to write."""
        return frozenset(path for mark, _ in self.observed[stage] for path in mark.writes)

    def code_units(self, name: str, before: int) -> frozenset[int] | None:
        """The units to run again so that `name` is what it is before the unit at `before`; None where none do."""
        key = (name, before)
        if key not in self._code:
            self._code[key] = None  # a cycle is not code-defined
            self._code[key] = self._find_code_units(name, before)
        return self._code[key]

    def _find_code_units(self, name: str, before: int) -> frozenset[int] | None:
        writers = [unit for unit in self.program.units[:before] if name in unit.facts.writes]
        # `x = x` binds x certainly, to what it was before.
        certain = [
            number
            for number, unit in enumerate(writers)
            if name in unit.facts.defines and (number == 0 or name not in unit.facts.uses)
        ]
        relevant = writers[certain[-1] :] if certain else writers
        if not all(unit.replayable or self.recomputes(name, unit) for unit in relevant):
            return None
        if self._perhaps_changed(name, relevant[0].position if relevant else 0, before):
            return None
        if self._perhaps_changed_beside(name, relevant):
            return None
        if self._changed_elsewhere(name, before, {unit.cell for unit in writers} | self.star_cells):
            return None
        found = {unit.position for unit in relevant}
        for unit in relevant:
            for use in unit.facts.uses - {name}:
                below = self.code_units(use, unit.position)
                if below is None or self.code_units(use, before) is None:
                    return None
                found |= below
        return frozenset(found)

    def recomputes(self, name: str, unit: Unit) -> bool:
        """Whether the unit made an object that no file keeps and no other name shares, and makes an equal one again."""
        mark = self._mark_of(unit.cell) if unit.recomputable and not unit.replayable else None
        value = mark.variables.get(name) if mark else None
        if value is None or value.shares:
            return False
        if value.type in CONNECTIONS:
            return True
        if value.kind not in ("value", "function") or value.blind:
            return False
        return value.kind == "function" or bool(value.format is None and value.why)

    def _mark_of(self, cell: int) -> Mark | None:
        marks = self.observation.marks if self.observation else ()
        return next((mark for mark in marks if cell in mark.cells), None)

    def _perhaps_changed(self, name: str, after: int, before: int) -> bool:
        """Whether code in between may have changed the object, and was seen to, or was not looked at."""
        return any(
            name in unit.facts.may_mutate and (self.observation is None or self.segment_changed(name, unit.cell))
            for unit in self.program.units[after:before]
        )

    def _perhaps_changed_beside(self, name: str, writers: list[Unit]) -> bool:
        """Whether code below in the same cell may change the object: nothing can watch it from within a cell."""
        return any(
            READS_EVERYTHING.intersection(unit.facts.dynamic)
            or (name in unit.facts.may_mutate and self.is_changeable(name, unit.stage))
            for writer in writers
            for unit in self.program.units[writer.position + 1 :]
            if unit.cell == writer.cell
        )

    def segment_changed(self, name: str, cell: int) -> bool:
        """Whether the run changed the name in the segment of the cell."""
        return any(name in changed for stage in self.observed for mark, changed in stage if cell in mark.cells)

    def changes_ambient(self, unit: Unit) -> bool:
        """Whether the run showed other settings after the unit's segment than before it; unknown counts as yes."""
        if self.observation is None:
            return True
        before = self.observation.start
        for mark in self.observation.marks:
            if unit.cell in mark.cells:
                return any(self._changes(symbol, unit, before, mark) for symbol in unit.facts.ambient)
            before = mark
        return True

    def _changes(self, symbol: str, unit: Unit, before: Mark, after: Mark) -> bool:
        look = seen_as(symbol)
        if look is None:
            return True
        if symbol.startswith(SETTER) and not after.shows(look):
            return not self._is_about_objects(unit)
        return after.ambient.get(look) != before.ambient.get(look)

    def _is_about_objects(self, unit: Unit) -> bool:
        """`nx.set_node_attributes(graph, 3)` changes what it is given, not the library."""
        values = [self.variable(name, unit.stage) for name in unit.facts.mutates | unit.facts.may_mutate]
        return any(value is not None and not value.is_immutable for value in values)

    def _changed_elsewhere(self, name: str, before: int, cells: set[int]) -> bool:
        """Whether the run changed the name in a segment that none of its known writers belongs to."""
        limit = self.program.units[before].stage if before < len(self.program.units) else self.count
        return any(
            name in changed and not cells.intersection(mark.cells)
            for number in range(limit)
            for mark, changed in self.observed[number]
        )

    def producer(self, name: str, stage: int) -> int | None:
        """The last stage before `stage` that writes the name."""
        return next((number for number in range(stage - 1, -1, -1) if name in self.written(number)), None)

    def variable(self, name: str, stage: int) -> Variable | None:
        """The name's value at the end of a stage, as it was seen."""
        mark = self.last_mark(stage)
        return mark.variables.get(name) if mark else None

    def is_changeable(self, name: str, stage: int) -> bool:
        """Whether the name was seen to hold what can change in place: a function may keep state as well."""
        value = self.variable(name, stage)
        return value is not None and value.kind in ("value", "function") and not value.is_immutable

    def shares(self, name: str, stage: int) -> Names:
        """The names that share objects with this one when the stage begins."""
        value = self.variable(name, stage - 1) if stage else None
        return value.shares if value else frozenset()

    def is_gone(self, name: str, producer: int) -> bool:
        """Whether the run showed that the stage leaves the name unbound: `del`, or never bound on the path taken."""
        return not name.startswith("$") and self.observation is not None and self.variable(name, producer) is None

    def classes(self, name: str, stage: int) -> tuple[str, ...]:
        """Classes and functions of the notebook's own that the stored value refers to."""
        producer = self.producer(name, stage)
        value = self.variable(name, producer) if producer is not None else None
        return value.classes if value else ()


def find_crossings(analysis: Analysis, kept: Mapping[str, int] | None = None) -> Crossings:
    """All crossings. Raises Inseparable where something that must cross has no way to travel.

    `kept`: names that are artifacts of a stage whoever reads them.
    """
    crossings = Crossings()
    requests: dict[int, list[tuple[str, ...]]] = {number: [] for number in range(analysis.count)}
    for name, producer in sorted((kept or {}).items()):
        requests[producer].append((name,))
    raw: dict[int, list[tuple[int, tuple[str, ...]]]] = {}
    _check_store(analysis)
    _check_figures(analysis)
    for stage in reversed(range(analysis.count)):
        handed_on = {name for names in requests[stage] for name in names}
        needs = _needs(analysis, stage, handed_on)
        code, stored = _sources(analysis, stage, needs)
        # Reading an instance back takes its class.
        together = {name for value in stored for name in (value, *analysis.shares(value, stage))}
        classes = {name for value in together for name in analysis.classes(value, stage)} - needs
        code |= _sources(analysis, stage, frozenset(classes))[0]
        crossings.needs[stage] = needs | classes
        crossings.written[stage] = analysis.written(stage)
        crossings.replayed[stage] = code | _settings(analysis, stage)
        crossings.recomputed[stage] = _recomputed(analysis, crossings.replayed[stage])
        raw[stage] = list(_grouped(analysis, stage, stored))
        for producer, names in raw[stage]:
            requests[producer].append(names)
    for stage in range(analysis.count):
        crossings.outputs[stage] = _partition([*requests[stage], *_sharing(analysis, stage, requests[stage])])
    for stage, inputs in raw.items():
        crossings.inputs[stage] = _as_stored(inputs, crossings.outputs)
    _check_transport(analysis, crossings)
    return crossings


def _check_store(analysis: Analysis) -> None:
    """`%store` keeps values in a database of the user's, where any notebook may overwrite them."""
    users = [number for number in range(analysis.count) if "%store" in analysis.facts[number].dynamic]
    if len(users) > 1:
        raise Inseparable(users[0], users[-1], "`%store` passes values from one to the other, outside of the project")


def _check_figures(analysis: Analysis) -> None:
    """A figure that one stage may leave open and a later one draws on, or counts, stays in its process."""
    for reader, facts in enumerate(analysis.facts):
        for symbol in sorted(facts.uses & {figures.CURRENT, figures.OPEN}):
            for earlier, above in enumerate(analysis.facts[:reader]):
                if symbol in above.writes | above.mutates | above.may_mutate:
                    raise Inseparable(earlier, reader, "a figure that stays open is drawn on, or counted, in the other")


def _recomputed(analysis: Analysis, replayed: Iterable[int]) -> Names:
    units = [analysis.program.units[position] for position in replayed]
    return frozenset(name for unit in units if not unit.replayable for name in unit.facts.defines)


def _needs(analysis: Analysis, stage: int, handed_on: Iterable[str]) -> Names:
    facts = analysis.facts[stage]
    needs = set(facts.uses) | (set(handed_on) - facts.defines)
    needs |= {name for number, name in _extra(analysis) if number == stage}
    if analysis.observation:
        # Changed without being bound: an object of an earlier stage was changed in place.
        unbound = analysis.changed(stage) - facts.defines - facts.may_define
        needs |= {name for name in unbound if analysis.producer(name, stage) is not None}
    if READS_EVERYTHING.intersection(facts.dynamic):
        needs |= {name for number in range(stage) for name in analysis.written(number)}
    return frozenset(needs)


def _extra(analysis: Analysis) -> Iterable[tuple[int, str]]:
    names = [stage.name for stage in analysis.program.stages]
    for stage, name in analysis.repairs.inputs:
        if stage in names:
            yield names.index(stage), name


def _sources(analysis: Analysis, stage: int, needs: Names) -> tuple[set[int], list[str]]:
    """Which units make the needed names, and which names must be stored."""
    first = analysis.program.first_unit(stage)
    code = {name: units for name in sorted(needs) if (units := analysis.code_units(name, first)) is not None}
    stored = {name for name in needs - code.keys() if _is_there(analysis, stage, name)}
    # What shares objects with something that is stored is stored with it: run again, its code would make others.
    while joined := {one for one in code if analysis.shares(one, stage) & stored and _is_there(analysis, stage, one)}:
        stored |= joined
        code = {name: units for name, units in code.items() if name not in joined}
    return {unit for units in code.values() for unit in units}, sorted(stored)


def _is_there(analysis: Analysis, stage: int, name: str) -> bool:
    producer = analysis.producer(name, stage)
    return producer is not None and not analysis.is_gone(name, producer)


def _settings(analysis: Analysis, stage: int) -> set[int]:
    """Settings of libraries made before the stage hold in it too: they are replayed, in order."""
    found: set[int] = set()
    first = analysis.program.first_unit(stage)
    for unit in analysis.program.units[:first]:
        if unit.stage == stage:
            continue
        _refuse_replacement(analysis, unit, stage)
        if unit.kind == "setting" or (_is_setup(unit) and (unit.facts.ambient or replaced(unit))):
            below = [analysis.code_units(use, unit.position) for use in unit.facts.uses]
            if any(units is None for units in below):
                cell = analysis.program.cell(unit.cell).label
                raise Inseparable(unit.stage, stage, f"{cell} sets a library's options from values computed before")
            found.add(unit.position)
            found.update(position for units in below if units for position in units)
        elif unit.facts.ambient and analysis.changes_ambient(unit):
            cell = analysis.program.cell(unit.cell).label
            raise Inseparable(unit.stage, stage, f"{cell} changes settings by code that cannot simply run again")
    return found


def _is_setup(unit: Unit) -> bool:
    """A whole cell that may run again."""
    return unit.statement is None and unit.replayable


def replaced(unit: Unit) -> list[str]:
    """What the unit assigns in a library, as reasons that it gives."""
    return [reason for reason in unit.facts.dynamic if reason.endswith(" is replaced")]


def _refuse_replacement(analysis: Analysis, unit: Unit, stage: int) -> None:
    if unit.kind == "setting" or _is_setup(unit):  # `math.pi = 3` is run again like any other setting
        return
    for reason in replaced(unit):
        cell = analysis.program.cell(unit.cell).label
        raise Inseparable(unit.stage, stage, f"{cell} changes a library for all that follows ({reason})")


def _grouped(analysis: Analysis, stage: int, stored: list[str]) -> Iterable[tuple[int, tuple[str, ...]]]:
    """(producer, names) for what must be stored; names that share objects at the boundary stay together."""
    mark = analysis.last_mark(stage - 1) if stage else None
    remaining = list(stored)
    while remaining:
        group = {remaining[0]}
        frontier = [remaining[0]]
        while frontier and mark:
            value = mark.variables.get(frontier.pop())
            for other in (value.shares if value else frozenset()) & set(remaining) - group:
                group.add(other)
                frontier.append(other)
        remaining = [name for name in remaining if name not in group]
        producers = [number for name in group if (number := analysis.producer(name, stage)) is not None]
        yield max(producers), tuple(sorted(group))


def _sharing(analysis: Analysis, stage: int, requests: list[tuple[str, ...]]) -> Iterable[tuple[str, ...]]:
    """Pairs of what the stage hands on that share objects at its end: one file, whoever asks for which."""
    asked = {name for names in requests for name in names}
    for name in sorted(asked):
        value = analysis.variable(name, stage)
        yield from ((name, other) for other in sorted(value.shares & asked if value else ()))


def _partition(requests: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """The fewest files such that names asked for together lie together."""
    groups: list[set[str]] = []
    for names in requests:
        joined = set(names).union(*(group for group in groups if group & set(names)))
        groups = [group for group in groups if not group & set(names)] + [joined]
    return sorted(tuple(sorted(group)) for group in groups)


def _as_stored(
    inputs: list[tuple[int, tuple[str, ...]]], outputs: dict[int, list[tuple[str, ...]]]
) -> list[tuple[int, tuple[str, ...]]]:
    found = [
        (producer, next(group for group in outputs[producer] if set(names) <= set(group))) for producer, names in inputs
    ]
    return sorted(dict.fromkeys(found))


def _check_transport(analysis: Analysis, crossings: Crossings) -> None:
    if analysis.observation is None:
        return
    for stage, inputs in crossings.inputs.items():
        for producer, names in inputs:
            for name in names:
                value = analysis.variable(name, producer)
                # Without a reason the ladder was not tried, because nobody was known to read the name.
                cannot = value is not None and (value.kind != "value" or (value.format is None and value.why))
                if value is not None and cannot:
                    why = _why_not(value)
                    raise Inseparable(producer, stage, f"`{name}` ({value.type}) cannot cross: {why}")


def _why_not(value: Variable) -> str:
    if value.kind == "function":
        return "it was made by code that cannot simply run again (computed defaults, a closure, a condition)"
    if value.kind in ("class", "module"):
        return f"a {value.kind} is not stored, and the code that made it cannot simply run again"
    if value.format is not None:
        return f"a {value.type} shows nothing of its content, so nobody could tell whether it arrived as it was"
    return value.why or "it cannot be stored"
