"""A new inference and a file that people edit: what the data say follows the data, what a person said stays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nb2prod.validation.model import RULES, Rules, Schema

_NOTHING = object()


@dataclass(frozen=True, slots=True)
class Change:
    """A rule that is another than before: None where there was none, or is none. `kept`: edited by hand, so that what
    the data say now (`after`) was not taken.
    """

    column: str
    rule: str
    before: Any
    after: Any
    kept: bool = False

    def sentence(self) -> str:
        """For a report."""
        if self.kept:
            return f"{self.column}: {self.rule} stays {self.before}, as edited; the data say {self.after}"
        return f"{self.column}: {self.rule} {self.before} → {self.after}"


def merged(current: Schema | None, inference: Mapping[str, Rules]) -> tuple[Schema, tuple[Change, ...]]:
    """The schema to write, and what changed. `inference`: what the data say now."""
    if current is None:
        return Schema(dict(inference), dict(inference)), ()
    changes: list[Change] = []
    names = [*inference, *(name for name in current.columns if name not in inference)]
    columns = {}
    for name in names:
        rules = _column(name, current, inference.get(name), changes)
        if rules:
            columns[name] = rules
    return Schema(columns, dict(inference)), tuple(changes)


def _column(name: str, current: Schema, now: Rules | None, changes: list[Change]) -> dict[str, Any]:
    base, mine = current.inferred.get(name), current.columns.get(name)
    if mine is None:
        if base is not None:  # somebody took it out
            return {}
        changes.append(Change(name, "column", None, "new"))
        return dict(now or {})
    if now is None:
        if base is not None and dict(base) == dict(mine):
            changes.append(Change(name, "column", "checked", None))
            return {}
        return dict(mine)
    found = {rule: _rule(name, rule, base or {}, mine, now, changes) for rule in RULES}
    return {rule: value for rule, value in found.items() if value is not _NOTHING}


def _rule(name: str, rule: str, base: Rules, mine: Rules, now: Rules, changes: list[Change]) -> Any:
    was, is_, says = (one.get(rule, _NOTHING) for one in (base, mine, now))
    if is_ == was:
        if says != is_:
            changes.append(Change(name, rule, _shown(is_), _shown(says)))
        return says
    if says not in (was, is_):
        changes.append(Change(name, rule, _shown(is_), _shown(says), kept=True))
    return is_


def _shown(value: Any) -> Any:
    return None if value is _NOTHING else value


def edited(current: Schema | None) -> dict[str, dict[str, Any]]:
    """Column → type and the rules that a person set: what new data must hold to, whatever they say."""
    found: dict[str, dict[str, Any]] = {}
    for name, rules in (current.columns if current else {}).items():
        base = current.inferred.get(name, {}) if current else {}
        own = {rule: value for rule, value in rules.items() if base.get(rule, _NOTHING) != value and rule != "then"}
        if own:
            found[name] = {"type": rules["type"], **own}
    return found
