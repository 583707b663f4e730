"""What a stage checks at its end, because a path that the notebook did not take would change it.

The observed run shows one path. With other parameters or data a stage may change what it did not change, or hand on
an object of one name under another: then later stages would read what no longer holds, and the stage fails instead.
"""

from __future__ import annotations

import re

from nb2prod.pipeline.crossings import READS_EVERYTHING, Analysis, Crossings

_IMMUTABLE = re.compile(
    r"(builtins\.)?(bool|int|float|complex|str|bytes|NoneType|range)\Z|numpy\.(bool|u?int|float)\d*_?\Z"
)


def watched(analysis: Analysis, crossings: Crossings, stage: int) -> tuple[str, ...]:
    """What the stage starts with, may change, was seen not to, and a later stage takes from an earlier one."""
    facts = analysis.facts[stage]
    if READS_EVERYTHING.intersection(facts.dynamic):
        mine = {name for name in crossings.needs[stage] if not _is_module(analysis, name, stage)}
        perhaps = mine
    else:
        mine = _stored_names(crossings.inputs[stage]) | crossings.recomputed[stage]
        perhaps = set(facts.mutates | facts.may_mutate)
    handed = {name for names in crossings.outputs[stage] for name in names}
    named = {name for name in mine if not name.startswith("$")}
    return tuple(sorted(named & _passed_by(analysis, crossings, stage) & perhaps - handed - facts.defines))


def _is_module(analysis: Analysis, name: str, stage: int) -> bool:
    value = analysis.variable(name, stage)
    return name in analysis.program.modules or (value is not None and value.kind == "module")


def _stored_names(inputs: list[tuple[int, tuple[str, ...]]]) -> set[str]:
    return {name for _, names in inputs for name in names if not name.startswith("$")}


def _passed_by(analysis: Analysis, crossings: Crossings, stage: int) -> set[str]:
    """Names that a later stage takes from where they were before this stage: from a file, or from code."""
    later = range(stage + 1, analysis.count)
    return {
        name
        for other in later
        for name in crossings.needs[other] | crossings.recomputed[other]
        if (producer := analysis.producer(name, other)) is None or producer < stage
    }


def apart(analysis: Analysis, crossings: Crossings, stage: int) -> tuple[str, ...]:
    """Inputs that may go on under another name on a path that was not taken, and that pass the stage by."""
    handed = _stored_names([(stage, names) for names in crossings.outputs[stage]])
    passing = _stored_names(crossings.inputs[stage]) & _passed_by(analysis, crossings, stage) - handed
    if not handed or not passing:
        return ()
    whole, parts = analysis.program.sometimes_shared(stage)
    values = {name: analysis.variable(name, stage) for name in passing}
    return tuple(
        sorted(
            name
            for name, value in values.items()
            if name in whole | parts
            and (value is None or not value.shares & handed)
            and (value is None or not _IMMUTABLE.match(value.type))
            and (name in whole or value is None or not value.type.startswith(("pandas.", "numpy.")))
        )
    )
