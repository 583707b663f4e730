"""Diagnostics as JSON: the format that scripts and the panel read."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from nb2prod.diagnostics import Diagnostic, Edit, Fix
from nb2prod.lint.results import Checked

VERSION = 1


def render(checked: Iterable[Checked]) -> str:
    """The whole report, indented."""
    return json.dumps({"version": VERSION, "notebooks": [record_of(one) for one in checked]}, indent=2)


def record_of(checked: Checked) -> dict[str, Any]:
    """One notebook's part."""
    return {"path": checked.path, "diagnostics": [diagnostic_record(one) for one in checked.diagnostics]}


def diagnostic_record(one: Diagnostic) -> dict[str, Any]:
    """One diagnostic, its span as four numbers."""
    return {
        "code": one.code,
        "name": one.name,
        "severity": one.severity,
        "message": one.message,
        "cell_id": one.cell_id,
        "cell_index": one.cell_index,
        **asdict(one.span),
        "hint": one.hint,
        "confirmed": one.confirmed,
        "fix": _fix(one.fix) if one.fix else None,
    }


def _fix(fix: Fix) -> dict[str, Any]:
    return {"title": fix.title, "safe": fix.safe, "edits": [_edit(edit) for edit in fix.edits]}


def _edit(edit: Edit) -> dict[str, Any]:
    record: dict[str, Any] = asdict(edit)
    span: dict[str, Any] = record.pop("span", {})
    return record | span
