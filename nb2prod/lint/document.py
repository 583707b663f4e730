"""Edited cells → the notebook file's text, in its own layout: what no fix touches keeps every byte."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from nb2prod.errors import UsageError
from nb2prod.lint.edits import EditedCell
from nb2prod.lint.secrets.mask import scrubbed_json
from nb2prod.notebook.json_layout import Part, indent_at, is_spread, last_member, parts_of, space_end
from nb2prod.notebook.model import Cell


def rewritten(text: str, before: Sequence[Cell], result: Sequence[EditedCell]) -> str:
    """The file's text with these cells. `before`: the cells that it holds now. Raises UsageError for an old format."""
    layout = _Layout(text)
    items = [_item(layout, one, before) for one in result]
    if [one.origin for one in result] != [cell.index for cell in before]:
        return layout.with_items(items)
    for part, item in reversed(list(zip(layout.cells, items, strict=True))):
        text = text[: part.start] + item + text[part.end :]
    return text


class _Layout:
    """How the file is written: where its cells lie, its indentation, its line ends, whether it escapes."""

    def __init__(self, text: str) -> None:
        self.text = text
        root = parts_of(text, space_end(text, 1 if text.startswith("\ufeff") else 0))
        if not any(part.key == "cells" for part in root):
            raise UsageError("this notebook is of an old format", hint="save it anew in Jupyter, then fix it")
        self.array = last_member(root, "cells")
        self.cells = parts_of(text, self.array.start)
        self.step = indent_at(text, root[0].begin)
        self.newline = "\r\n" if "\r\n" in text else "\n"
        self.escapes = text.isascii() and "\\u" in text
        self.has_ids = any('"id"' in text[part.start : part.end] for part in self.cells) or _minor(text, root) >= 5
        self.spread = is_spread(text, self.array.start, self.cells)
        self.depth = indent_at(text, self.cells[0].begin) if self.cells else self.step * 2

    def with_items(self, items: list[str]) -> str:
        """The whole text with other cells in the array."""
        lead = self.text[self.array.start + 1 : self.cells[0].begin]
        tail = self.text[self.cells[-1].end : self.array.end - 1]
        gap = self.text[self.cells[0].end : self.cells[1].begin] if len(self.cells) > 1 else "," + lead
        array = f"[{lead}{gap.join(items)}{tail}]"
        return self.text[: self.array.start] + array + self.text[self.array.end :]

    def dumped(self, value: Any, depth: str) -> str:
        """A value as the file would hold it, its first line standing at `depth`."""
        if not self.spread:
            return json.dumps(value, ensure_ascii=self.escapes)
        text = json.dumps(value, ensure_ascii=self.escapes, indent=self.step)
        return text.replace("\n", self.newline + depth)


def _minor(text: str, root: list[Part]) -> int:
    found = [part for part in root if part.key == "nbformat_minor"]
    value = json.loads(text[found[-1].start : found[-1].end]) if found else 0
    return value if isinstance(value, int) else 0


def _item(layout: _Layout, one: EditedCell, before: Sequence[Cell]) -> str:
    if one.origin is None:
        return _new_cell(layout, one)
    part = layout.cells[one.origin]
    item = layout.text[part.start : part.end]
    changes: dict[str, Any] = {}
    if one.source != before[one.origin].source:
        changes["source"] = one.source
    if one.outputs is not None:
        changes["outputs"] = json.loads(one.outputs)
    if one.scrubbed:
        changes["outputs"] = scrubbed_json(changes.get("outputs") or json.loads(item).get("outputs", []))
    return _changed(layout, part, item, changes) if changes else item


def _changed(layout: _Layout, part: Part, item: str, changes: Mapping[str, Any]) -> str:
    members = [one for one in parts_of(layout.text, part.start) if one.key in changes]
    for member in reversed(members):
        depth = indent_at(layout.text, member.begin)
        value = changes[member.key]
        if member.key == "source" and layout.text[member.start] == "[":
            value = value.splitlines(keepends=True)
        start, end = member.start - part.start, member.end - part.start
        item = item[:start] + layout.dumped(value, depth) + item[end:]
    return item


def _new_cell(layout: _Layout, one: EditedCell) -> str:
    source = one.source
    cell: dict[str, Any] = {"cell_type": "code", "execution_count": None}
    if layout.has_ids:
        cell["id"] = hashlib.sha256(source.encode()).hexdigest()[:8]
    metadata = {"tags": list(one.tags)} if one.tags else {}
    cell |= {"metadata": metadata, "outputs": [], "source": source.splitlines(keepends=True)}
    return layout.dumped(cell, layout.depth)
