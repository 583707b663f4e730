"""Records → what JSON can say. A number that JSON has no word for becomes null."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import Any


def plainly(value: Any) -> Any:
    """Mappings, lists, texts, numbers, truth values and None."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plainly(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plainly(one) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plainly(one) for one in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if value is None or isinstance(value, str | int) else str(value)
