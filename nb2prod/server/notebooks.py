"""Routes about an open, perhaps unsaved notebook."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nb2prod.lint.report.json import diagnostic_record
from nb2prod.operations.cutting import cutting
from nb2prod.operations.ignore import ignore_rule, ignored
from nb2prod.operations.live import Mended
from nb2prod.operations.rule import rule
from nb2prod.server.desk import Call, Desk
from nb2prod.server.wire import Checked, Cut, DiagnosticRecord, Ignored, RulePage

_MOST_SHOWN = 2000


def check(desk: Desk, call: Call) -> Checked:
    """The warnings of the document in the body."""
    path = _path(desk, call)
    editor, lock = desk.editors.of(path, call.text("client", ""))
    with lock:
        found = editor.check(call.mapping("notebook"))
    shown = [DiagnosticRecord(**diagnostic_record(one)) for one in found[:_MOST_SHOWN]]
    return Checked(desk.places.name(path), tuple(shown), len(found) - len(shown))


def fix(desk: Desk, call: Call) -> Mended:
    """What one fix makes of the document in the body; the window puts it in place."""
    editor, lock = desk.editors.of(_path(desk, call), call.text("client", ""))
    with lock:
        return editor.mended(
            call.mapping("notebook"),
            call.text("code"),
            call.text("cell_id"),
            call.number("line"),
            call.number("column"),
        )


def ignore(desk: Desk, call: Call) -> Ignored:
    """Silence one finding (the answer is the cell's text), or with `everywhere` its rule (in pyproject.toml)."""
    path, code = _path(desk, call), call.text("code")
    rule(code)
    if call.body.get("everywhere") is True:
        return Ignored("", desk.places.name(ignore_rule(path, code)))
    source = ignored(call.text("source"), call.text("kind"), call.number("line"), code, call.text("reason", ""))
    return Ignored(source, "")


def rules(desk: Desk, call: Call) -> dict[str, Any]:
    """The page of a rule."""
    pages = [RulePage(one.code, one.name, one.page) for one in rule(call.text("code"))]
    return {"rules": pages}


def stages(desk: Desk, call: Call) -> Cut:
    """The stages of the document in the body."""
    return Cut(cutting(call.mapping("notebook"), _path(desk, call)))


def _path(desk: Desk, call: Call) -> Path:
    return desk.places.path(call.text("path"))
