"""Notebooks as text — cells parted by `# %% tags` — and pipelines rendered as text."""

from __future__ import annotations

from collections.abc import Mapping

from nb2prod.notebook.model import Cell, Notebook
from nb2prod.notebook.stages import cut
from nb2prod.pipeline.build import NO_REPAIRS, Request, build
from nb2prod.pipeline.model import Layout, Pipeline, Repairs, Stage
from nb2prod.pipeline.observation import Mark, Observation, Variable

LAYOUT = Layout("pipeline", "work.ipynb")


def notebook(text: str) -> Notebook:
    """`# %% stage:a setup` opens a cell with these tags; `# %% md` one of prose."""
    cells: list[Cell] = []
    for index, part in enumerate(text.strip("\n").split("# %%")[1:]):
        head, _, source = part.partition("\n")
        tags = tuple(head.split())
        kind = "markdown" if "md" in tags else "code"
        cells.append(Cell(f"c{index}", index, kind, source.strip("\n"), tuple(tag for tag in tags if tag != "md")))
    return Notebook("work", "work.ipynb", tuple(cells), "python3")


def request(
    text: str,
    observation: Observation | None = None,
    repairs: Repairs = NO_REPAIRS,
    values: Mapping[str, object] | None = None,
    tree: frozenset[str] = frozenset(),
) -> Request:
    one = notebook(text)
    return Request(one, cut(one), LAYOUT, "work", "work", dict(values or {}), tree, observation, repairs)


def planned(text: str, **given: object) -> Pipeline:
    return build(request(text, **given))  # type: ignore[arg-type]


def rendered(pipeline: Pipeline) -> str:
    """One line per stage, one per merge."""
    lines = [_stage(stage) for stage in pipeline.stages]
    lines += [f"merged {'+'.join(merge.stages)}: {merge.reason}" for merge in pipeline.merges]
    return "\n".join(lines)


def _stage(stage: Stage) -> str:
    replayed = [line for cell in stage.cells if cell.kind == "replayed" for line in cell.source.splitlines()]
    imported = [cell.source.splitlines()[-1].rpartition("import ")[2] for cell in stage.cells if cell.kind == "import"]
    parts = {
        "params": " ".join(stage.parameters),
        "again": "; ".join(replayed),
        "lifted": ", ".join(imported),
        "in": ", ".join("+".join(one.names) for one in stage.inputs),
        "out": ", ".join(f"{'+'.join(one.names)}.{one.format}" for one in stage.outputs),
        "reads": " ".join(file.path for file in stage.reads),
        "writes": " ".join(file.path for file in stage.writes),
        "watches": " ".join(stage.watched),
        "metrics": " ".join(stage.metrics),
    }
    return " | ".join([stage.name, *(f"{name}: {text}" for name, text in parts.items() if text)])


def variable(name: str, value: str, shares: str = "", kind: str = "value", **more: object) -> Variable:
    given: dict[str, object] = {"type": "builtins.list", "format": "json" if kind == "value" else None, **more}
    return Variable(name=name, fingerprint=value, kind=kind, shares=frozenset(shares.split()), **given)  # type: ignore[arg-type]


def observed(*segments: tuple[str, list[Variable]], random: tuple[str, ...] = ()) -> Observation:
    """A run: for each segment its cells' numbers and what is there after it. `random`: numpy's state after each."""
    states = random or ("0",) * len(segments)
    marks = tuple(
        Mark(tuple(map(int, cells.split())), {one.name: one for one in values}, {"numpy": state}, {})
        for (cells, values), state in zip(segments, states, strict=True)
    )
    return Observation(Mark((), {}, {"numpy": "0"}, {}), marks, {}, {})
