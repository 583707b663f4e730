"""What is known about names while cells are read one after the other."""

from __future__ import annotations

import builtins
from dataclasses import dataclass, field
from typing import TypeVar

from nb2prod.dataflow.facts import Callable, Names, Parts

_Value = TypeVar("_Value")
BUILTINS = frozenset(dir(builtins)) | {"get_ipython", "display", "__file__", "__name__"}


@dataclass(slots=True)
class Environment:
    """Grows with each statement. Mutable on purpose: it is the reader's memory, not a result.

    `parameters`: names that `params.yaml` sets. `modules`: alias → full name; `submodules`: what `import a.b` loaded
    below a name. `callables`: what a name's mention touches; `definitions`: those that are functions and classes
    themselves. `paths`: names that hold a known text. `aliases`: names whose objects may share state.
    `frozen`: names whose objects nobody can change in place. `hooked`: classes whose subclasses run code.
    `overwrites`: whether some object was told to work in the memory that it is given. `keeps_figures`: whether pyplot's
    figures stay open from cell to cell. `version` counts the changes to what a name means or shares.
    """

    parameters: Names = frozenset()
    modules: dict[str, str] = field(default_factory=dict)
    submodules: dict[str, set[str]] = field(default_factory=dict)
    callables: dict[str, Callable] = field(default_factory=dict)
    definitions: set[str] = field(default_factory=set)
    paths: dict[str, Parts] = field(default_factory=dict)
    aliases: dict[str, set[str]] = field(default_factory=dict)
    frozen: set[str] = field(default_factory=set)
    hooked: set[str] = field(default_factory=set)
    bound: set[str] = field(default_factory=set)
    overwrites: bool = False
    keeps_figures: bool = False
    version: int = 0
    _sharing: dict[str, frozenset[str]] = field(default_factory=dict)

    def forget(self, name: str) -> None:
        """The name is certainly bound to something else now. What shared state through it still does."""
        others = self.aliases.pop(name, set())
        for other in others:
            self.aliases.setdefault(other, set()).update(others - {other})
            self.aliases[other].discard(name)
        self._sharing.clear()
        for memory in (self.modules, self.submodules, self.callables):
            memory.pop(name, None)
        self.definitions.discard(name)
        self.hooked.discard(name)
        self.doubt(name)

    def doubt(self, name: str) -> None:
        """The name may be bound to something else now."""
        self.version += 1
        self.paths.pop(name, None)
        self.frozen.discard(name)
        if name in self.bound:
            self.parameters -= {name}

    def link(self, name: str, others: set[str]) -> None:
        """The name's object and the others' may share state. Known even when empty: what is bound is no builtin."""
        known = self.aliases.setdefault(name, set())
        new = others - known - {name}
        if not new:
            return
        self.version += 1
        self._sharing.clear()
        known.update(new)
        for other in new:
            self.aliases.setdefault(other, set()).add(name)

    def sharing(self, name: str) -> frozenset[str]:
        """All names whose objects may share state with the name's, itself included."""
        if name not in self._sharing:
            found, frontier = {name}, [name]
            while frontier:
                for other in self.aliases.get(frontier.pop(), set()) - found:
                    found.add(other)
                    frontier.append(other)
            together = frozenset(found)
            self._sharing.update(dict.fromkeys(together, together))
        return self._sharing[name]

    def inner(self, local: Names) -> Environment:
        """What a function's body sees: the same, but for the names of its own."""
        return Environment(
            self.parameters - local,
            _without(self.modules, local),
            _without(self.submodules, local),
            _without(self.callables, local),
            self.definitions - local,
            _without(self.paths, local),
            self.hidden_aliases(local),
            set(),
            self.hooked - local,
            set(self.bound),
            self.overwrites,
            self.keeps_figures,
        )

    def hidden_aliases(self, local: Names) -> dict[str, set[str]]:
        """What shares state, as a scope inside sees it: `^name` is the outer name behind one of its own."""
        hide = {name: f"^{name}" for name in local} | {f"&{name}": f"^&{name}" for name in local}
        found = {
            hide.get(name, name): {hide.get(other, other) for other in others} for name, others in self.aliases.items()
        }
        return found | {name: set() for name in local}

    def adopt(self, inner: Environment, names: Names) -> None:
        """A function that was just read may bind these globals: to what its body says, or not."""
        for name in names & inner.aliases.keys():
            self.link(name, {other for other in inner.aliases[name] if not other.startswith(("&", "^"))})
        for name in names & inner.callables.keys():
            known = self.callables.get(name)
            self.callables[name] = known.union(inner.callables[name]) if known else inner.callables[name]

    def keeps_state(self, name: str) -> bool:
        """Whether calling the name may change what it holds: it is no plain function, or one with a memory."""
        return name not in self.definitions or self.callables[name].stateful

    def full_name(self, name: str) -> str | None:
        """What a bare name means if it is a module, a thing imported from one, or an untouched builtin."""
        if name in self.modules:
            return self.modules[name]
        known = name in self.callables or name in self.aliases
        return f"builtins.{name}" if name in BUILTINS and not known else None


def _without(memory: dict[str, _Value], names: Names) -> dict[str, _Value]:
    return {name: value for name, value in memory.items() if name not in names}
