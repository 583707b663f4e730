"""What a cell does to names, in the order in which it does it.

Nothing changes these records once they are made. They are not declared frozen: a check makes hundreds of thousands of
them, and a frozen one takes three times as long to make.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field


@dataclass(slots=True, unsafe_hash=True)
class Read:
    """A global name is looked up."""

    name: str
    node: ast.AST


@dataclass(slots=True, unsafe_hash=True)
class Bind:
    """A global name is bound. `constant`: the literal that it is bound to, where it is one."""

    name: str
    value: Value | None = None
    constant: ast.Constant | None = None


@dataclass(slots=True, unsafe_hash=True)
class Unbind:
    """`del name`, or the end of an `except … as name`."""

    name: str


@dataclass(slots=True, unsafe_hash=True)
class Call:
    """A value is called. `given`: (position or keyword, value) of arguments that may be callable."""

    value: Value
    node: ast.AST
    given: tuple[tuple[int | str, Value], ...] = ()


@dataclass(slots=True, unsafe_hash=True)
class Run:
    """A generator is consumed, a coroutine awaited."""

    value: Value
    node: ast.AST


@dataclass(slots=True, unsafe_hash=True)
class Pass:
    """A function is handed to something. `immediate`: that calls it at once."""

    value: Value
    node: ast.AST
    immediate: bool


@dataclass(slots=True, unsafe_hash=True)
class Get:
    """An attribute is read, which may be a property."""

    value: Value
    attribute: str
    node: ast.AST


@dataclass(slots=True, unsafe_hash=True)
class Either:
    """One of the ways runs; `test` folds to the first (true) or the second (false), or it is not known."""

    ways: tuple[Events, ...]
    test: ast.expr | None = None


@dataclass(slots=True, unsafe_hash=True)
class Attempt:
    """A `try`. `catches`: whether a handler takes a NameError."""

    body: Events
    handlers: tuple[Events, ...]
    otherwise: Events
    catches: bool


@dataclass(slots=True, unsafe_hash=True)
class Annotation:
    """Evaluated unless annotations are postponed."""

    events: Events


@dataclass(slots=True, unsafe_hash=True)
class Postpone:
    """`from __future__ import annotations`, which holds for the cells below as well."""


@dataclass(slots=True, unsafe_hash=True)
class Anything:
    """From here on any name may be bound."""


@dataclass(slots=True, unsafe_hash=True)
class Reset:
    """No name is bound any more."""


Event = Read | Bind | Unbind | Call | Run | Pass | Get | Either | Attempt | Annotation | Postpone | Anything | Reset
Events = tuple[Event, ...]


@dataclass(slots=True, eq=False)
class Function:
    """A function's body. `kind`: plain, generator or async. `calls`: parameters that the body calls."""

    name: str
    parameters: tuple[str, ...] = ()
    events: Events = ()
    kind: str = "plain"
    returns: tuple[Value, ...] = ()
    calls: frozenset[str] = frozenset()
    is_property: bool = False


@dataclass(slots=True, eq=False)
class Class:
    """A class: its methods and what it inherits from."""

    name: str
    methods: dict[str, Value] = field(default_factory=dict)
    bases: tuple[Value, ...] = ()


@dataclass(slots=True, unsafe_hash=True)
class Instance:
    """An object of a class of the notebook."""

    of: Class


@dataclass(slots=True, unsafe_hash=True)
class Started:
    """A generator or coroutine: a body that has not run yet."""

    function: Function


@dataclass(slots=True, unsafe_hash=True)
class Named:
    """Whatever a global name holds by then."""

    name: str


@dataclass(slots=True, unsafe_hash=True)
class Result:
    """What calling a value gives."""

    value: Value


@dataclass(slots=True, unsafe_hash=True)
class Member:
    """An attribute of a value."""

    value: Value
    attribute: str


@dataclass(slots=True, unsafe_hash=True)
class All:
    """Several, which run together: a decorator's wrapper and what it wraps."""

    values: tuple[Value, ...]


Value = Function | Class | Instance | Started | Named | Result | Member | All
