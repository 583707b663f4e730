"""Whether a column's name says that it holds personal data."""

from __future__ import annotations

import re
from functools import lru_cache

from nb2prod.lint.personal.table import personal_table

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


@lru_cache(maxsize=4096)
def is_personal_column(name: str) -> bool:
    """`SSN`, `date_of_birth`, `emailAddress`, `Phone number`; the whole name counts, not a part of it."""
    words = tuple(word.lower() for word in _WORDS.findall(name[:60]))
    while words and words[-1].isdigit():
        words = words[:-1]
    return bool(words) and words in personal_table().columns
