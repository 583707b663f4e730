"""What a stage checks at its end, because a path that the notebook did not take would change it.

The observed run shows one path. With other parameters or data a stage may change what it did not change, or hand on
an object of one name under another: then later stages would read what no longer holds, and the stage fails instead.
"""

from __future__ import annotations

import re

from nb2prod.dataflow.environment import BUILTINS
from nb2prod.pipeline.crossings import READS_EVERYTHING, Analysis, Crossings, Inseparable, seen_as
from nb2prod.pipeline.observation import Variable
from nb2prod.pipeline.program import Unit
from nb2prod.pipeline.report import used_after

# Bytes above which a value is looked at only where the code may change it: hashing takes half a second per GB.
_LARGE = 64 * 2**20


def watched(analysis: Analysis, crossings: Crossings, stage: int) -> tuple[str, ...]:
    """What the stage starts with, may change, was seen not to, and a later stage takes from an earlier one."""
    facts = analysis.facts[stage]
    mine = _loaded(analysis, crossings, stage) | _replayed_names(analysis, crossings, stage)
    mine |= crossings.recomputed[stage]
    anything = READS_EVERYTHING.intersection(facts.dynamic)
    perhaps = mine if anything else facts.mutates | facts.may_mutate | _at_hand(analysis, crossings, stage)
    named = {name for name in mine if not name.startswith("$")}
    passed = _passed_by(analysis, crossings, stage)
    if stage == analysis.report:
        passed |= used_after(analysis)
    passed |= {name for name in mine & (facts.mutates | facts.may_mutate) if _is_labels(analysis.variable(name, stage))}
    rebound = _perhaps_rebound(analysis, crossings, stage) & (mine | _bound_by_code(analysis, crossings, stage))
    return tuple(sorted((named & passed & perhaps - facts.defines) | rebound))


def _perhaps_rebound(analysis: Analysis, crossings: Crossings, stage: int) -> set[str]:
    """Classes and functions that the stage may define anew on a path that was not taken, and later files name."""
    facts = analysis.facts[stage]
    perhaps = facts.may_define - facts.defines - analysis.changed(stage)
    return _named_in_files(analysis, crossings, stage) & perhaps if perhaps and analysis.observation else set()


def _bound_by_code(analysis: Analysis, crossings: Crossings, stage: int) -> set[str]:
    units = analysis.program.units
    return {name for position in crossings.replayed[stage] for name in units[position].facts.defines}


def _named_in_files(analysis: Analysis, crossings: Crossings, stage: int) -> set[str]:
    """Classes and functions that later stages find by name for values that they load: it must still be the same one."""
    return {
        name
        for other in range(stage + 1, analysis.count)
        for value in _loaded(analysis, crossings, other)
        for name in analysis.classes(value, other)
    }


def _is_labels(value: Variable | None) -> bool:
    """Frames share an index without being one file: what names it anew names all of theirs."""
    return value is not None and value.type.startswith("pandas.") and value.type.endswith("Index")


def _at_hand(analysis: Analysis, crossings: Crossings, stage: int) -> set[str]:
    """What is cheap to look at, or has code of its own: no reading of the stage's code finds all that may change it."""
    loaded = _loaded(analysis, crossings, stage)
    again = _replayed_names(analysis, crossings, stage) | crossings.recomputed[stage]
    return {name for name in loaded if _is_cheap(analysis.variable(name, stage))} | {
        name for name in again - loaded if _has_own_code(analysis, name, stage)
    }


def _is_cheap(value: Variable | None) -> bool:
    return value is not None and value.kind == "value" and not value.is_immutable and (value.size or 0) <= _LARGE


def _has_own_code(analysis: Analysis, name: str, stage: int) -> bool:
    """A class that keeps state, or an object of the notebook's classes: looking at it may run their code."""
    value = analysis.variable(name, stage)
    if value is None or name in analysis.program.stateful:
        return value is not None and value.kind != "module"
    return bool(value.classes) and _is_cheap(value)


def watched_from(analysis: Analysis, crossings: Crossings, stage: int) -> tuple[tuple[int, tuple[str, ...]], ...]:
    """What the stage makes itself, may change later on, was seen not to, and a later stage makes anew from its code.

    By the cell from which on it must stay as it is.
    """
    found: dict[int, set[str]] = {}
    for name, position in _made_again(analysis, crossings, stage).items():
        below = [unit for unit in analysis.program.units[position + 1 :] if unit.stage == stage]
        here, own_code = analysis.program.units[position].cell, _has_own_code(analysis, name, stage)
        changing = [unit.cell for unit in below if _may_change(name, unit) or (own_code and unit.cell != here)]
        if changing and changing[0] != here:
            found.setdefault(changing[0], set()).add(name)
    return tuple((cell, tuple(sorted(names))) for cell, names in sorted(found.items()))


def _may_change(name: str, unit: Unit) -> bool:
    """`globals()["x"] = 1` may bind anything anew."""
    everything = READS_EVERYTHING.intersection(unit.facts.dynamic)
    return bool(everything) or name in unit.facts.mutates | unit.facts.may_mutate


def absent(analysis: Analysis, crossings: Crossings, stage: int) -> tuple[str, ...]:
    """Names that the stage may bind or leave bound, was seen not to, and that a later stage takes from it."""
    return tuple(
        sorted(
            {
                name
                for other in range(stage + 1, analysis.count)
                for name in crossings.needs[other]
                if analysis.producer(name, other) == stage
                and analysis.is_gone(name, stage)
                and not _SHELLS_OWN.fullmatch(name)
                and analysis.code_units(name, analysis.program.first_unit(other)) is None
            }
            | _named_by_nobody(analysis, stage)
            | (_perhaps_rebound(analysis, crossings, stage) - _known_at_start(analysis, crossings, stage))
        )
    )


def _known_at_start(analysis: Analysis, crossings: Crossings, stage: int) -> set[str]:
    loaded = _loaded(analysis, crossings, stage) | _replayed_names(analysis, crossings, stage)
    return loaded | _bound_by_code(analysis, crossings, stage)


def _named_by_nobody(analysis: Analysis, stage: int) -> set[str]:
    """Names that later stages ask for and that no code binds by name, where the stage may bind whatever it likes."""
    if analysis.observation is None or not READS_EVERYTHING.intersection(analysis.facts[stage].dynamic):
        return set()
    asked = {
        name
        for other in range(stage + 1, analysis.count)
        for name in analysis.facts[other].uses
        if not name.startswith("$") and analysis.producer(name, other) is None
    }
    given = BUILTINS | {name for name in asked if _SHELLS_OWN.fullmatch(name)}
    return {name for name in asked - given if analysis.is_gone(name, stage)}


def present(analysis: Analysis, crossings: Crossings, stage: int) -> tuple[str, ...]:
    """Names that the stage hands on and binds only on some path, without having them before."""
    facts = analysis.facts[stage]
    first = analysis.program.first_unit(stage)
    handed = _stored_names([(stage, names) for names in crossings.outputs[stage]])
    before = _stored_names(crossings.inputs[stage]) - facts.deletes
    perhaps = handed - facts.defines - before
    return tuple(sorted(name for name in perhaps if not analysis.code_units(name, first)))


def settings(analysis: Analysis, stage: int) -> tuple[tuple[str, ...], int | None]:
    """Settings that code of the stage may change and was seen not to, where that code cannot simply run again.

    With them the cell from which on they must stay as they are. Raises Inseparable where a later cell of the stage
    changes one of them rightly.
    """
    if analysis.observation is None or stage == analysis.count - 1:
        return (), None
    last = analysis.last_mark(stage)
    known = {symbol: look for symbol in analysis.facts[stage].ambient if (look := seen_as(symbol))}
    shown = {symbol: look for symbol, look in known.items() if last and last.shows(look)}
    mine = [unit for unit in analysis.program.units if unit.stage == stage and unit.facts.ambient & shown.keys()]
    doubtful = [unit for unit in mine if not unit.replayable and not analysis.changes_ambient(unit)]
    if not doubtful:
        return (), None
    symbols = {symbol for unit in doubtful for symbol in unit.facts.ambient & shown.keys()}
    for unit in mine:
        if unit.cell > doubtful[0].cell and unit.facts.ambient & symbols and analysis.changes_ambient(unit):
            cell = analysis.program.cell(doubtful[0].cell).label
            raise Inseparable(stage, stage + 1, f"{cell} may change settings that a later cell changes too")
    return tuple(sorted({shown[symbol] for symbol in symbols})), doubtful[0].cell


def still(analysis: Analysis, crossings: Crossings, stage: int) -> tuple[str, ...]:
    """Generators that were seeded before and that the stage was not seen to draw from: it does not have their state."""
    before = analysis.last_mark(stage - 1) if stage else None
    seeded = {name for name, state in before.random.items() if state} if before else set()
    groups = [names for _, names in crossings.inputs[stage]] + crossings.outputs[stage]
    mine = {name for names in groups for name in names} | analysis.facts[stage].defines
    return tuple(sorted(f"random_{name}" for name in seeded if f"$rng:{name}" not in mine))


def _made_again(analysis: Analysis, crossings: Crossings, stage: int) -> dict[str, int]:
    """Names of values that code of the stage binds and a later stage binds anew by running it, with its last place."""
    units = analysis.program.units
    found: dict[str, int] = {}
    for other in range(stage + 1, analysis.count):
        first = analysis.program.first_unit(other)
        for position in sorted(crossings.replayed[other]):
            # A whole cell is run again for one of its names; another one of them may come from a file.
            names = units[position].facts.defines if units[position].stage == stage else ()
            taken = [name for name in names if analysis.code_units(name, first) is not None]
            found |= {name: max(position, found.get(name, 0)) for name in taken}
    values = {name: position for name, position in found.items() if not name.startswith("$")}
    return {name: position for name, position in values.items() if not _is_module(analysis, name, stage)}


_SHELLS_OWN = re.compile(r"_{1,3}|_i{0,3}\d*|In|Out|exit|quit|get_ipython")


def _is_module(analysis: Analysis, name: str, stage: int) -> bool:
    value = analysis.variable(name, stage)
    return name in analysis.program.modules or (value is not None and value.kind == "module")


def _replayed_names(analysis: Analysis, crossings: Crossings, stage: int) -> set[str]:
    """Names that code of earlier stages binds anew in this one: a class, or a function, may keep state as well."""
    first = analysis.program.first_unit(stage)
    return {
        name
        for name in crossings.needs[stage]
        if analysis.code_units(name, first) and not _is_module(analysis, name, stage)
    }


def _stored_names(inputs: list[tuple[int, tuple[str, ...]]]) -> set[str]:
    return {name for _, names in inputs for name in names if not name.startswith("$")}


def _loaded(analysis: Analysis, crossings: Crossings, stage: int) -> set[str]:
    """Names that the stage loads as they are now; beside them in a file may lie what was bound anew since."""
    return {
        name
        for producer, names in crossings.inputs[stage]
        for name in _stored_names([(producer, names)])
        if producer >= (analysis.producer(name, stage) or 0)
    }


def _passed_by(analysis: Analysis, crossings: Crossings, stage: int) -> set[str]:
    """Names that a later stage takes from where they were before this stage: from a file, or from code."""
    found: set[str] = set()
    for other in range(stage + 1, analysis.count):
        # One reader may take a name from this stage, with what it shares objects with, and the next from code.
        here = _stored_names([one for one in crossings.inputs[other] if one[0] >= stage])
        names = (crossings.needs[other] | crossings.recomputed[other]) - here
        producers = {name: analysis.producer(name, other) for name in names}
        found |= {name for name, producer in producers.items() if producer is None or producer < stage}
    return found


def apart(analysis: Analysis, crossings: Crossings, stage: int) -> tuple[str, ...]:
    """Inputs that may go on under another name on a path that was not taken, and that pass the stage by."""
    handed = _stored_names([(stage, names) for names in crossings.outputs[stage]])
    again = {name for name in _replayed_names(analysis, crossings, stage) if analysis.is_changeable(name, stage)}
    passing = (_loaded(analysis, crossings, stage) | again) & _passed_by(analysis, crossings, stage)
    mine = {name for name in _made_again(analysis, crossings, stage) if analysis.is_changeable(name, stage)}
    passing = (passing | mine) - handed
    if not handed or not passing:
        return ()
    whole, parts = analysis.program.sometimes_shared(stage)
    values = {name: analysis.variable(name, stage) for name in passing}
    return tuple(
        sorted(
            name
            for name, value in values.items()
            if (name in whole | parts or _is_cheap(value))
            and (value is None or not value.shares & handed)
            and (value is None or not value.is_immutable)
            # Whether a part of a frame is a view depends on how the frame lies in memory.
            and (name in whole or value is None or not value.type.startswith("pandas."))
        )
    )
