"""Rules from what training's data were seen to hold.

Limits leave half of the seen span free on both sides, because new data lie outside of a sample's extremes; what was
never negative stays so. Times have no limits: new ones are later. Only the column that the contract calls the id is
asked to be unique: a measured number always looks so.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from nb2prod.validation.model import RULES, Rules

_FREE = 0.5


def inferred(profile: Mapping[str, Mapping[str, Any]]) -> dict[str, Rules]:
    """Column → rules, from the worker's profile of each column."""
    return {name: _rules(seen) for name, seen in profile.items()}


def _rules(seen: Mapping[str, Any]) -> Rules:
    kind = str(seen["type"])
    found: dict[str, Any] = {"type": kind, "nulls": bool(seen["nulls"])}
    if seen.get("infinite"):
        found["infinite"] = True
    if "min" in seen and not kind.startswith("datetime"):
        found["min"], found["max"] = _limits(seen["min"], seen["max"])
    for name in ("categories", "ordered", "unique"):
        if seen.get(name):
            found[name] = seen[name]
    return {name: found[name] for name in RULES if name in found}


def _limits(least: float, most: float) -> tuple[float, float]:
    room = (most - least) * _FREE or abs(most) * _FREE or 1.0
    low, high = least - room, most + room
    if least >= 0:
        low = max(low, 0.0)
    if isinstance(least, int):
        return math.floor(low), math.ceil(high)
    return _short(low, math.floor), _short(high, math.ceil)


def _short(value: float, towards: Any) -> float:
    """Four digits, rounded outwards: a limit that people may read and edit."""
    if not value or not math.isfinite(value):
        return value
    scale = 10.0 ** (3 - math.floor(math.log10(abs(value))))
    if not math.isfinite(scale) or not scale:
        return value
    return float(f"{towards(value * scale) / scale:.6g}")
