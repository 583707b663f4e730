"""Write `src/api/records.ts` from the Python records that go over the wire: `python labextension/records.py`."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nb2prod.operations.history import History
from nb2prod.operations.live import Mended
from nb2prod.operations.status import Status
from nb2prod.pipeline.verdict import Difference
from nb2prod.server import wire

FILE = Path(__file__).parent / "src" / "api" / "records.ts"
ROOTS = (
    wire.DiagnosticRecord,
    wire.Checked,
    Mended,
    wire.RulePage,
    wire.Ignored,
    wire.Cut,
    wire.PipelineAnswer,
    wire.JobsAnswer,
    wire.JobAnswer,
    wire.ContractAnswer,
    wire.ReadinessRecord,
    wire.Opened,
    wire.ConsoleAnswer,
    Difference,
    Status,
    History,
    wire.About,
    wire.Trouble,
)
_PLAIN = {
    str: "string",
    Path: "string",
    int: "number",
    float: "number",
    bool: "boolean",
    type(None): "null",
    Any: "unknown",
}


def typescript() -> str:
    """The file's text."""
    known: dict[str, str] = {}
    for root in ROOTS:
        _declare(root, known)
    head = "// Made by labextension/records.py from the records of nb2prod.server.wire: do not edit.\n"
    return head + "".join(f"\n{text}" for _, text in sorted(known.items()))


def _declare(record: Any, known: dict[str, str]) -> str:
    name = f"I{record.__name__}"
    if name not in known:
        known[name] = ""
        hints = typing.get_type_hints(record)
        lines = [f"  {field.name}: {_type(hints[field.name], known)};\n" for field in dataclasses.fields(record)]
        known[name] = f"export interface {name} {{\n{''.join(lines)}}}\n"
    return name


def _type(hint: Any, known: dict[str, str]) -> str:
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if hint in _PLAIN:
        return _PLAIN[hint]
    if dataclasses.is_dataclass(hint):
        return _declare(hint, known)
    if origin in (typing.Union, types.UnionType):
        return " | ".join(_type(one, known) for one in inner)
    if origin is typing.Literal:
        return " | ".join(f"'{one}'" for one in inner)
    if origin in (tuple, list):
        one = _type(inner[0], known)
        return f"({one})[]" if " | " in one else f"{one}[]"
    assert origin is Mapping, hint
    return f"Record<string, {_type(inner[1], known)}>"


if __name__ == "__main__":
    FILE.write_text(typescript(), encoding="utf-8")
