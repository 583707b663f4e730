"""What the error at a cell's end says: which rule it belongs to, in words."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib import resources
from typing import Any

from nb2prod.lint.context import CodeView, Context
from nb2prod.lint.running.evidence import CellEvidence, Evidence, Fact, Failure
from nb2prod.lint.running.places import line_of, statement_text

_LONGEST = 160


def failures(context: Context, evidence: Evidence) -> Iterator[Fact]:
    """One fact per error of the first run; of a later run only where the first had none at that cell."""
    views = {view.index: view for view in context.views}
    for run in filter(None, (evidence.first, evidence.second)):
        for cell in run.cells.values():
            if run is evidence.first or evidence.first.ran(cell.index):
                yield from _of_cell(context, evidence, views[cell.index], cell)


def _of_cell(context: Context, evidence: Evidence, view: CodeView, cell: CellEvidence) -> Iterator[Fact]:
    if cell.status == "timed out":
        hint = "make it faster or smaller for a check, or give more time with --timeout"
        yield Fact("failing-cell", cell.index, line_of(view, 1), f"did not end in time: {cell.reason}", hint)
    elif cell.status == "died":
        hint = "it may have run out of memory: `dmesg` tells"
        yield Fact("failing-cell", cell.index, line_of(view, 1), "the kernel died while the cell was running", hint)
    for failure in cell.failures:
        yield fact_of(context, evidence.versions, view, failure)


def fact_of(context: Context, versions: Mapping[str, str], view: CodeView, failure: Failure) -> Fact:
    """The failure as a fact, by the first entry of the table that fits."""
    for entry in _table():
        words = _fits(entry, context, versions, view, failure)
        if words is not None:
            message = entry["message"].format_map(words)
            return Fact(
                entry["rule"], view.index, line_of(view, failure.line), message, entry["hint"], words.get("subject", "")
            )
    raise AssertionError("the table's last entry fits everything")


def _fits(
    entry: Mapping[str, Any], context: Context, versions: Mapping[str, str], view: CodeView, failure: Failure
) -> dict[str, str] | None:
    """The words for the message, or None where the entry does not fit."""
    match = re.search(entry.get("pattern", ""), failure.value)
    if match is None or failure.name not in entry.get("errors", [failure.name]):
        return None
    groups = {name: text for name, text in match.groupdict().items() if text}
    subject = next((text for name, text in groups.items() if name.startswith("subject")), "")
    words = {
        **groups,
        "error": failure.name,
        "value": _short(failure.value),
        "subject": subject or _short(failure.value),
    }
    version = _version(groups.get("subject", ""), versions)
    if entry.get("installed") and not version:
        return None
    if entry.get("foreign") and _is_own(context, groups.get("kind", "")):
        return None
    if "source" in entry and entry["source"] not in statement_text(view, failure.line):
        return None
    return {**words, "version": version or f"the installed `{words['subject']}`"}


def _version(module: str, versions: Mapping[str, str]) -> str:
    """`pandas 3.1.1`; empty where no distribution has that module. Names of modules and distributions may differ."""
    known = {
        "sklearn": "scikit-learn",
        "PIL": "pillow",
        "cv2": "opencv-python",
        "skimage": "scikit-image",
        "bs4": "beautifulsoup4",
    }
    name = known.get(module, module).lower().replace("_", "-")
    return f"{name} {versions[name]}" if name in versions else ""


_BUILTIN = frozenset(
    {
        "NoneType",
        "dict",
        "list",
        "tuple",
        "set",
        "str",
        "int",
        "float",
        "bool",
        "function",
        "method",
        "bytes",
        "range",
        "generator",
    }
)


def _is_own(context: Context, kind: str) -> bool:
    """Whether the class or function is the notebook's own, or Python's: no library changed then."""
    name = kind.rpartition(".")[0].rpartition(".")[2] or kind
    defined = {node.name for view in context.views for node in view.nodes(ast.FunctionDef)}
    defined |= {node.name for view in context.views for node in view.nodes(ast.ClassDef)}
    lambdas = kind == "<lambda>" or name in _BUILTIN
    return lambdas or name in defined or kind.rpartition(".")[2] in defined


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else line[:_LONGEST] + "…"


@lru_cache(maxsize=1)
def _table() -> list[dict[str, Any]]:
    text = (resources.files("nb2prod.lint") / "knowledge" / "failures.toml").read_text(encoding="utf-8")
    entries: list[dict[str, Any]] = tomllib.loads(text)["failures"]
    return entries
