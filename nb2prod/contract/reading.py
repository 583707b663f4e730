"""Plain data → the contract's records: what each key may hold is told by the records' own types."""

from __future__ import annotations

import difflib
import hashlib
import json
import types
import typing
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from functools import lru_cache
from typing import Any

from nb2prod.contract.model import FILE, VERSION, Contract
from nb2prod.errors import UsageError

_WORDS = {str: "a text", int: "a whole number", float: "a number", bool: "true or false"}


def contract_of(data: Any, file: str = FILE) -> Contract:
    """The contract in plain data. Raises UsageError, naming the file and the key, for what it cannot mean."""
    if not isinstance(data, Mapping):
        raise UsageError(f"{file} holds no mapping", hint=f"begin it with `version: {VERSION}`")
    if data.get("version") != VERSION:
        newer = isinstance(data.get("version"), int) and data["version"] > VERSION
        raise UsageError(
            f"{file}: version is {data.get('version')!r}",
            hint="upgrade nb2prod" if newer else f"write `version: {VERSION}`",
        )
    found: Contract = _record(Contract, {key: one for key, one in data.items() if key != "version"}, "", file)
    return _coherent(found, file)


def plain(record: Any) -> Any:
    """Plain data again: mappings, lists and scalars, every key in its order, None for what is open."""
    if isinstance(record, Contract):
        return {"version": VERSION, **_plain(record)}
    return _plain(record)


def digest(contract: Contract) -> str:
    """SHA-256 (hex) of what it says; comments and the order of keys do not change it."""
    return hashlib.sha256(json.dumps(plain(contract), sort_keys=True, default=str).encode()).hexdigest()


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    return value


def _record(kind: Any, data: Any, where: str, file: str) -> Any:
    if not isinstance(data, Mapping):
        raise _wrong(file, where, data, f"a mapping with {_listed(_fields(kind))}")
    known = _fields(kind)
    for key in data:
        if key not in known:
            raise _unknown(file, where, str(key), tuple(known))
    hints = _hints(kind)
    given = {}
    for name, one in known.items():
        path = f"{where}.{name}" if where else name
        if name in data and not (data[name] is None and not _may_be_none(hints[name]) and not _is_required(one)):
            given[name] = _value(hints[name], data[name], path, file)
        elif _is_required(one):
            raise UsageError(f"{file}: `{where}` has no `{name}`", hint=f"add `{name}`")
    return kind(**given)


def _value(kind: Any, data: Any, where: str, file: str) -> Any:
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if kind is Any:
        return data
    if origin in (types.UnionType, typing.Union):
        return _one_of(arguments, data, where, file)
    if origin is typing.Literal:
        return _literal(arguments, data, where, file)
    if origin is tuple:
        return _tuple(arguments, data, where, file)
    if origin is not None and issubclass(origin, Mapping):
        if not isinstance(data, Mapping):
            raise _wrong(file, where, data, "a mapping")
        return {str(key): _value(arguments[1], one, f"{where}.{key}", file) for key, one in data.items()}
    return _record(kind, data, where, file) if is_dataclass(kind) else _scalar(kind, data, where, file)


def _one_of(arguments: tuple[Any, ...], data: Any, where: str, file: str) -> Any:
    """`X | None`, or one of several scalars."""
    if data is None:
        return None
    kinds = [one for one in arguments if one is not type(None)]
    if len(kinds) == 1:
        return _value(kinds[0], data, where, file)
    if type(data) not in kinds:
        raise _wrong(file, where, data, " or ".join(_WORDS[one] for one in kinds))
    return data


def _literal(words: tuple[Any, ...], data: Any, where: str, file: str) -> Any:
    if data not in words:
        close = difflib.get_close_matches(str(data), words, n=1)
        meant = f"; did you mean `{close[0]}`?" if close else ""
        raise UsageError(f"{file}: `{where}` is {data!r}{meant}", hint=f"write one of {', '.join(words)}")
    return data


def _tuple(arguments: tuple[Any, ...], data: Any, where: str, file: str) -> Any:
    if not isinstance(data, list | tuple):
        raise _wrong(file, where, data, "a list")
    if arguments[1:] == (...,):
        return tuple(_value(arguments[0], one, f"{where}[{at}]", file) for at, one in enumerate(data))
    if len(data) != len(arguments):
        raise _wrong(file, where, data, f"a list of {len(arguments)}")
    return tuple(_value(kind, one, f"{where}[{at}]", file) for at, (kind, one) in enumerate(zip(arguments, data)))  # noqa: B905


def _scalar(kind: type, data: Any, where: str, file: str) -> Any:
    if kind is float and type(data) is int:
        return float(data)
    if type(data) is not kind:
        raise _wrong(file, where, data, _WORDS[kind])
    return data


def _wrong(file: str, where: str, data: Any, wanted: str) -> UsageError:
    return UsageError(f"{file}: `{where}` is {data!r}", hint=f"it should be {wanted}")


def _unknown(file: str, where: str, key: str, known: tuple[str, ...]) -> UsageError:
    inside = f"`{where}` has no `{key}`" if where else f"there is no key `{key}`"
    close = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
    return UsageError(
        f"{file}: {inside}{f'; did you mean `{close[0]}`?' if close else ''}", hint=f"it has {_listed(known)}"
    )


def _listed(names: Any) -> str:
    return ", ".join(names)


def _coherent(contract: Contract, file: str) -> Contract:
    """What no single key can get wrong alone."""
    band, gate = contract.output.review, contract.gate
    if band is not None and band[0] > band[1]:
        raise UsageError(f"{file}: `output.review` is [{band[0]}, {band[1]}]", hint="write the lower bound first")
    if not 0.5 <= gate.confidence < 1:
        raise UsageError(f"{file}: `gate.confidence` is {gate.confidence}", hint="write a share such as 0.95")
    if contract.log.retention_days < 1:
        raise UsageError(f"{file}: `log.retention_days` is {contract.log.retention_days}", hint="write at least 1")
    if not contract.environments:
        raise UsageError(f"{file}: `environments` is empty", hint="name at least `production`")
    for name in ("name", *contract.environments):
        _check_tag_part(contract.name or "" if name == "name" else name, name, file)
    return contract


def _check_tag_part(text: str, where: str, file: str) -> None:
    if text and not all(one.isalnum() or one in "-_./" for one in text):
        raise UsageError(f"{file}: `{text}` cannot be part of a git tag", hint="use letters, digits, `-` and `_`")


def _may_be_none(kind: Any) -> bool:
    return type(None) in typing.get_args(kind)


def _is_required(one: Field[Any]) -> bool:
    return one.default is MISSING and one.default_factory is MISSING


@lru_cache
def _fields(kind: type) -> dict[str, Field[Any]]:
    return {one.name: one for one in fields(kind)}


@lru_cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)
