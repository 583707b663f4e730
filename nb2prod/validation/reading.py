"""Plain data → a schema, with errors that name the key."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from nb2prod.errors import UsageError
from nb2prod.validation.model import BREAKABLE, FILE, RULES, VERSION, Rules, Schema

_TYPES = re.compile(
    r"text|category|bool|boolean|u?int(8|16|32|64)|U?Int(8|16|32|64)|[Ff]loat(16|32|64)"
    r"|datetime64\[(s|ms|us|ns)(, .+)?\]|\w+\[pyarrow\]"
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
    inferred = data.get("inferred") or {}
    if not isinstance(inferred, Mapping) or not all(isinstance(rules, Mapping) for rules in inferred.values()):
        raise UsageError(f"{file}: `inferred` is no mapping of columns", hint="it is nb2prod's own: take it out")
    return Schema(columns, {str(name): dict(rules) for name, rules in inferred.items()})


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
    if kind == "category" and "categories" not in data:
        raise UsageError(f"{file}: `{where}` has no `categories`", hint="list them, or write `type: text`")
    _check_limits(data, kind, where, file)
    then = data.get("then", {})
    wrong = not isinstance(then, Mapping) or [
        k for k, v in then.items() if k not in BREAKABLE or v not in ("stop", "quarantine")
    ]
    if wrong:
        raise UsageError(f"{file}: `{where}.then` is {then!r}", hint="write for example `then: {max: quarantine}`")


def _check_limits(data: Mapping[str, Any], kind: str, where: str, file: str) -> None:
    """A limit that nothing could break, or nothing could keep, would be no rule."""
    given = [name for name in ("min", "max") if name in data]
    for name in given:
        limit = data[name]
        if kind in ("text", "category"):
            raise UsageError(f"{file}: `{where}` is {kind} and has `{name}`", hint="limits are for numbers and times")
        if kind.startswith("datetime"):
            is_good = not isinstance(limit, bool | int | float) and _is_moment(limit)
        else:
            is_good = isinstance(limit, int | float) and not isinstance(limit, bool) and not math.isnan(limit)
        if not is_good:
            what = "a time, as 2026-11-21" if kind.startswith("datetime") else "a number"
            raise UsageError(f"{file}: `{where}.{name}` is {limit!r}", hint=f"it should be {what}")
    if len(given) == 2 and not kind.startswith("datetime") and data["min"] > data["max"]:
        raise UsageError(f"{file}: `{where}.min` is above its `max`", hint="no value can hold to both")


def _is_moment(limit: Any) -> bool:
    try:
        datetime.fromisoformat(str(limit))
    except ValueError:
        return False
    return True


def plain(schema: Schema) -> dict[str, Any]:
    """What is written."""
    columns = {name: _ordered(rules) for name, rules in schema.columns.items()}
    inferred = {name: _ordered(rules) for name, rules in schema.inferred.items()}
    return {"version": VERSION, "columns": columns, "inferred": inferred}


def _ordered(rules: Rules) -> dict[str, Any]:
    return {name: rules[name] for name in RULES if name in rules}
