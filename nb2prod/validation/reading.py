"""Plain data → a schema, with errors that name the key."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from typing import Any

from nb2prod.errors import UsageError
from nb2prod.validation.model import BREAKABLE, FILE, RULES, VERSION, Rules, Schema

_TYPES = re.compile(
    r"text|category|bool|boolean|u?int(8|16|32|64)|U?Int(8|16|32|64)|[Ff]loat(16|32|64)|datetime64\[.+\]|\w+\[pyarrow\]"
)
_TRUTHS = ("nulls", "infinite", "ordered", "unique")


def schema_of(data: Any, file: str = FILE) -> Schema:
    """The schema in plain data. Raises UsageError, naming file and key."""
    if not isinstance(data, Mapping) or not isinstance(data.get("columns"), Mapping):
        raise UsageError(
            f"{file} has no mapping `columns`", hint="delete it: nb2prod infers a new one from training's data"
        )
    if data.get("version") != VERSION:
        raise UsageError(
            f"{file}: version is {data.get('version')!r}", hint=f"write `version: {VERSION}`, or upgrade nb2prod"
        )
    columns = {str(name): _rules(rules, f"columns.{name}", file) for name, rules in data["columns"].items()}
    inferred = {str(name): dict(rules) for name, rules in (data.get("inferred") or {}).items()}
    return Schema(columns, inferred)


def _rules(data: Any, where: str, file: str) -> Rules:
    if not isinstance(data, Mapping):
        raise UsageError(f"{file}: `{where}` is {data!r}", hint=f"it should be a mapping with {', '.join(RULES)}")
    for key in data:
        if key not in RULES:
            close = difflib.get_close_matches(str(key), RULES, n=1)
            meant = f"; did you mean `{close[0]}`?" if close else ""
            raise UsageError(f"{file}: `{where}` has no rule `{key}`{meant}", hint=f"there are {', '.join(RULES)}")
    _check_values(data, where, file)
    return dict(data)


def _check_values(data: Mapping[str, Any], where: str, file: str) -> None:
    kind = data.get("type")
    if not isinstance(kind, str) or not _TYPES.fullmatch(kind):
        raise UsageError(f"{file}: `{where}.type` is {kind!r}", hint="write text, category, bool, int64, float64, …")
    for name in _TRUTHS:
        if not isinstance(data.get(name, True), bool):
            raise UsageError(f"{file}: `{where}.{name}` is {data[name]!r}", hint="it should be true or false")
    if not isinstance(data.get("categories", []), list):
        raise UsageError(f"{file}: `{where}.categories` is {data['categories']!r}", hint="it should be a list")
    for name in ("min", "max"):
        limit = data.get(name, 0)
        if isinstance(limit, bool) or not (isinstance(limit, int | float) or kind.startswith("datetime")):
            raise UsageError(f"{file}: `{where}.{name}` is {limit!r}", hint="it should be a number")
    then = data.get("then", {})
    wrong = not isinstance(then, Mapping) or [
        k for k, v in then.items() if k not in BREAKABLE or v not in ("stop", "quarantine")
    ]
    if wrong:
        raise UsageError(f"{file}: `{where}.then` is {then!r}", hint="write for example `then: {max: quarantine}`")


def plain(schema: Schema) -> dict[str, Any]:
    """What is written."""
    columns = {name: _ordered(rules) for name, rules in schema.columns.items()}
    inferred = {name: _ordered(rules) for name, rules in schema.inferred.items()}
    return {"version": VERSION, "columns": columns, "inferred": inferred}


def _ordered(rules: Rules) -> dict[str, Any]:
    return {name: rules[name] for name in RULES if name in rules}
