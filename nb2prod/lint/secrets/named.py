"""Whether a name announces a secret, and whether a value behind such a name is one."""

from __future__ import annotations

import re
from functools import lru_cache

from nb2prod.lint.secrets.formats import secret_table
from nb2prod.lint.secrets.placeholders import is_placeholder
from nb2prod.lint.secrets.random_text import is_encoded_file, is_random, is_wordy

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_LONGEST = 3
# A password that is chosen: no blanks, no markup, two kinds of characters or a fair length.
_CHOSEN = re.compile(r"[^\s<>{}()\[\],;\"'`]{6,100}\Z")
_KINDS = (re.compile(r"[a-z]"), re.compile(r"[A-Z]"), re.compile(r"\d"), re.compile(r"[^A-Za-z0-9]"))
_IDENTIFIER = re.compile(r"[A-Za-z]+(?:[_-][A-Za-z]+)*\Z")
# Values that are no secret whatever the name: times, addresses, paths, dotted names, sentences.
_OTHER = re.compile(
    r"(?:https?|file|s3|gs)://[^@]*\Z|[./~][\w./-]*/[\w./-]*\Z|\d{4}-\d\d-\d\d|[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+\Z|[\w.+-]+@[\w-]+\.[\w.]+\Z"
)


@lru_cache(maxsize=4096)
def kind_of_name(name: str) -> str | None:
    """`chosen` for a password's name, `made` for a token's, None for every other."""
    words = _words(name)
    table = secret_table()
    if not words or table.about.intersection(words):
        return None
    ends = [words[-size:] for size in range(1, min(_LONGEST, len(words)) + 1)]
    if any(end in table.chosen for end in ends):
        return "chosen"
    return "made" if any(end in table.made for end in ends) else None


def _words(name: str) -> tuple[str, ...]:
    words = tuple(word.lower() for word in _WORDS.findall(name[-80:]))
    # A number at the end only counts: `API_KEY_2`.
    return words[:-1] if len(words) > 1 and words[-1].isdigit() else words


def is_secret_value(kind: str, value: str) -> bool:
    """Whether `value`, found behind a name of that kind, is a secret and does not merely stand for one."""
    if is_placeholder(value) or _OTHER.match(value) or is_encoded_file(value):
        return False
    if kind == "made":
        return is_random(value) or _is_strong(value)
    if _IDENTIFIER.match(value):
        return False
    return bool(_CHOSEN.match(value)) and _kinds(value) >= 2


def _is_strong(value: str) -> bool:
    """A short secret that somebody typed: letters, digits and signs in one word."""
    return 10 <= len(value) < 64 and bool(_CHOSEN.match(value)) and _kinds(value) >= 3 and not is_wordy(value)


def _kinds(value: str) -> int:
    return sum(bool(kind.search(value)) for kind in _KINDS)
