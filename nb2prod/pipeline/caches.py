"""Functions that remember their results: a later stage has not the results that an earlier one computed.

`@lru_cache def f(x): return x * k` gives in the notebook what `k` was at the first call. As long as `k` stays what it
is, computing it again in another stage gives the same; where `k` may change between two calls, their stages stay
together. So do those of a function that draws or shows something, or whose remembered result may be changed in place.
"""

from __future__ import annotations

from collections.abc import Mapping

from nb2prod.dataflow.facts import Callable, Names
from nb2prod.pipeline.crossings import Analysis, Inseparable
from nb2prod.pipeline.program import Unit

_SHOWING = {"print", "display"}


def check_caches(analysis: Analysis) -> None:
    """Raises Inseparable for stages that would see other results than the remembered ones."""
    callables = {name: one for facts in analysis.program.facts.values() for name, one in facts.callables}
    for name in sorted(name for name, one in callables.items() if one.cached):
        _check(analysis, name, callables)


def _check(analysis: Analysis, name: str, callables: Mapping[str, Callable]) -> None:
    uses = [unit for unit in analysis.program.units if name in unit.facts.uses]
    if not uses or uses[0].stage == uses[-1].stage:
        return
    below = _below(name, callables)
    reads = frozenset(read for one in below for read in callables[one].reads) - {name}
    acts = bool(reads & _SHOWING) or any(not _only_reads(callables[one]) for one in below)
    for unit in analysis.program.units[uses[0].position : uses[-1].position + 1]:
        changed = _changed(analysis, unit) & reads
        if changed or _changes_result(analysis, unit, name) or (acts and unit in uses):
            why = f"reads `{min(changed)}`, which changes" if changed else "what it gives may change with each call"
            reason = f"`{name}` remembers its results, and {why}"
            raise Inseparable(uses[0].stage, uses[-1].stage, reason)


def _below(name: str, callables: Mapping[str, Callable]) -> set[str]:
    """The function and all that it may call."""
    found, frontier = {name}, [name]
    while frontier:
        new = callables[frontier.pop()].reads & callables.keys() - found
        found |= new
        frontier += new
    return found


def _only_reads(callable_: Callable) -> bool:
    changes = callable_.writes or callable_.mutates or callable_.may_mutate or callable_.ambient or callable_.stateful
    return not (changes or callable_.dynamic or any(file.mode == "write" for file in callable_.files))


def _changed(analysis: Analysis, unit: Unit) -> Names:
    """What the unit binds, and what it may change in place unless it was seen not to."""
    facts = unit.facts
    perhaps = facts.mutates | facts.may_mutate
    if analysis.observation is not None:
        perhaps = frozenset(name for name in perhaps if analysis.segment_changed(name, unit.cell))
    return facts.defines | facts.may_define | facts.deletes | perhaps


def _changes_result(analysis: Analysis, unit: Unit, name: str) -> bool:
    """Whether a result of the function may be changed in place. A number cannot."""
    perhaps = unit.facts.mutates | unit.facts.may_mutate
    if name not in perhaps:
        return False
    values = [analysis.variable(other, unit.stage) for other in perhaps - {name}]
    return not values or not all(value is not None and value.is_immutable for value in values)
