"""Where the members and items of a JSON text lie, for changing one of them and no other byte."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

_SPACE = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class Part:
    """A member of an object, or an item of an array: where its key and its value lie."""

    key: str
    begin: int
    start: int
    end: int


def is_spread(text: str, start: int, members: list[Part]) -> bool:
    """Whether the file has a member per line."""
    return bool(members) and "\n" in text[start : members[0].begin]


def indent_at(text: str, position: int) -> str:
    """The white space in front of what stands first in its line."""
    line = text[text.rfind("\n", 0, position) + 1 : position]
    return line[: len(line) - len(line.lstrip())]


def last_member(members: list[Part], key: str) -> Part:
    """The member that counts: of repeated keys, the last."""
    return next(one for one in reversed(members) if one.key == key)


def parts_of(text: str, start: int) -> list[Part]:
    """The members or items of the valid JSON container at `start`."""
    close = {"{": "}", "[": "]"}[text[start]]
    found: list[Part] = []
    position = space_end(text, start + 1)
    while text[position] != close:
        begin, key = position, ""
        if close == "}":
            key, position = _DECODER.raw_decode(text, position)
            position = space_end(text, space_end(text, position) + 1)
        end = _DECODER.raw_decode(text, position)[1]
        found.append(Part(key, begin, position, end))
        position = space_end(text, end)
        position = space_end(text, position + 1) if text[position] == "," else position
    return found


def space_end(text: str, position: int) -> int:
    """Where the white space that begins at `position` ends."""
    match = _SPACE.match(text, position)
    return match.end() if match else position
