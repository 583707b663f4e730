"""Saved outputs that the run does not give."""

from __future__ import annotations

from collections.abc import Iterator

from nb2prod.lint.context import CodeView, Context
from nb2prod.lint.running.chain import Chain
from nb2prod.lint.running.evidence import Evidence, Fact, RunEvidence
from nb2prod.lint.running.places import first_line
from nb2prod.notebook.model import Output as SavedOutput
from nb2prod.pipeline.compare import comparable
from nb2prod.pipeline.observation import Output

# Forms that do not change with a library's version as HTML and images do.
_COMPARED = ("text", "text/plain")
_SHOWN = 40


def stale(context: Context, evidence: Evidence, varying: set[int]) -> Iterator[Fact]:
    """The first cell of each chain whose saved output is not the run's. `varying`: cells that differ between runs."""
    chain = Chain(context)
    for view in context.views:
        cause = chain.cause(view)
        if cause is not None:
            chain.follow(view, cause[1])
        elif view.index in varying:
            chain.follow(view, view.index)
        elif is_stale(view, evidence.first):
            chain.follow(view, view.index)
            chain.spoil(context.facts(view).facts.uses & _own_names(context), view.index)
            yield Fact("stale-output", view.index, first_line(view), _message(view, evidence.first), _HINT)


_HINT = "run the notebook from top to bottom and save it"


def _own_names(context: Context) -> frozenset[str]:
    return frozenset(name for view in context.views for name in context.facts(view).facts.defines)


def is_stale(view: CodeView, run: RunEvidence) -> bool:
    """Whether the cell has a saved output, ran, and gave another one."""
    cell = run.cells.get(view.index)
    if cell is None or not cell.ran or not view.cell.outputs:
        return False
    saved, given = _texts(_saved(view.cell.outputs), view), _texts(cell.outputs, view)
    return bool(saved or given) and saved != given


def _message(view: CodeView, run: RunEvidence) -> str:
    saved, given = _texts(_saved(view.cell.outputs), view), _texts(run.cells[view.index].outputs, view)
    return f"the saved output is not what a run gives: {_excerpt(saved, given)}, now {_excerpt(given, saved)}"


def _excerpt(text: str, other: str) -> str:
    """The text from where it starts to differ."""
    start = next((at for at, (a, b) in enumerate(zip(text, other, strict=False)) if a != b), min(len(text), len(other)))
    piece = " ".join(text[max(0, start - _SHOWN // 2) : start + _SHOWN].split())
    return f"`{piece}`" if piece else "nothing"


def _texts(outputs: tuple[Output, ...], view: CodeView) -> str:
    pairs = comparable(outputs, view.cell.source)
    lines = "\n".join(text for kind, text in pairs if kind in _COMPARED).split("\n")
    return "\n".join(line.rstrip() for line in lines).strip()


def _saved(outputs: tuple[SavedOutput, ...]) -> tuple[Output, ...]:
    """nbformat's kinds as the run's."""
    found = []
    for output in outputs:
        if output.kind == "stream":
            found += [Output(name, (("text/plain", text),)) for name, text in output.parts]
        elif output.kind in ("execute_result", "display_data"):
            found.append(Output("result" if output.kind == "execute_result" else "display", output.parts))
    return tuple(found)
