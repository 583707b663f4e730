"""What every part of the machine shares: its state, and how values are put together."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from functools import lru_cache

from nb2prod.lint.provenance.events import Fit, Place, Story
from nb2prod.lint.provenance.memory import Scope
from nb2prod.lint.provenance.rows import Rows
from nb2prod.lint.provenance.tables import leakage
from nb2prod.lint.provenance.values import (
    NO_NAMES,
    OPAQUE,
    UNSURE,
    Data,
    Function,
    Indices,
    Literal,
    Mapping,
    Sequence,
    Table,
    Taints,
    Value,
)
from nb2prod.notebook.trees import walk

Keywords = dict[str, Value]
_LONGEST = 24
_MOST_LISTS = 200
_MOST_TAINTS = 100
DEEPEST = 100


class Core:
    """The state of the walk. `loops`: the loops around, by number; `loop_names`: what their targets are called."""

    def __init__(self) -> None:
        self.known = leakage()
        self.story = Story()
        self.globals = Scope()
        self.scope = self.globals
        self.cell = 0
        self.loops: tuple[int, ...] = ()
        self.loop_names: list[set[str]] = []
        self.loop_count = 0
        self.calls: list[ast.AST] = []
        self.returned: list[Value] = []
        self.outer: Place | None = None
        self.stars: list[str] = []
        self.budget = 15_000
        self.depth = 0
        self.inlined: dict[ast.AST, int] = {}

    # ── what the other parts bring ───────────────────────────────────────────

    def evaluate(self, node: ast.expr) -> Value:
        """What an expression gives."""
        raise NotImplementedError

    def call_function(self, function: Function, args: list[Value], keywords: Keywords) -> Value:
        """What a function of the notebook gives."""
        raise NotImplementedError

    def store(self, target: ast.expr, value: Value) -> None:
        """Assign a value."""
        raise NotImplementedError

    # ── places and rows ──────────────────────────────────────────────────────

    def place(self, node: ast.AST) -> Place:
        """The node, in the cell that is being read."""
        return Place(self.cell, node)

    def called_at(self, node: ast.AST) -> Place:
        """The node, or the call at the top level that led to it."""
        return self.outer if self.calls and self.outer is not None else self.place(node)

    def new_rows(self, role: str = "", *, aggregate: bool = False) -> Rows:
        """Rows that nothing is known of."""
        return Rows(role=role, loops=self.loops, aggregate=aggregate)

    def fresh(self, **changes: object) -> Data:
        """A value of its own rows."""
        made = Data(self.new_rows())
        for key, value in changes.items():
            setattr(made, key, value)
        return made

    def frame(self, rows: Rows) -> Data:
        """A table whose columns all come from one place."""
        from nb2prod.lint.provenance.values import Columns

        return Data(rows, table=Table(), columns=Columns(), dims=2)

    # ── values ───────────────────────────────────────────────────────────────

    def as_data(self, value: Value | None) -> Data:
        """The value, taken for data. A list stays the same data as long as it holds the same number of things."""
        if isinstance(value, Data):
            return value
        if isinstance(value, Sequence | Mapping):
            inside = self.datas(value)
            if inside:
                return self.combined(inside)
            if value.data is None:
                value.data = self.fresh()
            return value.data
        return self.fresh()

    def datas(self, value: Value | None) -> list[Data]:
        """The data in a value: itself, or what a list or dictionary holds."""
        if isinstance(value, Data):
            return [value]
        if not isinstance(value, Sequence | Mapping):
            return []
        return [one for one in inside(value) if isinstance(one, Data)]

    def combine(self, values: Iterable[Value | None], **changes: object) -> Value:
        """A value computed from others, nothing else being known; opaque where none of them is data."""
        found = [one for value in values for one in self.datas(value)]
        return self.combined(found, **changes) if found else OPAQUE

    def combined(self, found: list[Data], **changes: object) -> Data:
        """The same for data. Its rows are those of the first that has rows of its own."""
        main = next((one for one in found if not (one.dims == 0 or one.rows.aggregate or one.index)), found[0])
        made = main.derive(column=None, columns=main.columns if len(found) == 1 else UNSURE)
        for one in found:
            if one is not main:
                self.absorb(made, one)
        for key, value in changes.items():
            setattr(made, key, value)
        return made

    def absorb(self, made: Data, other: Data) -> None:
        """Something of `other` went into `made`."""
        merge(made.taints, other.taints)
        merge(made.weak, other.weak)
        made.dups |= other.dups
        made.predicted += tuple(one for one in other.predicted if one not in made.predicted)
        made.future = made.future or other.future
        if other.table is not None and other.table is made.table:
            made.sources |= other.sources
        elif other.dims != 0:
            made.sources = NO_NAMES

    # ── constants ────────────────────────────────────────────────────────────

    def text_of(self, value: Value | None) -> str | None:
        """The text that it certainly is."""
        return value.value if isinstance(value, Literal) and isinstance(value.value, str) else None

    def texts_of(self, value: Value | None) -> frozenset[str] | None:
        """The texts that a list certainly holds, or the one that it is."""
        text = self.text_of(value)
        if text is not None:
            return frozenset({text})
        if isinstance(value, Sequence) and value.items:
            texts = [self.text_of(item) for item in value.items]
            return frozenset(text for text in texts if text is not None) if all(t is not None for t in texts) else None
        return None

    def is_literal(self, value: Value | None, *expected: object) -> bool:
        """Whether it certainly is one of these constants."""
        if not isinstance(value, Literal):
            return False
        return any(value.value == one and type(value.value) is type(one) for one in expected)

    def key_of(self, node: ast.AST) -> tuple[object, ...]:
        """The text of an expression and what its names hold: equal keys mean equal values."""
        text, names = _text_of(node)
        values = [self.scope.get(name) for name in names]
        return (text, *(id(value) for value in values if not isinstance(value, Literal)))

    def fit_event(self, fit: Fit) -> Fit:
        """Keep a fit, with its number."""
        fit.order = self.story.tick()
        fit.loops = self.loops
        self.story.fits.append(fit)
        return fit

    def part_by(self, data: Data, indices: Indices) -> Rows:
        """The rows at the positions of a split's part."""
        return data.rows.part((indices.split, indices.role), split=indices.split, role=indices.role, loops=self.loops)


@lru_cache(maxsize=8192)
def _text_of(node: ast.AST) -> tuple[str, tuple[str, ...]]:
    """An expression's text, and the names in it: an editor asks for the same ones again and again."""
    return ast.dump(node), tuple(one.id for one in walk(node) if isinstance(one, ast.Name))


def inside(value: Value | None) -> list[Value]:
    """What a list or dictionary holds, at any depth, or the value itself. Lists may hold themselves."""
    found: list[Value] = []
    seen: set[int] = set()
    pending = [value] if value is not None else []
    while pending and len(seen) < _MOST_LISTS:
        one = pending.pop()
        if not isinstance(one, Sequence | Mapping):
            found.append(one)
        elif id(one) not in seen:
            seen.add(id(one))
            items = one.items if isinstance(one, Sequence) else list(one.items.values())
            pending.extend(reversed(items[:_LONGEST]))
    return found


def merge(into: Taints, other: Taints) -> None:
    """Add taints; where both know the columns, these add up. Past the first hundred, no notebook gets clearer."""
    for fit, columns in other.items():
        if fit not in into and len(into) >= _MOST_TAINTS:
            continue
        known = into.get(fit, NO_NAMES)
        into[fit] = None if known is None or columns is None else known | columns
