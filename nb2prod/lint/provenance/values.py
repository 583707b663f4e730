"""What a name may hold, as far as the rules care. Objects are shared like the notebook's own: an alias sees changes."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from nb2prod.lint.provenance.rows import Rows

if TYPE_CHECKING:
    from nb2prod.lint.provenance.events import Evaluation, Fit, Place, Resample, Split
    from nb2prod.lint.provenance.memory import Scope

NO_NAMES: frozenset[str] = frozenset()
Taints = dict["Fit", frozenset[str] | None]


class Value:
    """Something that an expression gives."""

    __slots__ = ()


class Opaque(Value):
    """A number, a text, a picture: nothing that says something of rows."""

    __slots__ = ()


OPAQUE = Opaque()


@dataclass(eq=False, slots=True)
class Literal(Value):
    """A constant that stands in the code."""

    value: object


@dataclass(eq=False, slots=True)
class Module(Value):
    """A module, or a thing of a library, by its full name."""

    name: str


@dataclass(eq=False, slots=True)
class Function(Value):
    """A function of the notebook; `owner` is the object that a method is bound to."""

    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    scope: Scope
    cell: int
    owner: Value | None = None


@dataclass(eq=False, slots=True)
class Class(Value):
    """A class of the notebook."""

    node: ast.ClassDef
    members: dict[str, Value]
    bases: list[Value]


@dataclass(eq=False, slots=True)
class Instance(Value):
    """An object of a notebook's class."""

    cls: Class
    attributes: dict[str, Value] = field(default_factory=dict)


@dataclass(eq=False, slots=True)
class Sequence(Value):
    """A list, tuple or set. `data`: its rows, once something takes it for data."""

    items: list[Value]
    data: Data | None = None


@dataclass(eq=False, slots=True)
class Mapping(Value):
    """A dictionary. `whole`: no entry is hidden by `**` or computed keys."""

    items: dict[object, Value]
    whole: bool = True
    data: Data | None = None


@dataclass(eq=False, slots=True)
class Generator(Value):
    """A random generator of its own; its state follows from its seed."""

    seeded: bool


@dataclass(eq=False, slots=True)
class Folds(Value):
    """What `KFold(…).split(X)` gives: pairs of indices."""

    split: Split


@dataclass(eq=False, slots=True)
class Indices(Value):
    """The positions of a part of a split."""

    split: Split
    role: str


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns of its table a frame has: `only` these (None: all), but `without` those. `sure`: nothing else."""

    only: frozenset[str] | None = None
    without: frozenset[str] = NO_NAMES
    sure: bool = True

    def has(self, name: str) -> bool:
        """Whether the column is certainly there, if the table has it."""
        return self.sure and name not in self.without and (self.only is None or name in self.only)

    def chosen(self, names: frozenset[str]) -> Columns:
        """After selecting these."""
        return Columns(names, NO_NAMES, True)

    def dropped(self, names: frozenset[str]) -> Columns:
        """After dropping these."""
        return replace(self, without=self.without | names)

    def added(self, name: str) -> Columns:
        """After assigning one."""
        only = self.only | {name} if self.only is not None else None
        return Columns(only, self.without - {name}, self.sure)


UNSURE = Columns(sure=False)


@dataclass(eq=False, slots=True)
class Table:
    """Where columns come from: `sources` says which columns one was computed from, row by row; `future`: shifted.

    A frame that a model was fitted on keeps a copy, as it was then, with the same `key`.
    """

    key: object = field(default_factory=object)
    sources: dict[str, frozenset[str]] = field(default_factory=dict)
    future: set[str] = field(default_factory=set)

    def snapshot(self) -> Table:
        """As it is now."""
        return Table(self.key, dict(self.sources), set(self.future))


@dataclass(eq=False, slots=True)
class Data(Value):
    """Values that belong to rows. `dims`: 2 a frame, 1 a column, 0 a number, None unknown.

    `taints`: the fits whose estimates went into the values, with the columns they are in (None: any).
    `weak`: the same for extremes, that count once something is divided by them. `mask`: truth per row.
    `sources`: the columns of `table` that this was computed from, row by row.
    """

    rows: Rows
    taints: Taints = field(default_factory=dict)
    weak: Taints = field(default_factory=dict)
    dups: frozenset[Resample] = frozenset()
    table: Table | None = None
    columns: Columns = UNSURE
    column: str | None = None
    sources: frozenset[str] = NO_NAMES
    dims: int | None = None
    mask: bool = False
    grouped: bool = False
    index: bool = False
    future: bool = False
    vague: bool = False
    predicted: tuple[Evaluation, ...] = ()
    name: str = ""

    def derive(self, **changes: object) -> Data:
        """A new value out of this one."""
        made = Data(
            self.rows,
            self.taints.copy(),
            self.weak.copy(),
            self.dups,
            self.table,
            self.columns,
            self.column,
            self.sources,
            self.dims,
            False,
            self.grouped,
            self.index,
            self.future,
            self.vague,
            self.predicted,
        )
        for key, value in changes.items():
            setattr(made, key, value)
        return made

    def become(self, other: Data) -> None:
        """Changed in place: every name for this object sees it."""
        for key in self.__slots__:
            if key != "name":
                setattr(self, key, getattr(other, key))


@dataclass(eq=False, slots=True)
class Estimator(Value):
    """An object with `fit`. `kind`: estimating, plain, stateless, clustering, composite, search, sampler, folds,
    shuffle, model, layer or object (of a class that nobody knows). `varies`: it is built from what changes in a loop.
    """

    cls: str
    kind: str
    place: Place
    parts: list[Estimator] = field(default_factory=list)
    parameters: dict[str, Value] = field(default_factory=dict)
    whole: bool = True
    fits: list[Fit] = field(default_factory=list)
    loops: tuple[int, ...] = ()
    varies: bool = False
    version: int = 0
    name: str = ""
    drawn: bool = False

    @property
    def short(self) -> str:
        """The class's own name."""
        return self.cls.rpartition(".")[2]

    @property
    def fitted(self) -> Fit | None:
        """The latest fit."""
        return self.fits[-1] if self.fits else None
