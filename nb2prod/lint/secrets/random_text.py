"""Whether a text looks as if a machine had drawn it: the entropy check, and what it must not cry wolf on."""

from __future__ import annotations

import itertools
import math
import re
from collections import Counter

_TOKEN = re.compile(r"[A-Za-z0-9+/=_.~$!@#%^&*-]+\Z")
_HEX = re.compile(r"[0-9a-f]+\Z|[0-9A-F]+\Z")
_UUID = re.compile(r"\{?[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\}?\Z")
# How images, archives and other files begin when they are written in base 64.
_FILES = (
    "iVBORw0KGgo",
    "/9j/",
    "R0lGOD",
    "UklGR",
    "PHN2Zy",
    "PD94bWwg",
    "JVBERi0",
    "UEsDB",
    "H4sI",
    "AAAB",
    "d09G",
    "T2dnUw",
    "SUkq",
    "Qk0",
)
_WORD = re.compile(r"[A-Z]?[a-z]{3,}|[A-Z]{3,}")
_VOWELS = frozenset("aeiouyAEIOUY")


def entropy(text: str) -> float:
    """Shannon's entropy of the characters, in bits per character."""
    size = len(text)
    return -sum(count / size * math.log2(count / size) for count in Counter(text).values()) if size else 0.0


def is_random(text: str, shortest: int = 16) -> bool:
    """Whether it looks drawn: long, of a token's characters, varied, and not made of words."""
    if len(text) < shortest or not _TOKEN.match(text) or _is_sequence(text):
        return False
    if _HEX.match(text):
        return entropy(text) >= 2.9 and not text.isdigit()
    digits = sum(character.isdigit() for character in text)
    letters = sum(character.isalpha() for character in text)
    # Few random texts have no digit, and few sentences in camel case have many.
    if not letters or (not digits and len(text) < 40 and not _is_mixed(text)):
        return False
    return entropy(text) >= min(3.4, math.log2(len(text)) - 0.7) and not is_wordy(text)


def is_varied(text: str) -> bool:
    """Whether a token of a known form holds something drawn: no row of equal or neighbouring characters."""
    return entropy(text) >= 2.7 and not _is_sequence(text)


def is_identifier(text: str) -> bool:
    """Whether it is a hash or an id as tools print them: of a commit, a file's content, an object."""
    return bool(_UUID.match(text)) or bool(_HEX.match(text) and len(text) in (7, 8, 12, 24, 32, 40, 56, 64, 96, 128))


def is_encoded_file(text: str) -> bool:
    """Whether it begins as an image, an archive or a font does in base 64."""
    return text.startswith(_FILES) or text.startswith("data:")


def is_wordy(text: str) -> bool:
    """Whether most of its letters stand in runs that can be spoken: `distilbert-base-uncased-finetuned`."""
    letters = sum(character.isalpha() for character in text)
    spoken = sum(len(word) for word in _WORD.findall(text) if len(word) >= 4 and _is_spoken(word))
    return letters > 0 and spoken > 0.5 * letters


def _is_spoken(word: str) -> bool:
    share = sum(character in _VOWELS for character in word) / len(word)
    return 0.2 <= share <= 0.7 and not re.search(r"[^aeiouyAEIOUY]{5}", word)


def _is_mixed(text: str) -> bool:
    return any(one.islower() for one in text) and any(one.isupper() for one in text)


def _is_sequence(text: str) -> bool:
    """Whether characters mostly follow their neighbours: `abcdefghij`, `1234567890`, `AAAA…`."""
    steps = sum(abs(ord(one) - ord(other)) <= 1 for one, other in itertools.pairwise(text))
    return steps > 0.5 * len(text)
