"""A document that facts and people write together: facts stand between marks and are renewed, the rest is people's.

::

    <!-- nb2prod: metrics 3f9a1c07 -->
    …
    <!-- nb2prod: end -->

The mark holds a digest of what was written. Where somebody edited between the marks, it is theirs from then on.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_SECTION = re.compile(
    r"<!-- nb2prod: (?P<name>[a-z-]+) (?P<digest>[0-9a-f]{8}) -->\n(?P<text>.*?)<!-- nb2prod: end -->", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Renewed:
    """`kept`: the sections that people edited, and that were left as they are."""

    text: str
    kept: tuple[str, ...] = ()


def section(name: str, text: str) -> str:
    """Facts between their marks."""
    text = text.strip("\n") + "\n"
    return f"<!-- nb2prod: {name} {_digest(text)} -->\n{text}<!-- nb2prod: end -->"


def document(title: str, layout: Sequence[str], facts: Mapping[str, str]) -> str:
    """A first document. `layout`: names of facts, which become sections, and words that are people's from then on."""
    told = "What stands between the marks is renewed with each release; everything else is yours."
    return "\n\n".join([f"# {title}", told, *(section(one, facts[one]) if one in facts else one for one in layout), ""])


def renewed(document: str, facts: Mapping[str, str]) -> Renewed:
    """The document with its sections renewed. A section that it does not have is not added: somebody took it out."""
    kept = []

    def renew(found: re.Match[str]) -> str:
        name = found["name"]
        if name not in facts:
            return found[0]
        if _digest(found["text"]) != found["digest"]:
            kept.append(name)
            return found[0]
        return section(name, facts[name])

    text = _SECTION.sub(renew, document)
    return Renewed(text, tuple(kept))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]
