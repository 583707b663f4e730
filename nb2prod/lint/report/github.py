"""Diagnostics as GitHub's workflow commands: annotations beside a pull request's files."""

from __future__ import annotations

from collections.abc import Sequence

from nb2prod.diagnostics import Diagnostic
from nb2prod.lint.results import Checked

_COMMANDS = {"error": "error", "warning": "warning", "info": "notice"}


def render(checked: Sequence[Checked]) -> str:
    """One command per diagnostic."""
    return "\n".join(_command(notebook.path, one) for notebook in checked for one in notebook.diagnostics)


def _command(path: str, one: Diagnostic) -> str:
    cell = f"cell {one.cell_index + 1}, line {one.span.line}"
    hint = f"\n{one.hint}" if one.hint else ""
    properties = {"file": path, "title": f"{one.code} {one.name} ({cell})"}
    written = ",".join(f"{key}={_escaped(value, ':,')}" for key, value in properties.items())
    return f"::{_COMMANDS[one.severity]} {written}::{_escaped(f'{cell}: {one.message}{hint}')}"


def _escaped(text: str, more: str = "") -> str:
    for character in "%\r\n" + more:
        text = text.replace(character, f"%{ord(character):02X}")
    return text
