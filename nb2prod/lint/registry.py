"""All rules, by name: importing a rule registers nothing."""

from __future__ import annotations

from functools import lru_cache

from nb2prod.lint.rule import Rule, rule_of
from nb2prod.lint.rules.environment import shell_or_pip
from nb2prod.lint.rules.order import undefined_on_restart

_ORDER = (undefined_on_restart,)
_DETERMINISM = ()
_ENVIRONMENT = (shell_or_pip,)
_SECURITY = ()
_LEAKAGE = ()
_SKEW = ()
_STRUCTURE = ()
ALL_RULES = (*_ORDER, *_DETERMINISM, *_ENVIRONMENT, *_SECURITY, *_LEAKAGE, *_SKEW, *_STRUCTURE)


@lru_cache(maxsize=1)
def rules() -> tuple[Rule, ...]:
    """Every rule, ordered by code."""
    return tuple(sorted((rule_of(module) for module in ALL_RULES), key=lambda rule: rule.code))
