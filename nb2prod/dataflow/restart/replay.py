"""Go through the events of the cells from the top, as a fresh kernel would."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

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
        self._clean: dict[Function, int] = {}
        self._epoch = 0
        self._steps = 0

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

    def _one(self, event: object) -> None:  # noqa: PLR0912 - one line per event
        match event:
            case Read(name=name, node=node):
                if name not in self._bound and not in_fresh_kernel(name):
                    self._miss(name, node)
            case Bind():
                self._bind(event)
            case Unbind(name=name):
                self._unbind(name)
            case Call(value=value, node=node, given=given):
                self._call(self._resolved(value), node, given)
            case Run(value=value, node=node):
                self._run_started(self._resolved(value), node)
            case Pass(value=value, node=node, immediate=immediate):
                self._pass(self._resolved(value), node, immediate)
            case Get(value=value, attribute=attribute, node=node):
                self._get(self._resolved(value), attribute, node)
            case Either(ways=ways, test=test):
                self._either(ways, test)
            case Attempt():
                self._attempt(event)
            case Annotation(events=inner):
                self._play(() if self._postponed else inner)
            case Postpone():
                self._postponed = True
            case Anything():
                self._anything = True
            case Reset():
                self._reset()

    def _miss(self, name: str, node: ast.AST) -> None:
        if self._guards:
            if self._guards[-1] == self._conditional:
                raise _Caught
            return
        certain = not self._conditional
        if not certain and name in self._ever:
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
            self._values[name] = tuple(dict.fromkeys((*kept, *found)))[:_MOST_VALUES]
        if event.constant is not None and not self._conditional and not self._calls:
            self._constants[name] = event.constant
        else:
            self._constants.pop(name, None)

    def _unbind(self, name: str) -> None:
        self._set(name, False)
        self._epoch += 1
        self._deleted[name] = self._cell
        if not self._conditional:
            self._values.pop(name, None)

    def _reset(self) -> None:
        for name in tuple(self._bound):
            self._unbind(name)

    # ── paths ────────────────────────────────────────────────────────────────

    def _either(self, ways: tuple[Events, ...], test: ast.expr | None) -> None:
        known = folded(test, self._constants, self._is_bound) if test is not None else None
        if known is not None:
            self._play(ways[0] if known else ways[1])
            return
        with self._branch():
            ends = [self._changes(way) for way in ways]
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
        if active or len(self._calls) >= _DEEPEST or self._clean.get(function) == self._epoch:
            return
        before = len(self.missing), len(self._log), self._epoch
        self._calls.append((function, node))
        try:
            self._play(function.events)
        finally:
            self._calls.pop()
        if before == (len(self.missing), len(self._log), self._epoch) and not (self._conditional or self._guards):
            self._clean[function] = self._epoch

    def _run_started(self, values: tuple[Value, ...], node: ast.AST) -> None:
        for value in values:
            if isinstance(value, Started):
                self._enter(value.function, node)

    def _pass(self, values: tuple[Value, ...], node: ast.AST, immediate: bool) -> None:
        self._run_started(values, node)
        if immediate:
            self._call(values, node, ())
        elif values:
            with self._branch():
                self._call(values, node, ())

    def _get(self, values: tuple[Value, ...], attribute: str, node: ast.AST) -> None:
        for value in values:
            if isinstance(value, Instance):
                for member in self._members(value.of, attribute):
                    if isinstance(member, Function) and member.is_property:
                        self._enter(member, node)

    # ── values ───────────────────────────────────────────────────────────────

    def _resolved(self, value: Value, depth: int = 0) -> tuple[Value, ...]:
        """The functions, classes and instances that a value is by now."""
        if depth > _DEEPEST:
            return ()
        match value:
            case Named(name=name):
                return self._values.get(name, ())
            case Result(value=inner):
                return tuple(
                    one for called in self._resolved(inner, depth + 1) for one in self._returned(called, depth + 1)
                )[:_MOST_VALUES]
            case Member(value=inner, attribute=attribute):
                holders = self._resolved(inner, depth + 1)
                return tuple(one for holder in holders for one in self._attribute(holder, attribute))[:_MOST_VALUES]
            case All(values=values):
                return tuple(one for part in values for one in self._resolved(part, depth + 1))[:_MOST_VALUES]
        return (value,)

    def _returned(self, called: Value, depth: int) -> tuple[Value, ...]:
        match called:
            case Class():
                return (Instance(called),)
            case Function(kind="plain", returns=returns):
                return tuple(one for value in returns for one in self._resolved(value, depth + 1))
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

    def _members(self, of: Class, attribute: str, depth: int = 0) -> tuple[Value, ...]:
        own = of.methods.get(attribute)
        if own is not None:
            return self._resolved(own)
        if depth > _DEEPEST:
            return ()
        above = (base for value in of.bases for base in self._resolved(value) if isinstance(base, Class))
        return next((found for base in above if (found := self._members(base, attribute, depth + 1))), ())
