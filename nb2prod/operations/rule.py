"""`nb2prod rule`: the rules of check and their pages."""

from __future__ import annotations

from nb2prod.lint.registry import rules
from nb2prod.lint.rule import Rule
from nb2prod.lint.select import selected
from nb2prod.lint.settings import Settings


def rule(name: str = "ALL") -> tuple[Rule, ...]:
    """The rules that a code, the beginning of one, or a name means. Raises UsageError where there is none."""
    return selected(rules(), Settings(select=(name,)), "")
