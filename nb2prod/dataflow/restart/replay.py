"""Go through the events of the cells from the top, as a fresh kernel would."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from nb2prod.dataflow.restart.conditions import folded
from nb2prod.dataflow.restart.events import (
    All,
    Annotation,
    Anything,
    Attempt,
    Bind,
    Call,
    Class,
    Either,
    Event,
    Events,
    Function,
    Get,
    Instance,
    Member,
    Named,
    Pass,
    Postpone,
    Read,
    Reset,
    Result,
    Run,
    Started,
    Unbind,
    Value,
)
from nb2prod.dataflow.restart.kernel import in_fresh_kernel

_MOST_STEPS = 2_000_000
_DEEPEST = 40
_MOST_VALUES = 16
_DEEPEST_VALUE = 500
_PARTS = (Result, Member)
_CONSTRUCTORS = ("__new__", "__init__", "__post_init__")


@dataclass(frozen=True, slots=True)
class Missing:
    """A name that nothing can have bound. `node`: what the cell was doing; `inside`: the function whose body reads it,
    with the place of the read. `certain`: it is read on every path. `deleted`: the cell that unbound it, or None.
    """

    cell_index: int
    name: str
    node: ast.AST
    certain: bool
    inside: str = ""
    deleted: int | None = None


class _Caught(Exception):
    """A name is missing for certain, and a handler takes the error."""


class Replay:
    """The state of the fresh kernel. `ever`: every name that the notebook binds anywhere."""

    def __init__(self, ever: frozenset[str], postponed: bool = False) -> None:
        self.missing: list[Missing] = []
        self._ever = ever
        self._bound: set[str] = set()
        self._values: dict[str, tuple[Value, ...]] = {}
        self._constants: dict[str, ast.Constant] = {}
        self._deleted: dict[str, int] = {}
        self._anything = False
        self._postponed = postponed
        self._cell = 0
        self._conditional = 0
        self._guards: list[int] = []
        self._calls: list[tuple[Function, ast.AST]] = []
        self._log: list[tuple[str, bool]] = []
        self._clean: dict[tuple[Function, bool], tuple[int, int]] = {}
        self._known: dict[int, tuple[Value, tuple[Value, ...]]] = {}
        self._underway: set[int] = set()
        self._cut = False
        self._epoch = 0
        self._version = 0
        self._steps = 0
        # What was left out because the notebook binds it somewhere.
        self._asked: set[str] = set()

    def resumed(self, ever: frozenset[str]) -> Replay:
        """Another one in the same state, between two cells. `ever` is what the notebook binds by now."""
        other = copy.copy(self)
        other._ever = ever
        other.missing = self.missing.copy()
        other._bound, other._asked = self._bound.copy(), self._asked.copy()
        other._values, other._constants = self._values.copy(), self._constants.copy()
        other._deleted, other._clean = self._deleted.copy(), self._clean.copy()
        other._log, other._guards, other._calls = [], [], []
        other._known, other._underway = {}, set()
        return other

    def is_same_with(self, ever: frozenset[str]) -> bool:
        """Whether a replay that knows of these names would have come to the same state."""
        return self._asked & self._ever == self._asked & ever

    def cell(self, index: int, events: Events, *, may_raise: bool = False) -> None:
        """One cell. `may_raise`: it is expected to end in an error."""
        self._cell = index
        self._log.clear()
        before = len(self.missing)
        self._play(events)
        if may_raise:
            del self.missing[before:]

    # ── events ───────────────────────────────────────────────────────────────

    def _play(self, events: Events) -> None:
        for event in events:
            if self._anything or self._steps > _MOST_STEPS:
                return
            self._steps += 1
            self._one(event)

    def _one(self, event: Event) -> None:
        _BY_KIND[type(event)](self, event)

    def _read(self, event: Read) -> None:
        if event.name not in self._bound and not in_fresh_kernel(event.name):
            self._miss(event.name, event.node)

    def _annotation(self, event: Annotation) -> None:
        if not self._postponed:
            self._play(event.events)

    def _postpone(self, event: Postpone) -> None:
        self._postponed = True

    def _bind_anything(self, event: Anything) -> None:
        self._anything = True

    def _miss(self, name: str, node: ast.AST) -> None:
        if self._guards:
            if self._guards[-1] == self._conditional:
                raise _Caught
            return
        certain = not self._conditional
        if not certain:
            self._asked.add(name)
            if name in self._ever:
                return
        at = self._calls[0][1] if self._calls else node
        inside = self._calls[-1][0].name if self._calls else ""
        self.missing.append(Missing(self._cell, name, at, certain, inside, self._deleted.get(name)))
        self._set(name, True)

    def _set(self, name: str, bound: bool) -> None:
        was = name in self._bound
        if was != bound:
            self._log.append((name, was))
            (self._bound.add if bound else self._bound.discard)(name)

    def _bind(self, event: Bind) -> None:
        name = event.name
        self._set(name, True)
        known = self._values.get(name)
        found = self._resolved(event.value) if event.value is not None else ()
        if found or known:
            self._epoch += known is not None
            kept = known if known and self._conditional else ()
            self._set_values(name, tuple(dict.fromkeys((*kept, *found)))[:_MOST_VALUES])
        if event.constant is not None and not self._conditional and not self._calls:
            self._constants[name] = event.constant
            self._version += 1
        elif self._constants.pop(name, None) is not None:
            self._version += 1

    def _unbind(self, event: Unbind) -> None:
        self._forget(event.name)

    def _forget(self, name: str) -> None:
        self._set(name, False)
        self._epoch += 1
        self._deleted[name] = self._cell
        if not self._conditional:
            self._set_values(name, ())
            self._values.pop(name, None)

    def _set_values(self, name: str, values: tuple[Value, ...]) -> None:
        if self._values.get(name, ()) != values:
            self._known.clear()
            self._version += 1
        self._values[name] = values

    def _reset(self, event: Reset) -> None:
        for name in tuple(self._bound):
            self._forget(name)

    # ── paths ────────────────────────────────────────────────────────────────

    def _either(self, event: Either) -> None:
        known = folded(event.test, self._constants, self._is_bound) if event.test is not None else None
        if known is not None:
            self._play(event.ways[0] if known else event.ways[1])
            return
        with self._branch():
            ends = [self._changes(way) for way in event.ways]
        self._merge(ends)

    def _is_bound(self, name: str) -> bool | None:
        """None where it may be."""
        return None if name in self._bound or self._anything else False

    def _changes(self, way: Events) -> dict[str, bool]:
        """What one way changes; the state is as before afterwards."""
        begin = len(self._log)
        try:
            self._play(way)
        finally:
            changes = {name: name in self._bound for name, _ in self._log[begin:]}
            for name, was in reversed(self._log[begin:]):
                (self._bound.add if was else self._bound.discard)(name)
            del self._log[begin:]
        return changes

    def _merge(self, ends: list[dict[str, bool]]) -> None:
        """Bound is what any way binds; unbound only what every way unbinds."""
        for name in dict.fromkeys(name for end in ends for name in end):
            was = name in self._bound
            self._set(name, any(end.get(name, was) for end in ends))

    def _attempt(self, event: Attempt) -> None:
        if not event.catches:
            self._play(event.body)
            self._perhaps(event.handlers)
            self._play(event.otherwise)
            return
        self._guards.append(self._conditional)
        try:
            self._play(event.body)
            caught = False
        except _Caught:
            caught = True
        finally:
            self._guards.pop()
        if caught:
            self._play(event.handlers[-1] if len(event.handlers) == 1 else ())
            if len(event.handlers) > 1:
                self._perhaps(event.handlers)
        else:
            self._perhaps(event.handlers)
            self._play(event.otherwise)

    def _perhaps(self, ways: Iterable[Events]) -> None:
        with self._branch():
            ends = [self._changes(way) for way in ways]
        if ends:
            self._merge([*ends, {}])

    @contextmanager
    def _branch(self) -> Iterator[None]:
        self._conditional += 1
        try:
            yield
        finally:
            self._conditional -= 1

    # ── calls ────────────────────────────────────────────────────────────────

    def _called(self, event: Call) -> None:
        values = self._resolved(event.value)
        if values:
            self._call(values, event.node, event.given)

    def _run(self, event: Run) -> None:
        self._run_started(self._resolved(event.value), event.node)

    def _call(self, values: tuple[Value, ...], node: ast.AST, given: tuple[tuple[int | str, Value], ...]) -> None:
        for value in values:
            match value:
                case Function(kind="plain"):
                    self._enter(value, node)
                    self._call_given(value, node, given)
                case Class():
                    self._construct(value, node)
                case Instance(of=of):
                    self._call(self._members(of, "__call__"), node, given)

    def _construct(self, value: Class, node: ast.AST) -> None:
        for name in _CONSTRUCTORS:
            self._call(self._members(value, name), node, ())

    def _call_given(self, value: Function, node: ast.AST, given: tuple[tuple[int | str, Value], ...]) -> None:
        """A function that calls its parameter calls what it is given."""
        for place, argument in given:
            name = place if isinstance(place, str) else next(iter(value.parameters[place : place + 1]), "")
            if name in value.calls:
                self._call(self._resolved(argument), node, ())

    def _enter(self, function: Function, node: ast.AST) -> None:
        active = any(one is function for one, _ in self._calls)
        silent = self._is_silent
        # Where something is missing for certain, only what is bound anew and gone counts: `_epoch`.
        state = self._epoch, self._version if silent else 0
        if active or len(self._calls) >= _DEEPEST or self._clean.get((function, silent)) == state:
            return
        before = len(self.missing), len(self._log), self._epoch, self._version
        self._calls.append((function, node))
        try:
            self._play(function.events)
        finally:
            self._calls.pop()
        if before == (len(self.missing), len(self._log), self._epoch, self._version) and (silent or not self._guards):
            self._clean[function, silent] = state

    @property
    def _is_silent(self) -> bool:
        """Whether what is missing here is only perhaps looked up: nothing is said of what some cell binds."""
        return self._conditional > (self._guards[-1] if self._guards else 0)

    def _run_started(self, values: tuple[Value, ...], node: ast.AST) -> None:
        for value in values:
            if isinstance(value, Started):
                self._enter(value.function, node)

    def _pass(self, event: Pass) -> None:
        values = self._resolved(event.value)
        self._run_started(values, event.node)
        if event.immediate:
            self._call(values, event.node, ())
        elif values:
            with self._branch():
                self._call(values, event.node, ())

    def _get(self, event: Get) -> None:
        for value in self._resolved(event.value):
            if isinstance(value, Instance):
                for member in self._members(value.of, event.attribute):
                    if isinstance(member, Function) and member.is_property:
                        self._enter(member, event.node)

    # ── values ───────────────────────────────────────────────────────────────

    def _resolved(self, value: Value) -> tuple[Value, ...]:
        """The functions, classes and instances that a value is by now.

        Values share parts, and a function may return what it is called for: each part is looked up once.
        """
        if isinstance(value, Named):
            return self._values.get(value.name, ())
        if not isinstance(value, Result | Member | All):
            return (value,)
        if self._is_of_nothing(value):
            return ()
        known = self._known.get(id(value))
        if known is not None:
            return known[1]
        if id(value) in self._underway or len(self._underway) > _DEEPEST_VALUE:
            self._cut = True
            return ()
        self._underway.add(id(value))
        found = self._looked_up(value)
        self._underway.discard(id(value))
        if self._cut and not self._underway:
            # What lay on a circle was looked up in part: only the whole is right.
            self._known.clear()
            self._cut = False
        self._known[id(value)] = value, found
        return found

    def _is_of_nothing(self, value: Value) -> bool:
        """Whether it is a part of a library, or of data: what hangs on a name that holds nothing to follow."""
        while isinstance(value, _PARTS):
            value = value.value
        return isinstance(value, Named) and not self._values.get(value.name)

    def _looked_up(self, value: Result | Member | All) -> tuple[Value, ...]:
        match value:
            case Result(value=inner):
                return _joined(self._returned(called) for called in self._resolved(inner))
            case Member(value=inner, attribute=attribute):
                return _joined(self._attribute(holder, attribute) for holder in self._resolved(inner))
            case All(values=values):
                return _joined(self._resolved(part) for part in values)

    def _returned(self, called: Value) -> tuple[Value, ...]:
        match called:
            case Class():
                return (Instance(called),)
            case Function(kind="plain", returns=returns):
                return _joined(self._resolved(value) for value in returns)
            case Function():
                return (Started(called),)
        return ()

    def _attribute(self, holder: Value, attribute: str) -> tuple[Value, ...]:
        match holder:
            case Instance(of=of):
                return self._members(of, attribute)
            case Class():
                return self._members(holder, attribute)
        return ()

    def _members(self, of: Class, attribute: str) -> tuple[Value, ...]:
        """What the first class that has it holds, going upwards; classes may stand above themselves."""
        seen: set[Class] = set()
        pending = [of]
        while pending:
            one = pending.pop()
            if one in seen:
                continue
            seen.add(one)
            if attribute in one.methods:
                found = self._resolved(one.methods[attribute])
                if found or one is of:
                    return found
                continue
            above = [base for value in one.bases for base in self._resolved(value) if isinstance(base, Class)]
            pending += reversed(above)
        return ()


_BY_KIND: dict[type, Callable[[Replay, Any], None]] = {
    Read: Replay._read,
    Bind: Replay._bind,
    Unbind: Replay._unbind,
    Call: Replay._called,
    Run: Replay._run,
    Pass: Replay._pass,
    Get: Replay._get,
    Either: Replay._either,
    Attempt: Replay._attempt,
    Annotation: Replay._annotation,
    Postpone: Replay._postpone,
    Anything: Replay._bind_anything,
    Reset: Replay._reset,
}


def _joined(parts: Iterable[tuple[Value, ...]]) -> tuple[Value, ...]:
    """Each value once, as many as are worth following."""
    return tuple(dict.fromkeys(one for part in parts for one in part))[:_MOST_VALUES]
