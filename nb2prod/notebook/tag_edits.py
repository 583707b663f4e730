"""Add tags to a notebook's text and leave every other byte as it is."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from nb2prod.notebook.json_layout import Part, indent_at, is_spread, last_member, parts_of, space_end

_MARKER = re.compile(r"# ?%%(?=\s|\Z)")
_FENCE = re.compile(r"`{3,}\s*(\{code-cell\}|python3?\b|ipython3?\b)")
_TAGS = re.compile(r"(\btags=\[)([^]]*)(\])")


def edited_json(text: str, tags: Mapping[int, str]) -> str:
    """An .ipynb's text with one more tag on these cells, in the file's own layout."""
    root = parts_of(text, space_end(text, 1 if text.startswith("\ufeff") else 0))
    cells = parts_of(text, last_member(root, "cells").start)
    step = indent_at(text, root[0].begin)
    for index in sorted(tags, reverse=True):
        text = _tag_cell(text, cells[index].start, tags[index], step)
    return text


def _tag_cell(text: str, start: int, tag: str, step: str) -> str:
    members = parts_of(text, start)
    new = json.dumps(tag, ensure_ascii=False)
    metadata = next((one for one in reversed(members) if one.key == "metadata"), None)
    if metadata is None:
        return _insert(text, start, members, '"metadata": {"tags": [' + new + "]}", step)
    inner = parts_of(text, metadata.start)
    tags = next((one for one in reversed(inner) if one.key == "tags"), None)
    if tags is None:
        depth = indent_at(text, metadata.begin)
        item = f"\n{depth}{step * 2}{new}\n{depth}{step}" if is_spread(text, start, members) else new
        return _insert(text, metadata.start, inner, f'"tags": [{item}]', step, depth, is_spread(text, start, members))
    if text[tags.start] != "[":  # null
        return text[: tags.start] + f"[{new}]" + text[tags.end :]
    items = parts_of(text, tags.start)
    depth = indent_at(text, tags.begin)
    return _insert(text, tags.start, items, new, step, depth, is_spread(text, start, members))


def _insert(
    text: str, start: int, parts: list[Part], new: str, step: str, depth: str = "", spread: bool = False
) -> str:
    """Put `new` behind the last of `parts` of the container that begins at `start`."""
    newline = "\r\n" if "\r\n" in text else "\n"
    new = new.replace("\n", newline)
    if not parts:
        end = space_end(text, start + 1)
        inside = f"{newline}{depth}{step}{new}{newline}{depth}" if spread else new
        return text[: start + 1] + inside + text[end:]
    gap = text[start + 1 : parts[0].begin] if len(parts) == 1 else _gap(text, parts)
    return f"{text[: parts[-1].end]},{gap}{new}{text[parts[-1].end :]}"


def _gap(text: str, parts: list[Part]) -> str:
    """What stands between a comma and the part after it."""
    between = text[parts[-2].end : parts[-1].begin]
    return between[between.index(",") + 1 :]


def edited_text(text: str, kinds: Sequence[str], tags: Mapping[int, str], suffix: str) -> str | None:
    """A jupytext text (.py percent, .md) with one more tag on these cells; None where the cells have no marks."""
    lines = text.splitlines(keepends=True)
    if suffix == ".py":
        places = [number for number, line in enumerate(lines) if _MARKER.match(line)]
        first = len(kinds) - len(places)  # code above the first mark is a cell without one
        wanted = {places[index - first]: tag for index, tag in tags.items() if 0 <= index - first < len(places)}
    elif suffix == ".md":
        places = _fences(lines)
        code = [index for index, kind in enumerate(kinds) if kind == "code"]
        wanted = {places[code.index(i)]: tag for i, tag in tags.items() if i in code and code.index(i) < len(places)}
    else:
        return None
    if len(wanted) != len(tags):
        return None
    for number, tag in wanted.items():
        lines[number] = _tagged_line(lines[number], tag)
    return "".join(lines)


def _fences(lines: Sequence[str]) -> list[int]:
    """The lines that open a Python block, those shown inside another block left out."""
    found: list[int] = []
    closing = ""
    for number, line in enumerate(lines):
        fence = re.match(r"`{3,}|~{3,}", line)
        if closing:
            closing = "" if fence and line.strip() == closing else closing
        elif fence:
            closing = fence.group()
            found += [number] if _FENCE.match(line) else []
    return found


def _tagged_line(line: str, tag: str) -> str:
    body = line.rstrip("\r\n")
    end, new = line[len(body) :] or "\n", json.dumps(tag, ensure_ascii=False)
    if "{code-cell}" in body:
        return f"{body}{end}:tags: [{tag}]{end}"
    if _TAGS.search(body):
        return _TAGS.sub(lambda m: f"{m[1]}{m[2]}{', ' if m[2].strip() else ''}{new}{m[3]}", body, count=1) + end
    return f"{body.rstrip()} tags=[{new}]{end}"
