"""Readiness as a page for a review: a table to go through, then each criterion with its evidence."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nb2prod.readiness.judging import Judged, Readiness
from nb2prod.readiness.report.text import summary

_WORDS = {"met": "met", "not_met": "**not met**", "unknown": "unknown"}
_SPECIAL = re.compile(r"([\\`*{}\[\]<>|#])")


def render(readiness: Readiness) -> str:
    """Markdown. What comes from a notebook or a contract cannot steer the page."""
    return "\n".join(
        [*_head(readiness), *_table(readiness), *(line for one in readiness.criteria for line in _part(one))]
    )


def _head(readiness: Readiness) -> Iterator[str]:
    yield f"# Readiness of {_plain(readiness.name)}"
    yield ""
    yield f"{_plain(summary(readiness))}. As of {readiness.at[:10]}."
    yield ""


def _table(readiness: Readiness) -> Iterator[str]:
    yield "| | criterion | status | from level |"
    yield "|---|---|---|---|"
    for number, one in enumerate(readiness.criteria, 1):
        yield f"| {number} | {one.criterion.title} | {_WORDS[one.status]} | {one.criterion.level} |"


def _part(judged: Judged) -> Iterator[str]:
    criterion = judged.criterion
    yield from ("", f"## {criterion.title}", "", f"*{criterion.question}* Status: {_WORDS[judged.status]}.", "")
    for seen in judged.seen:
        mark = {True: "x", False: " ", None: " "}[seen.holds]
        yield f"- [{mark}] {_plain(seen.sentence())}"
    if not judged.seen:
        yield "- [ ] nothing is known yet"
    for step in judged.steps:
        yield f"- next step: {step}"
    yield from ("", f"Source: {criterion.source}.")


def _plain(text: str) -> str:
    """A line of text, whatever stands in it."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))
