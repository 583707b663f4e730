"""What is known about names while cells are read one after the other."""

from __future__ import annotations

import builtins
from dataclasses import dataclass, field

from nb2prod.dataflow.facts import Callable, Names, Parts

BUILTINS = frozenset(dir(builtins)) | {"get_ipython", "display", "__file__", "__name__"}


@dataclass(slots=True)
class Environment:
    """Grows with each statement. Mutable on purpose: it is the reader's memory, not a result.

    `modules`: alias → full name. `callables`: what a name's mention touches. `paths`: names that hold a known path.
    `aliases`: names whose objects may share state. `parameters`: names that `params.yaml` sets.
    """

    parameters: Names = frozenset()
    modules: dict[str, str] = field(default_factory=dict)
    callables: dict[str, Callable] = field(default_factory=dict)
    paths: dict[str, Parts] = field(default_factory=dict)
    aliases: dict[str, set[str]] = field(default_factory=dict)

    def forget(self, name: str) -> None:
        """The name is certainly bound to something else now."""
        for memory in (self.modules, self.callables, self.paths, self.aliases):
            memory.pop(name, None)

    def full_name(self, name: str) -> str | None:
        """What a bare name means if it is a module, a thing imported from one, or an untouched builtin."""
        if name in self.modules:
            return self.modules[name]
        known = name in self.callables or name in self.aliases
        return f"builtins.{name}" if name in BUILTINS and not known else None
