"""Plain records as JSON and back, by their types: what nb2prod remembers between two calls.

A record is a frozen dataclass of plain values, tuples, sets, mappings and other records.
"""

from __future__ import annotations

import gzip
import json
import types
import typing
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from nb2prod.adapters.files import write_bytes

T = TypeVar("T")


def save(path: Path, record: object) -> None:
    """Write it, whole or not at all; readable by its owner only. Raises OutsideError."""
    text = json.dumps(_plain(record), ensure_ascii=False, separators=(",", ":"))
    write_bytes(path, gzip.compress(text.encode("utf-8", "surrogatepass"), compresslevel=1, mtime=0))


def load(path: Path, kind: type[T]) -> T | None:
    """The record, or None where there is none, or one of another shape: what is remembered may always be forgotten."""
    try:
        data = json.loads(gzip.decompress(path.read_bytes()).decode("utf-8", "surrogatepass"))
        found: T = _record(kind, data)
    except (OSError, EOFError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return found


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        is_object = all(isinstance(key, str) for key in value)
        pairs = [(_plain(key), _plain(one)) for key, one in value.items()]
        return dict(pairs) if is_object else pairs
    if isinstance(value, frozenset | set):
        return sorted(map(_plain, value), key=json.dumps)
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    return value


def _record(kind: Any, data: Any) -> Any:
    if kind is Any or kind is object:
        return data
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (types.UnionType, typing.Union):
        return None if data is None else _record(next(one for one in arguments if one is not type(None)), data)
    if is_dataclass(kind):
        assert isinstance(kind, type)
        return kind(**{name: _record(hint, data[name]) for name, hint in _hints(kind).items()})
    if origin is tuple:
        kinds = [arguments[0]] * len(data) if arguments[1:] == (...,) else arguments
        return tuple(_record(one, value) for one, value in zip(kinds, data, strict=True))
    if origin in (frozenset, list, set):
        return origin(_record(arguments[0], value) for value in data)
    if origin is not None and issubclass(origin, Mapping):
        pairs = data.items() if isinstance(data, dict) else data
        return {_record(arguments[0], key): _record(arguments[1], value) for key, value in pairs}
    if not isinstance(data, kind) and not (kind is float and isinstance(data, int)):
        raise TypeError(f"not a {kind}: {type(data)}")
    return data


@lru_cache
def _hints(kind: type) -> dict[str, Any]:
    hints = typing.get_type_hints(kind)
    return {field.name: hints[field.name] for field in fields(kind)}
