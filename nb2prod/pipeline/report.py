"""Cells tagged `report` run as one stage after all others: changing a plot trains nothing again.

The reference is the notebook, where they run in between. So a cell moves only if that can make no difference:

1. What it shows is at the end what it was at its place: no later cell changes what it uses, or the files it looks at.
2. What it leaves is nobody's: no later cell uses what it binds or changes, files and settings included.

Where one of these does not hold, the cell stays in its stage, which is always faithful; so do all of them where the
proof finds that the stage shows something else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from nb2prod.dataflow.collect import collect_cell
from nb2prod.dataflow.environment import Environment
from nb2prod.dataflow.facts import CellFacts, Facts, compose
from nb2prod.dataflow.knowledge import tables
from nb2prod.notebook.model import Notebook
from nb2prod.notebook.stages import Cut
from nb2prod.pipeline.crossings import Analysis
from nb2prod.pipeline.model import Repairs
from nb2prod.pipeline.observation import Mark
from nb2prod.pipeline.proposal import activity_of


class StaysInPlace(Exception):
    """The cell does not come last, and the reason."""

    def __init__(self, cell: int, reason: str) -> None:
        super().__init__(reason)
        self.cell = cell
        self.reason = reason


def check_report(analysis: Analysis) -> None:
    """Raise StaysInPlace for the first cell that would differ at the end."""
    for index in analysis.program.cut.report:
        if index in analysis.program.facts and (reason := _why_not(analysis, index)):
            raise StaysInPlace(index, reason)


def _why_not(analysis: Analysis, index: int) -> str:
    program, facts = analysis.program, analysis.program.facts[index].facts
    path = [unit for unit in program.units if unit.cell > index and unit.cell not in program.cut.report]
    if not path:
        return ""
    later = compose(unit.facts for unit in path)
    if facts.dynamic:
        return "nobody can tell what it reads"
    if reason := _why_not_process(program.modules, facts, later):
        return reason
    before, mark, after = _marks(analysis, index)
    changed = mark.changed_since(before) if mark else facts.writes
    written = {name for one, names in after for name in names} | later.writes
    if shown := sorted(facts.uses & written):
        return f"later cells change {_named(shown)}, which it uses"
    if left := sorted((changed | facts.writes) & later.uses):
        return f"it changes {_named(left)}, which later cells use"
    return _why_not_files(mark, [one for one, _ in after]) if mark else ""


def _why_not_process(modules: Mapping[str, str], facts: Facts, later: Facts) -> str:
    """What the process holds beside the variables, whatever was seen: at other parameters more may be changed."""
    if facts.ambient:
        return "it may change settings that hold in later cells"
    if later.ambient or later.dynamic:
        return "later cells may change settings or modules"
    drawing = tuple(tables().figures["modules"])
    both = {name for name in facts.uses & later.uses if modules.get(name, "").startswith(drawing)}
    if both:
        return f"later cells draw with {_named(sorted(both))} too, and a figure may stay open"
    own = sorted(name for name in facts.uses & later.uses if name in modules and not tables().is_known(modules[name]))
    return f"later cells use {_named(own)} too, which may hold something" if own else ""


def _marks(analysis: Analysis, index: int) -> tuple[Mark | None, Mark | None, list[tuple[Mark, frozenset[str]]]]:
    """(before the cell, after it, after each later segment of the path with what changed in it)."""
    if analysis.observation is None:
        return None, None, []
    before, own = analysis.observation.start, None
    after = []
    for mark, changed in analysis.observation.changes():
        if index in mark.cells:
            own = mark
        elif own is None:
            before = mark
        elif mark.cells[0] not in analysis.aside:
            after.append((mark, changed))
    return before, own, after


def _why_not_files(mark: Mark, after: list[Mark]) -> str:
    written = {path for one in after for path in (*one.writes, *one.deleted)}
    looked = mark.reads | mark.probed | {path for path in written if mark.lists(path)}
    if found := sorted(looked & written):
        return f"later cells write `{found[0]}`, which it reads"
    read = {path for one in after for path in one.reads | one.probed}
    if found := sorted(mark.writes & read):
        return f"it writes `{found[0]}`, which later cells read"
    return ""


def _named(names: list[str]) -> str:
    return ", ".join("the random generator" if name.startswith("$rng:") else f"`{name}`" for name in names)


def used_after(analysis: Analysis) -> frozenset[str]:
    """What the path uses after the first cell of the report: at other parameters such a cell may change it."""
    report = analysis.program.cut.report
    units = analysis.program.units
    return compose(unit.facts for unit in units if report and unit.cell > report[0] and unit.cell not in report).uses


def without_report(cut: Cut, repairs: Repairs) -> tuple[Cut, Repairs, str]:
    """All cells back in their stages, where the proof found that the report's stage is not faithful; and why."""
    name = cut.report_name
    told = [reason for first, last, reason in repairs.merges if name in (first, last)] if cut.report else []
    if not told:
        return cut, repairs, ""
    merges = tuple(one for one in repairs.merges if name not in one[:2])
    return cut.with_back(cut.report), replace(repairs, merges=merges), told[0]


def display_only(notebook: Notebook, cut: Cut) -> Iterator[int]:
    """Cells that only show something, in stages that do something: what could be tagged `report`."""
    environment = Environment()
    facts = {cell.index: collect_cell(cell, environment) for cell in notebook.code_cells}
    for stage in cut.stages:
        code = [index for index in stage.cells if index in facts]
        shown = [index for index in code if _only_shows(notebook, cut, facts, index)]
        if set(code) - set(shown):
            yield from shown


def _only_shows(notebook: Notebook, cut: Cut, facts: dict[int, CellFacts], index: int) -> bool:
    role, own = cut.roles[index], facts[index].facts
    if role.stage or role.metrics or role.predict or activity_of(notebook.cells[index].source) != "explore":
        return False
    if facts[index].magic or own.ambient or own.files or own.dynamic or own.deletes:
        return False
    later = [facts[other].facts for other in facts if other > index]
    return not _meets(own, compose(later), compose(facts[other].facts for other in facts if other != index))


def _meets(own: Facts, later: Facts, others: Facts) -> bool:
    """Whether what the cell uses changes later, or what it binds or changes is somebody else's too."""
    left = own.writes | frozenset(name for name in own.may_mutate if name.startswith("$"))
    return bool(own.uses & (later.writes | later.may_mutate) or left & (others.uses | others.may_mutate))
