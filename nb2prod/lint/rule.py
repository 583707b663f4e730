"""A rule, made from its module; and what it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING

from nb2prod.diagnostics import Fix, Span

if TYPE_CHECKING:
    from nb2prod.lint.context import Context

FAMILIES = {
    "NB1": "order",
    "NB2": "determinism",
    "NB3": "environment",
    "NB4": "security",
    "NB5": "leakage",
    "NB6": "skew",
    "NB7": "structure",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One root cause that a rule found. `severity`: empty where it is the rule's own. `shared`: it is the project's."""

    cell_index: int
    span: Span
    message: str
    hint: str = ""
    fix: Fix | None = None
    severity: str = ""
    shared: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """`page` is Markdown; `summary` its first line. `check` yields findings in any order."""

    code: str
    name: str
    severity: str
    fixable: bool
    page: str
    check: Callable[[Context], Iterator[Finding]]

    @property
    def family(self) -> str:
        """The word for the first digit of its code."""
        return FAMILIES[self.code[:3]]

    @property
    def summary(self) -> str:
        """One sentence."""
        return self.page.partition("\n")[0]


def rule_of(module: ModuleType) -> Rule:
    """The rule that a module defines by `CODE`, `NAME`, `SEVERITY`, `FIXABLE`, `check` and its docstring."""
    return Rule(
        module.CODE, module.NAME, module.SEVERITY, module.FIXABLE, (module.__doc__ or "").strip() + "\n", module.check
    )
