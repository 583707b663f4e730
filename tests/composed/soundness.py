"""What the observed run saw, against what was known statically."""

from __future__ import annotations

from composed.conversion import Converted
from nb2prod.dataflow.facts import compose
from nb2prod.pipeline.observation import Mark


def missed(done: Converted) -> list[str]:
    """Names that a segment was seen to change, or a stage turned out to need, that no static fact told.

    Names that share objects with one that was known are known through it. Code that says it is dynamic may do anything.
    """
    if done.observation is None or done.program is None:
        return []
    dynamic = any(cell.facts.dynamic for cell in done.program.facts.values())
    inputs = () if dynamic else sorted(done.found_inputs)
    found = [f"needs {name} in stage {stage}" for stage, name in inputs]
    before = done.observation.start
    for mark, changed in done.observation.changes():
        facts = compose(done.program.facts[index].facts for index in mark.cells)
        known = facts.writes | facts.may_mutate | facts.ambient
        if not facts.dynamic and "$star" not in facts.ambient:
            names = changed - _with_shared(set(known), before, mark)
            names = {name for name in names if not _keeps_a_cache(mark, name)}
            found += [f"cells {mark.cells} change {name}" for name in sorted(names)]
        before = mark
    return found


def _with_shared(known: set[str], *marks: Mark) -> set[str]:
    frontier = list(known)
    while frontier:
        name = frontier.pop()
        for mark in marks:
            value = mark.variables.get(name)
            for other in (value.shares if value else frozenset()) - known:
                known.add(other)
                frontier.append(other)
    return known


def _keeps_a_cache(mark: Mark, name: str) -> bool:
    """Some objects of pandas remember what they were asked; that changes nothing that they answer."""
    value = mark.variables.get(name)
    return value is not None and value.type.startswith(
        ("pandas.core.groupby", "pandas.core.window", "pandas.api.typing")
    )
