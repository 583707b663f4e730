"""What changed between two versions of a notebook and of its pipeline, in sentences for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from nb2prod.notebook.model import Cell, Notebook
from nb2prod.notebook.same_code import code_of, looks_at_itself
from nb2prod.notebook.stages import Cut
from nb2prod.notebook.tags import acting
from nb2prod.pipeline.model import Artifact, Pipeline, Stage


@dataclass(frozen=True, slots=True)
class Version:
    """A notebook, how it is cut, and the pipeline that analysis alone gives."""

    notebook: Notebook
    cut: Cut
    pipeline: Pipeline


def cell_changes(old: Version, new: Version) -> tuple[str, ...]:
    """One sentence for each stage whose cells changed, one for prose and comments."""
    pairs = _matched(old.notebook.cells, new.notebook.cells)
    before, after = _places(old), _places(new)
    moved = _moved(old, new, pairs)
    as_written = looks_at_itself(cell.source for one in (old, new) for cell in one.notebook.code_cells)
    found: dict[str, list[str]] = {}
    prose: list[str] = []
    for cell in new.notebook.cells:
        was = pairs.get(cell.index)
        if was is None:
            _add(cell, f"{cell.label} is new", after, found, prose)
            continue
        if cell.index in moved:
            found.setdefault(after[cell.index], []).append(_moved_text(cell, before[was.index], after[cell.index]))
        if _is_other_code(was, cell, as_written):
            found.setdefault(after[cell.index], []).append(f"{cell.label} changed")
        elif was.source != cell.source:
            prose.append(cell.label)
    kept = {was.index for was in pairs.values()}
    for cell in old.notebook.cells:
        if cell.index not in kept:
            _add(cell, f"{cell.label} is gone", before, found, prose)
    lines = [f"{place}: {', '.join(what)}" for place, what in found.items()]
    return (*lines, *([f"prose or comments: {', '.join(prose)}"] if prose else []))


def _add(cell: Cell, text: str, places: dict[int, str], found: dict[str, list[str]], prose: list[str]) -> None:
    if cell.is_code:
        found.setdefault(places[cell.index], []).append(text)
    else:
        prose.append(text)


def _moved_text(cell: Cell, before: str, after: str) -> str:
    return f"{cell.label} moved here from {before}" if before != after else f"{cell.label} moved"


def _is_other_code(old: Cell, new: Cell, as_written: bool) -> bool:
    if not (old.is_code or new.is_code):
        return False
    same = old.source == new.source or (not as_written and code_of(old.source) == code_of(new.source))
    return not same or acting(old.tags) != acting(new.tags) or old.kind != new.kind


def _matched(old: Sequence[Cell], new: Sequence[Cell]) -> dict[int, Cell]:
    """Index of the new cell → the cell that it was: by id; of those that are left, by equal text."""
    ids = {cell.id: cell for cell in old}
    pairs = {cell.index: ids.pop(cell.id) for cell in new if cell.id in ids}
    texts: dict[tuple[str, str], list[Cell]] = {}
    for cell in ids.values():
        texts.setdefault((cell.kind, cell.source), []).append(cell)
    for cell in new:
        left = texts.get((cell.kind, cell.source))
        if cell.index not in pairs and left:
            pairs[cell.index] = left.pop(0)
    return pairs


def _places(version: Version) -> dict[int, str]:
    """For each cell the stage that holds it, as people call it."""
    found = dict.fromkeys((cell.index for cell in version.notebook.cells), "before the first stage")
    found |= dict.fromkeys(version.cut.skipped, "skipped")
    found |= dict.fromkeys(version.cut.report, f"stage `{version.cut.report_name}`")
    for stage in version.cut.stages:
        found |= dict.fromkeys(stage.cells, f"stage `{stage.name}`")
    return found


def _moved(old: Version, new: Version, pairs: dict[int, Cell]) -> set[int]:
    """Code cells that stand in another order, or in another stage."""
    before, after = _places(old), _places(new)
    both = [index for index in sorted(pairs) if new.notebook.cells[index].is_code]
    code = [index for index in both if before[pairs[index].index] == after[index]]
    was = [pairs[index].index for index in code]
    blocks = SequenceMatcher(None, sorted(was), was, autojunk=False).get_matching_blocks()
    in_order = {number for block in blocks for number in range(block.b, block.b + block.size)}
    return {*both} - {index for number, index in enumerate(code) if number in in_order}


def pipeline_changes(old: Pipeline, new: Pipeline) -> tuple[str, ...]:
    """Stages, parameters, files and what crosses, as far as analysis tells them."""
    before, after = ([stage.name for stage in one.stages] for one in (old, new))
    lines = [*_came_and_went("stage", before, after)]
    lines += _came_and_went("parameter", list(old.values), list(new.values))
    kept = [name for name in after if name in before]
    if kept != [name for name in before if name in after]:
        lines.append(f"the stages' order is now {', '.join(after)}")
    for name in kept:
        lines += _stage_changes(old.stage(name), new.stage(name))
    return tuple(lines)


def _stage_changes(old: Stage, new: Stage) -> Iterator[str]:
    for verb, before, after in (
        ("needs", _names(old.inputs), _names(new.inputs)),
        ("hands on", _names(old.outputs), _names(new.outputs)),
        ("reads", [f"`{file.root_path}`" for file in old.reads], [f"`{file.root_path}`" for file in new.reads]),
        ("writes", [f"`{file.root_path}`" for file in old.writes], [f"`{file.root_path}`" for file in new.writes]),
        ("uses parameter", _quoted(old.parameters), _quoted(new.parameters)),
        ("gives metric", _quoted(old.metrics), _quoted(new.metrics)),
    ):
        more = [name for name in after if name not in before]
        less = [name for name in before if name not in after]
        if more:
            yield f"stage `{new.name}` {verb} {', '.join(more)}"
        if less:
            yield f"stage `{new.name}` no longer {verb} {', '.join(less)}"


def _names(artifacts: Iterable[Artifact]) -> list[str]:
    return [
        "the random state" if one.is_random_state else ", ".join(f"`{name}`" for name in one.names) for one in artifacts
    ]


def _quoted(names: Iterable[str]) -> list[str]:
    return [f"`{name}`" for name in names]


def _came_and_went(what: str, before: Sequence[str], after: Sequence[str]) -> Iterator[str]:
    more, less = [name for name in after if name not in before], [name for name in before if name not in after]
    for names, verb in ((more, "new"), (less, "gone")):
        if names:
            quoted = ", ".join(_quoted(names))
            yield f"{what} {quoted} is {verb}" if len(names) == 1 else f"{what}s {quoted} are {verb}"
