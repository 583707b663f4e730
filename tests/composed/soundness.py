"""What the observed run saw, against what was known statically."""

from __future__ import annotations

from composed.conversion import Converted
from nb2prod.dataflow.facts import compose
from nb2prod.pipeline.observation import Mark
from nb2prod.pipeline.program import Program


def missed(done: Converted) -> list[str]:
    """Names that a segment was seen to change, or a stage turned out to need, that no static fact told.

    Names that share objects with one that was known are known through it. Code that says it is dynamic may do anything.
    """
    if done.observation is None or done.program is None:
        return []
    found = [f"needs {name} in stage {stage}" for stage, name in sorted(done.found_inputs)]
    before = done.observation.start
    for mark, changed in done.observation.changes():
        facts = compose(done.program.facts[index].facts for index in mark.cells)
        known = facts.writes | facts.may_mutate | facts.ambient
        if not facts.dynamic:
            names = changed - _with_shared(set(known), before, mark) - _star(done.program, mark)
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


def _star(program: Program, mark: Mark) -> frozenset[str]:
    """Names that an import with a star brought."""
    star = any("$star" in program.facts[index].facts.ambient for index in mark.cells)
    return frozenset(name for name, value in mark.variables.items() if star and value.kind != "value")
