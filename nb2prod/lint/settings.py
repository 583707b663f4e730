"""What a project says about its warnings: `[tool.nb2prod]` in pyproject.toml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from nb2prod.diagnostics import SEVERITIES
from nb2prod.errors import UsageError

OFF = "off"


@dataclass(frozen=True, slots=True)
class Settings:
    """`select`, `ignore`: codes, their first letters, or names; nothing selected means all. `per_path`: (pattern,
    what to ignore there). `severity`: (code or name, severity or "off"). `exclude`: patterns of files to leave out.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    per_path: tuple[tuple[str, tuple[str, ...]], ...] = ()
    severity: tuple[tuple[str, str], ...] = ()
    exclude: tuple[str, ...] = ()

    def overridden(self, select: tuple[str, ...], ignore: tuple[str, ...]) -> Settings:
        """What the command line selects replaces the project's; what it ignores is added."""
        return replace(self, select=select or self.select, ignore=self.ignore + ignore)


_KEYS = ("select", "ignore", "per-path-ignores", "severity", "exclude")
# Tables that other verbs read.
_OTHERS = ("profiles", "stages")


def settings_of(table: Mapping[str, Any], file: str) -> Settings:
    """The settings of a `[tool.nb2prod]` table. Raises UsageError, naming the file, for what it cannot mean."""
    for key in table:
        if key not in _KEYS + _OTHERS:
            raise UsageError(f"{file}: [tool.nb2prod] has no `{key}`", hint=f"it has {', '.join(_KEYS + _OTHERS)}")
    per_path = _table(table, "per-path-ignores", file)
    severity = _table(table, "severity", file)
    for code, word in severity.items():
        if word not in (*SEVERITIES, OFF):
            raise UsageError(
                f"{file}: the severity of `{code}` is {word!r}", hint=f"write {', '.join(SEVERITIES)} or {OFF}"
            )
    return Settings(
        _texts(table.get("select", []), "select", file),
        _texts(table.get("ignore", []), "ignore", file),
        tuple((pattern, _texts(codes, pattern, file)) for pattern, codes in per_path.items()),
        tuple(severity.items()),
        _texts(table.get("exclude", []), "exclude", file),
    )


def _table(table: Mapping[str, Any], key: str, file: str) -> Mapping[str, Any]:
    found = table.get(key, {})
    if not isinstance(found, Mapping):
        raise UsageError(f"{file}: `{key}` is not a table", hint=f"write [tool.nb2prod.{key}]")
    return found


def _texts(value: Any, key: str, file: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise UsageError(f"{file}: `{key}` is not a list of texts", hint='write ["NB301", "NB5"]')
    return tuple(value)
