"""Diagnostics as SARIF 2.1.0, for code scanning."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import quote

from nb2prod.diagnostics import Diagnostic
from nb2prod.lint.registry import rules
from nb2prod.lint.results import Checked
from nb2prod.lint.rule import Rule

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {"error": "error", "warning": "warning", "info": "note"}


def render(checked: Sequence[Checked]) -> str:
    """The whole log, indented."""
    known = rules()
    driver = {"name": "nb2prod", "rules": [_rule(rule) for rule in known]}
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": list(_results(checked, known))}
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": rule.summary},
        "help": {"text": rule.page, "markdown": rule.page},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {"tags": [rule.family]},
    }


def _results(checked: Iterable[Checked], known: Sequence[Rule]) -> Iterable[dict[str, Any]]:
    position = {rule.code: at for at, rule in enumerate(known)}
    for notebook in checked:
        for one in notebook.diagnostics:
            yield _result(notebook, one, position[one.code])


def _result(checked: Checked, one: Diagnostic, rule: int) -> dict[str, Any]:
    message = f"{one.message}; {one.hint}" if one.hint else one.message
    return {
        "ruleId": one.code,
        "ruleIndex": rule,
        "level": _LEVELS[one.severity],
        "message": {"text": message},
        "locations": [_location(checked, one)],
        "properties": {"cellIndex": one.cell_index, "cellId": one.cell_id, "confirmed": one.confirmed},
    }


def _location(checked: Checked, one: Diagnostic) -> dict[str, Any]:
    """The file and the cell; lines are the cell's own, as in other linters of notebooks."""
    region = {
        "startLine": one.span.line,
        "startColumn": one.span.column + 1,
        "endLine": one.span.end_line,
        "endColumn": one.span.end_column + 1,
    }
    cell = f"cell {one.cell_index + 1}"
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": quote(checked.path.replace("\\", "/"))},
            "region": region,
        },
        "logicalLocations": [{"name": cell, "fullyQualifiedName": f"{checked.path}:{cell}", "kind": "object"}],
    }
