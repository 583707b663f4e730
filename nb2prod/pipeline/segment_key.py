"""What a segment of the observed run depends on, as far as it can be told before it runs.

Equal keys mean: the same code meets the same values, settings and random states, behind the same code that could have
changed the process unseen. What a segment reads from files is compared beside this, by those who can look.
"""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Iterator, Sequence
from typing import Any

from nb2prod.dataflow.facts import compose
from nb2prod.notebook.model import Cell
from nb2prod.notebook.parse import parse
from nb2prod.notebook.same_code import code_of, looks_at_itself
from nb2prod.notebook.tags import acting
from nb2prod.pipeline.crossings import SETTER, seen_as
from nb2prod.pipeline.observation import Mark
from nb2prod.pipeline.program import Program

_LAST_RESULTS = {"_", "__", "___", "Out", "In"}


def segment_key(program: Program, segment: Sequence[Cell], start: Mark, before: Mark, around: object) -> str | None:
    """The key; None where it cannot be told what the segment depends on.

    `before`: the kernel's state at the segment's start. `around`: the interpreter and its libraries.
    """
    facts = compose(program.facts[cell.index].facts for cell in segment)
    if facts.dynamic or any(not symbol.startswith("$rng:") for symbol in facts.ambient):
        return None
    if looks_at_itself(cell.source for cell in program.notebook.code_cells) or _uses_last_results(program):
        return None
    names = _reached(program, facts.uses, before)
    if any(symbol.startswith("$") and not symbol.startswith("$rng:") for symbol in names):
        return None
    values = [before.variables.get(name) for name in sorted(names)]
    if any(value is not None and not value.comparable and value.kind != "module" for value in values):
        return None
    settings = {name: value for name, value in before.ambient.items() if value != start.ambient.get(name)}
    if settings.pop("cwd", None):
        return None
    parts: list[Any] = [
        around,
        [(code_of(cell.source), acting(cell.tags)) for cell in segment],
        [(one.name, one.fingerprint, one.type, one.kind, sorted(one.shares)) if one else None for one in values],
        sorted(names),
        sorted(before.random.items()),
        sorted(settings.items()),
        start.ambient.get("environ"),  # the project's own modules may read any variable
        list(_unseen(program, segment[0].index)),
        sorted((one.name, repr(one.value)) for one in program.parameters if _holds_parameters(program, segment)),
    ]
    return hashlib.sha256(json.dumps(parts).encode("utf-8", "surrogatepass")).hexdigest()


def _holds_parameters(program: Program, segment: Sequence[Cell]) -> bool:
    return program.cut.parameters in [cell.index for cell in segment]


def _uses_last_results(program: Program) -> bool:
    return any(facts.facts.uses & _LAST_RESULTS for facts in program.facts.values())


def _reached(program: Program, names: frozenset[str], before: Mark) -> frozenset[str]:
    """The names, what the functions among them read and change, and what shares objects with any of them."""
    callables = {name: one for facts in program.facts.values() for name, one in facts.callables}
    found: set[str] = set()
    pending = set(names)
    while pending:
        name = pending.pop()
        found.add(name)
        more: set[str] = set()
        if name in callables:
            one = callables[name]
            more |= one.reads | one.writes | one.mutates | one.may_mutate | one.ambient
        if name in before.variables:
            more |= before.variables[name].shares
        pending |= more - found
    return frozenset(found)


def _unseen(program: Program, first: int) -> Iterator[tuple[str, ...]]:
    """Earlier code that may have changed the process where no look at it tells: settings of libraries, bare calls."""
    for index, cell in sorted(program.facts.items()):
        if index >= first:
            return
        for statement, facts in zip(parse(program.cell(index).source).statements, cell.statements, strict=False):
            symbols = {one for one in facts.facts.ambient if not _is_seen(one)}
            if symbols or facts.facts.dynamic or _is_call_of_a_module(program, statement.node):
                yield code_of(statement.text)
        if cell.magic is not None:
            yield code_of(program.cell(index).source)


def _is_call_of_a_module(program: Program, node: ast.stmt) -> bool:
    """`library.function(…)` as a statement: whatever it did, it did to the library."""
    if not isinstance(node, ast.Expr | ast.Assign) or not isinstance(node.value, ast.Call):
        return False
    root: ast.expr = node.value.func
    while isinstance(root, ast.Attribute | ast.Call):
        root = root.value if isinstance(root, ast.Attribute) else root.func
    is_bound = isinstance(node, ast.Assign)
    return isinstance(root, ast.Name) and root.id in program.modules and not is_bound


def needed_after(program: Program, index: int) -> frozenset[str] | None:
    """The names that code after the cell may need from before it; None where that may be any."""
    later = compose(one.facts for cell, one in sorted(program.facts.items()) if cell > index)
    if later.dynamic or any(one.facts.dynamic for one in program.facts.values()):
        return None
    reads = {name for facts in program.facts.values() for _, one in facts.callables for name in one.reads}
    return later.uses | reads


def _is_seen(symbol: str) -> bool:
    """Whether a mark tells what became of it, in every run alike."""
    return symbol.startswith("$rng:") or (not symbol.startswith(SETTER) and seen_as(symbol) is not None)
