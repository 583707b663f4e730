"""Records → HTML. Pure: a text in, a text out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from nb2prod.diagnostics import Diagnostic
from nb2prod.operations.overview import Overview
from nb2prod.plain_text import plain

_MOST = 200
_SIGNS = {"error": "✕", "warning": "!", "info": "i", "met": "✓", "not_met": "✕", "unknown": "?"}


def text(value: object) -> str:
    """A value on a page: neither a tag nor an escape sequence of it survives."""
    return escape(plain(str(value)))


def warnings(found: Iterable[Diagnostic]) -> str:
    """One row for each."""
    listed = list(found)
    if not listed:
        return _paragraph("✓ no warnings")
    rows = [
        (_SIGNS[one.severity], one.code, f"cell {one.cell_index + 1}, line {one.span.line}", one.message, one.hint)
        for one in listed[:_MOST]
    ]
    more = len(listed) - len(rows)
    return _table(("", "rule", "where", "what", "remedy"), rows) + (_paragraph(f"and {more} more") if more else "")


def pipeline(found: Overview) -> str:
    """The verdict, the stages, and what they hand on."""
    if not found.exists:
        return _paragraph("This notebook has no pipeline yet: nb2prod.convert(…) makes one.")
    rows = [
        (stage.name, ", ".join(stage.needs), ", ".join(name for out in stage.outputs for name in out.names))
        for stage in found.stages
    ]
    stale = _paragraph(f"stale: {found.stale}") if found.stale else ""
    return _paragraph(f"verdict: {found.verdict}") + stale + _table(("stage", "needs", "hands on"), rows)


def readiness(found: Mapping[str, Any]) -> str:
    """The checklist."""
    rows = [
        (_SIGNS.get(one["status"], "?"), one["title"], one["evidence"] or "", one["how_to_meet"])
        for one in found["criteria"]
    ]
    return _paragraph(f"level {found['level']}, score {found['score']}") + _table(
        ("", "criterion", "evidence", "how to meet it"), rows
    )


def deployment(found: Mapping[str, Any]) -> str:
    """Environments, then versions."""
    places = [(one["name"], *_champion(one["champion"])) for one in found["environments"]]
    versions = [(one["version"], one["at"], one["by"]) for one in found["versions"]]
    return _table(("environment", "version", "since", "by"), places) + _table(("version", "at", "by"), versions)


def trouble(message: str, hint: str) -> str:
    """Why there is no answer."""
    return _paragraph(message) + _paragraph(hint)


def _champion(one: Mapping[str, Any] | None) -> tuple[str, str, str]:
    return (one["version"], one["since"], one["by"]) if one else ("none yet", "", "")


def _paragraph(words: str) -> str:
    return f"<p>{text(words)}</p>"


def _table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    titles = "".join(f'<th scope="col">{text(one)}</th>' for one in head)
    lines = "".join("<tr>" + "".join(f"<td>{text(one)}</td>" for one in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{titles}</tr></thead><tbody>{lines}</tbody></table>"
