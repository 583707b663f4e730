"""Which of the project's own modules a stage imports: by its statements, and by what those modules import in turn.

Only the first import in the notebook reads a file, so that reading alone does not tell. The proof runs a stage in a
tree with these files only: one too few is missed there.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping

from nb2prod.dataflow.facts import Names
from nb2prod.notebook.parse import parse
from nb2prod.pipeline.crossings import Analysis, Crossings
from nb2prod.pipeline.own_modules import PLAIN_FORMATS
from nb2prod.pipeline.program import Program, Unit

_ANY = "*"
# Who imports so may import anything.
_BY_NAME = re.compile(r"\b(import_module|__import__|exec|runpy)\b|^\s*%(aimport|run|load_ext)\b", re.MULTILINE)


def local_modules(analysis: Analysis, crossings: Crossings, stage: int) -> list[str]:
    """Files of the project's modules that a stage imports: itself, through replayed code, or to read a pickle."""
    mark = analysis.last_mark(stage)
    if mark is None or not mark.local_modules:
        return []
    units = [one for one in analysis.program.units if one.stage == stage or one.position in crossings.replayed[stage]]
    asked = {name for unit in units for name in _imported(analysis.program, unit)}
    asked |= _unpickled(analysis, crossings, stage)
    return sorted({mark.local_modules[name] for name in reached(asked, mark.local_modules, mark.imports)})


def reached(asked: Iterable[str], local: Iterable[str], imports: Mapping[str, Names]) -> Names:
    """The local modules that are imported for those that are asked for, packages above them included."""
    known, found = frozenset(local), set[str]()
    pending = list(asked)
    while pending:
        name = pending.pop()
        if name == _ANY:
            return known
        new = {one for one in _with_packages(name) if one in known} - found
        found |= new
        pending += [named for one in new for named in imports.get(one, {_ANY})]
    return frozenset(found)


def _with_packages(name: str) -> Iterator[str]:
    parts = name.split(".")
    return (".".join(parts[:end]) for end in range(1, len(parts) + 1))


def _imported(program: Program, unit: Unit) -> Iterator[str]:
    if "$star" in unit.facts.ambient:
        yield _ANY
    cell = parse(program.cell(unit.cell).source)
    for statement in cell.statements if unit.statement is None else (cell.statements[unit.statement],):
        if _BY_NAME.search(statement.text):
            yield _ANY
        for node in ast.walk(statement.node):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                yield from (node.module, *(f"{node.module}.{alias.name}" for alias in node.names))


def _unpickled(analysis: Analysis, crossings: Crossings, stage: int) -> set[str]:
    """The modules of the classes in what the stage reads; of what was not seen, any."""
    found: set[str] = set()
    for producer, names in crossings.inputs[stage]:
        for name in names:
            value = analysis.variable(name, producer)
            if not name.startswith("$") and (value is None or value.format not in PLAIN_FORMATS):
                found |= value.modules if value else {_ANY}
    return found
