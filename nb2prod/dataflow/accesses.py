"""The four accesses to a name — use, define, mutate, delete — as a walk over code meets them."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from nb2prod.dataflow.environment import Environment
from nb2prod.dataflow.facts import NONE, Callable, Facts, FileAccess, Names
from nb2prod.dataflow.sharing import shared_names


class Accesses(ast.NodeVisitor):
    """Gathers the accesses of one statement, or of one function's body.

    `local`: names of functions around this code, `own`: of this one. `arguments`: its parameters; the object that was
    given for one is the symbol `&name`.
    """

    def __init__(
        self, environment: Environment, local: Names = NONE, own: Names = NONE, arguments: tuple[str, ...] = ()
    ) -> None:
        self.env = environment
        self.local = set(local)
        self.own = set(own)
        self.arguments = arguments
        self.uses: set[str] = set()
        self.bound: set[str] = set()
        self.may_bound: set[str] = set()
        self.deleted: set[str] = set()
        self.changes_told: set[tuple[str, int, int]] = set()
        self.unbound: set[str] = set()  # deleted on some path, bound again or not
        self.mutated: set[str] = set()
        self.may_mutated: set[str] = set()
        self.outer_mutated: set[str] = set()  # names of the scope around this one, hidden or local there
        self.argument_mutations: dict[tuple[str, bool], None] = {}
        self.ambient: set[str] = set()
        self.files: dict[FileAccess, None] = {}
        self.dynamic: dict[str, None] = {}
        self.returned: set[str] = set()
        self.stateful = False
        self.conditional = 0
        self.is_class = False
        self.is_function = False
        for argument in arguments:
            environment.link(argument, {f"&{argument}"})

    def facts(self) -> Facts:
        """What was collected so far."""
        return Facts(
            uses=frozenset(self.uses),
            defines=frozenset(self.bound),
            may_define=frozenset(self.may_bound - self.bound),
            deletes=frozenset(self.unbound - self.bound),
            mutates=frozenset(self.mutated),
            may_mutate=frozenset(self.may_mutated - self.mutated),
            ambient=frozenset(self.ambient),
            files=tuple(self.files),
            dynamic=tuple(self.dynamic),
        )

    # ── use ──────────────────────────────────────────────────────────────────

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load):
            self._read(node.id)
        elif isinstance(node.ctx, ast.Store):
            self._bind(node.id)
        else:
            self._delete(node.id)

    def _read(self, name: str) -> None:
        if name not in self.local and name not in self.bound:
            self.uses.add(name)
        if name in self.env.callables:
            self._touch(self.env.callables[name], {name})

    def _touch(self, callable_: Callable, seen: set[str]) -> None:
        """A mention of a function or class counts as everything that it may do when called, transitively."""
        self.may_bound |= callable_.writes - self.local
        for name in callable_.writes:
            self.env.doubt(name)
        for names, certain in ((callable_.mutates, True), (callable_.may_mutate, False)):
            for name in names:
                self._mutate(name, certain)
        self.ambient |= callable_.ambient
        self.files.update(dict.fromkeys(callable_.files))
        self.dynamic.update(dict.fromkeys(callable_.dynamic))
        for name in callable_.reads:
            # A method does not see the names of its class's body.
            if name not in self.local and (self.is_class or name not in self.bound):
                self.uses.add(name)
            if name in self.env.callables and name not in seen:
                seen.add(name)
                if name in self.env.definitions and self.env.callables[name].stateful:
                    self._mutate(name, certain=False)
                self._touch(self.env.callables[name], seen)

    # ── define and delete ────────────────────────────────────────────────────

    def _bind(self, name: str) -> None:
        if name in self.local:
            self.stateful |= name not in self.own
            return
        self.deleted.discard(name)
        self.may_bound.add(name)
        self.bound.add(name)
        self.env.bound.add(name)

    def _bind_plain(self, name: str) -> None:
        """Bound by something that says nothing about the value."""
        if not self.conditional:
            self.env.forget(name)
        self.env.doubt(name)
        self.env.link(name, set())
        self._bind(name)

    def _delete(self, name: str) -> None:
        if not self.conditional:
            self.env.forget(name)
        if name in self.local:
            return
        self._read(name)
        self._unbind(name)
        if not self.conditional:
            self.may_bound.discard(name)

    def _unbind(self, name: str) -> None:
        if name not in self.local:
            self.bound.discard(name)
            self.deleted.add(name)
            self.unbound.add(name)

    # ── mutate ───────────────────────────────────────────────────────────────

    def _mutate(self, name: str, certain: bool) -> None:
        """`name`'s object changes in place; so may everything that shares state with it."""
        together = self.env.sharing(name)
        # What is found only grows: the same question, about any name of the group if it is not certain, has been
        # answered until a name changes its meaning.
        asked = (name if certain else "", id(together), self.env.version)
        if asked in self.changes_told:
            return
        self.changes_told.add(asked)
        for other in together:
            if other.startswith("&"):
                self.argument_mutations[(other[1:], certain and other == f"&{name}")] = None
            elif other.startswith("^"):
                self.outer_mutated.add(other.lstrip("^"))
            else:
                self._mutate_one(other, certain and other == name)

    def _mutate_one(self, name: str, certain: bool) -> None:
        if name in self.local:
            if name not in self.own:
                self.stateful = True
                self.outer_mutated.add(name)
        elif (certain or name not in self.env.frozen) and self.env.full_name(name) is None:
            (self.mutated if certain else self.may_mutated).add(name)

    def _shared(self, node: ast.AST) -> set[str]:
        return shared_names(node, self.env)

    # ── paths ────────────────────────────────────────────────────────────────

    @contextmanager
    def _branch(self) -> Iterator[None]:
        self.conditional += 1
        try:
            yield
        finally:
            self.conditional -= 1

    def _visit_all(self, nodes: Iterable[ast.AST]) -> None:
        for node in nodes:
            self.visit(node)

    def _paths(self, *bodies: Iterable[ast.AST]) -> None:
        """One of these runs: certain is only what all of them bind."""
        start = set(self.bound)
        ends: list[set[str]] = []
        with self._branch():
            for body in bodies:
                self.bound = set(start)
                self._visit_all(body)
                ends.append(self.bound)
        self.bound = set.intersection(*ends)

    def _perhaps(self, body: Iterable[ast.AST]) -> None:
        """This runs, or a part of it, or nothing."""
        self._paths(body, [])
        self.bound -= self.unbound

    def _repeated(self, body: list[ast.AST]) -> None:
        """A loop's body: read twice, because what one round binds and links the next one sees."""
        for _ in range(2 if self.conditional < 3 else 1):
            self._perhaps(body)
