"""Cells that change what they bind, or fail, when they run twice in a row."""

from __future__ import annotations

from collections.abc import Iterator

from nb2prod.lint.context import Context
from nb2prod.lint.running.evidence import Evidence, Fact
from nb2prod.lint.running.places import first_line, line_of
from nb2prod.pipeline.observation import Mark

# What is drawn on changes with each drawing, and nobody computes with it.
_DRAWN = ("matplotlib.", "seaborn.", "plotly.", "IPython.", "ipywidgets.")
_HINT = "bind the result to a new name, so that the cell may run again"


def repeating(context: Context, evidence: Evidence, differing: set[int]) -> Iterator[Fact]:
    """One fact per cell that was repeated and did not give the same. `differing`: cells that never do."""
    views = {view.index: view for view in context.views}
    for repeat in evidence.repeats.values():
        view = views[repeat.index]
        if repeat.failure is not None:
            what = f"{repeat.failure.name}: {' '.join(repeat.failure.value.split())[:120]}"
            place = line_of(view, repeat.failure.line)
            yield Fact("non-idempotent-cell", view.index, place, f"fails when it runs a second time: {what}", _HINT)
        elif repeat.names and view.index not in differing:
            names = ", ".join(f"`{name}`" for name in repeat.names)
            message = f"running it twice changes {names} again"
            yield Fact("non-idempotent-cell", view.index, first_line(view), message, _HINT)


def changed_again(written: frozenset[str], before: Mark, once: Mark, twice: Mark) -> tuple[str, ...]:
    """Names that the second of two runs in a row changed."""
    names = (once.changed_since(before) | written) & once.variables.keys() & twice.variables.keys()
    found = []
    for name in sorted(names):
        old, new = once.variables[name], twice.variables[name]
        is_value = old.comparable and old.kind == "value" and not old.type.startswith(_DRAWN)
        if is_value and (old.type, old.fingerprint) != (new.type, new.fingerprint):
            found.append(name)
    return tuple(found)
