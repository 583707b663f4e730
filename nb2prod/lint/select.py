"""Which rules run on which notebook, and how bad their findings are."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from fnmatch import fnmatch
from functools import lru_cache

from nb2prod.errors import UsageError
from nb2prod.lint.rule import Rule
from nb2prod.lint.settings import OFF, Settings


def selected(rules: Sequence[Rule], settings: Settings, path: str) -> tuple[Rule, ...]:
    """The rules for the notebook at `path` (relative to the settings' folder), with the project's severities.

    Raises UsageError for a code that no rule has.
    """
    ignored = [
        names
        for pattern, names in settings.per_path
        if fnmatch(path, pattern) or fnmatch(path, f"{pattern.rstrip('/')}/*")
    ]
    return _selected(tuple(rules), settings, tuple(ignored))


@lru_cache(maxsize=64)
def _selected(rules: tuple[Rule, ...], settings: Settings, ignored: tuple[tuple[str, ...], ...]) -> tuple[Rule, ...]:
    """The same, `ignored` being what the settings ignore at one path: most notebooks of a folder share it."""
    chosen = _named(rules, settings.select) if settings.select else {rule.code for rule in rules}
    for names in (settings.ignore, *ignored):
        chosen -= _named(rules, names)
    severity = {code: word for name, word in settings.severity for code in _named(rules, [name])}
    graded = (replace(rule, severity=severity.get(rule.code, rule.severity)) for rule in rules if rule.code in chosen)
    return tuple(rule for rule in graded if rule.severity != OFF)


def _named(rules: Sequence[Rule], names: Iterable[str]) -> set[str]:
    """The codes that a code, the beginning of one, a rule's name, a family's word or `ALL` means."""
    found: set[str] = set()
    for name in names:
        codes = {rule.code for rule in rules if _means(name, rule)}
        if not codes:
            raise UsageError(f"no rule is called `{name}`", hint=_close(rules, name))
        found |= codes
    return found


def _means(name: str, rule: Rule) -> bool:
    return name in ("ALL", rule.name, rule.family) or (name.startswith("NB") and rule.code.startswith(name))


def _close(rules: Sequence[Rule], name: str) -> str:
    known = [word for rule in rules for word in (rule.code, rule.name)]
    close = difflib.get_close_matches(name, known, n=1)
    return f"did you mean `{close[0]}`?" if close else "`nb2prod rule` lists them"
