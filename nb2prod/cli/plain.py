"""Text for the terminal: nothing that comes from a notebook may steer it."""

from __future__ import annotations

import sys

from nb2prod.plain_text import plain

__all__ = ["complain", "never_fail_to_print", "plain", "say"]


def say(text: str) -> None:
    """Print a line of the answer."""
    print(plain(text))


def complain(text: str) -> None:
    """Print a line on standard error."""
    print(plain(text), file=sys.stderr)


def never_fail_to_print() -> None:
    """A stream that has no `→` shows `?` instead of ending the program."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
