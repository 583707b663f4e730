"""Text of a notebook, without what would steer a terminal or turn a line around."""

from __future__ import annotations

import re

# Escape sequences (CSI; operating system commands with their text), controls of C0 and C1, and what turns the
# direction of text around.
_ESCAPES = re.compile(
    r"\x1b\[[0-9;?]*[ -/]*[@-~]|(?:\x1b\]|\x9d)[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c)?"
    r"|[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)


def plain(text: str) -> str:
    """The text without escape sequences and control characters: notebooks are not trusted with the terminal."""
    return _ESCAPES.sub("", text)
