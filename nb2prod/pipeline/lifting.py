"""Definitions that may live in the pipeline's own package, importable and testable.

A cell is lifted when it holds definitions and imports only, and when its code touches nothing that changes:
besides builtins only imports and other lifted definitions, each bound once in the whole notebook.
"""

from __future__ import annotations

import builtins
import keyword
from collections.abc import Iterable
from dataclasses import dataclass

from nb2prod.dataflow.facts import Callable, CellFacts
from nb2prod.pipeline.model import Module
from nb2prod.pipeline.program import Program, Unit

_BUILTINS = frozenset(dir(builtins)) | {"__name__", "__class__"}


@dataclass(frozen=True, slots=True)
class Lifted:
    """A lifted cell: the module it went to and the names that it exports."""

    module: str
    exports: tuple[str, ...]


def lifted_cells(program: Program, kept: frozenset[int]) -> dict[int, Lifted]:
    """Which cells are lifted, by index. `kept`: cells whose definitions were seen to matter where they stand."""
    writers = _writers(program)
    imports = {
        name
        for name, units in writers.items()
        if len({program_text(program, unit) for unit in units}) == 1 and all(unit.kind == "import" for unit in units)
    }
    candidates = {index: cell for index, cell in program.facts.items() if _may_lift(program, cell, kept, writers)}
    while True:
        exported = {name for cell in candidates.values() for name in definitions(cell)}
        allowed = imports | exported | _BUILTINS
        left = {index: cell for index, cell in candidates.items() if _free_names(cell) <= allowed}
        if len(left) == len(candidates):
            break
        candidates = left
    return {index: Lifted(_module_name(program, index), definitions(cell)) for index, cell in candidates.items()}


def program_text(program: Program, unit: Unit) -> str:
    """A unit's own text."""
    cell = program.facts[unit.cell]
    return program.cell(unit.cell).source if unit.statement is None else cell.statements[unit.statement].text


def definitions(cell: CellFacts) -> tuple[str, ...]:
    """The functions and classes that a cell defines, in order."""
    return tuple(name for one in cell.statements if one.kind == "definition" for name in sorted(one.facts.defines))


def modules(program: Program, lifted: dict[int, Lifted]) -> tuple[Module, ...]:
    """The package's files: for each the imports that its definitions use, then the cells' own text."""
    found: dict[str, list[int]] = {}
    for index in sorted(lifted):
        found.setdefault(lifted[index].module, []).append(index)
    return tuple(_module(program, lifted, name, cells) for name, cells in sorted(found.items()))


def _module(program: Program, lifted: dict[int, Lifted], name: str, cells: list[int]) -> Module:
    exports = tuple(export for index in cells for export in lifted[index].exports)
    needed = {free for index in cells for free in _free_names(program.facts[index])} - set(exports)
    texts = _imports(program, lifted, name, needed, cells)
    bodies = [program.cell(index).source.strip("\n") for index in cells]
    head = f'"""Definitions of stage `{name}`, as they stand in {program.notebook.file}."""'
    if name == "definitions":
        head = f'"""Definitions of {program.notebook.file}, as they stand there."""'
    imports = ["\n".join(texts)] if texts else []
    return Module(name, "\n\n".join([head, *imports]) + "\n\n\n" + "\n\n\n".join(bodies) + "\n", exports)


def _imports(program: Program, lifted: dict[int, Lifted], module: str, needed: set[str], cells: list[int]) -> list[str]:
    texts: dict[str, None] = {}
    for unit in program.units:
        if unit.kind == "import" and unit.facts.defines & needed and unit.cell not in cells:
            texts[program_text(program, unit)] = None
    for other in lifted.values():
        names = [name for name in other.exports if name in needed]
        if other.module != module and names:
            texts[f"from .{other.module} import {', '.join(names)}"] = None
    return list(texts)


def _writers(program: Program) -> dict[str, list[Unit]]:
    found: dict[str, list[Unit]] = {}
    for unit in program.units:
        statements = program.facts[unit.cell].statements
        for name in unit.facts.writes:
            found.setdefault(name, []).append(unit)
        # A `setup` cell is one unit; its statements tell which of its names are plain imports.
        if unit.statement is None and unit.kind == "setup":
            for number, statement in enumerate(statements):
                as_unit = Unit(unit.position, unit.cell, number, unit.stage, statement.facts, statement.kind, True)
                for name in statement.facts.writes:
                    found[name] = [known for known in found[name] if known is not unit] + [as_unit]
    return found


def _may_lift(program: Program, cell: CellFacts, kept: frozenset[int], writers: dict[str, list[Unit]]) -> bool:
    names = definitions(cell)
    role = program.cut.roles[cell.index]
    return (
        cell.is_definitions
        and all(statement.replayable for statement in cell.statements)
        and cell.index not in kept
        and program.stage_of_cell(cell.index) is not None
        and not (role.parameters or role.predict or role.metrics)
        and all(len(writers[name]) == 1 for name in names)
        and all(_is_closed(callable_) for name, callable_ in cell.callables if name in names)
        and not _decorated_or_mutated(cell)
    )


def _is_closed(callable_: Callable) -> bool:
    changes = callable_.writes or callable_.mutates or callable_.may_mutate or callable_.stateful
    return not (changes or callable_.dynamic)


def _decorated_or_mutated(cell: CellFacts) -> bool:
    return bool(cell.facts.mutates or cell.facts.may_mutate)


def _free_names(cell: CellFacts) -> set[str]:
    reads = {name for _, callable_ in cell.callables for name in callable_.reads if not name.startswith("$")}
    return (reads | set(cell.facts.uses)) - {"get_ipython"} | (reads & {"get_ipython", "display"})


def _module_name(program: Program, index: int) -> str:
    if index in program.cut.preamble:
        return "definitions"
    stage = program.stage_of_cell(index)
    assert stage is not None
    name = program.stages[stage].name.replace("-", "_").lower()
    return f"{name}_" if keyword.iskeyword(name) or name == "definitions" else name


def used_modules(lifted: dict[int, Lifted], program: Program, start: Iterable[str]) -> tuple[str, ...]:
    """The modules and all that they import in turn."""
    texts = {module.name: module.source for module in modules(program, lifted)}
    found: set[str] = set()
    frontier = list(start)
    while frontier:
        name = frontier.pop()
        if name not in found:
            found.add(name)
            frontier += [other for other in texts if f"from .{other} import" in texts[name]]
    return tuple(sorted(found))
