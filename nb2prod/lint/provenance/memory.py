"""Names and what they hold."""

from __future__ import annotations

from dataclasses import dataclass, field

from nb2prod.lint.provenance.values import Value


@dataclass(eq=False, slots=True)
class Scope:
    """The names of the notebook, or of one call of a function. `outward`: names declared global or nonlocal."""

    parent: Scope | None = None
    names: dict[str, Value] = field(default_factory=dict)
    outward: set[str] = field(default_factory=set)

    def get(self, name: str) -> Value | None:
        """What the name holds, seen from here."""
        at: Scope | None = self
        while at is not None:
            if name in at.names:
                return at.names[name]
            at = at.parent
        return None

    def set(self, name: str, value: Value) -> None:
        """Bind it."""
        at = self
        while name in at.outward and at.parent is not None:
            at = at.parent
        at.names[name] = value
