"""What a cell computes from: its code without comments, blank lines and the width of its indents.

Two texts with equal tokens compile to the same instructions. Line numbers differ: code that looks at its own text, or
at where it stands, is taken as it is written.
"""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterable, Iterator
from functools import lru_cache

from nb2prod.notebook.parse import Parsed, parse

_LOOKS_AT_ITSELF = re.compile(
    r"\b(inspect|getsource\w*|getcomments|linecache|traceback|dill|In|_ih|_i\d*|_ii|_iii"
    r"|\w*lineno|co_lines|co_positions|stack_info|exc_info)\b|\?\?"
    r"|%\s*(save|hist|history|notebook|macro|edit|rerun|recall|pastebin|logstart)\b"
)
_LEFT_OUT = {tokenize.COMMENT, tokenize.NL, tokenize.ENDMARKER, tokenize.ENCODING}
_MARKS = {tokenize.NEWLINE: "\n", tokenize.INDENT: "⇥", tokenize.DEDENT: "⇤"}


def looks_at_itself(sources: Iterable[str]) -> bool:
    """Whether any of the notebook's code may see comments or line numbers."""
    return any(_LOOKS_AT_ITSELF.search(source) for source in sources)


@lru_cache(maxsize=4096)
def code_of(source: str) -> tuple[str, ...]:
    """The tokens that count; the text itself where it is no Python."""
    parsed = parse(source)
    if parsed.error or (parsed.magic and not parsed.magic.python):
        return (source,)
    try:
        return (*_head(parsed), *_tokens(parsed.code))
    except (tokenize.TokenError, SyntaxError):
        return (source,)


def _head(parsed: Parsed) -> Iterator[str]:
    if parsed.magic:
        yield f"%%{parsed.magic.name} {parsed.magic.line}"


def _tokens(code: str) -> Iterator[str]:
    """An f-string counts as one token, as it was before Python 3.12: the digest outlives nb2prod's interpreter."""
    lines = io.StringIO(code).readlines()
    depth, start = 0, (1, 0)
    for token in tokenize.generate_tokens(io.StringIO(code).readline):
        name = tokenize.tok_name[token.type]
        if name.endswith("STRING_START"):
            start = token.start if depth == 0 else start
            depth += 1
        elif name.endswith("STRING_END"):
            depth -= 1
            if depth == 0:
                yield _between(lines, start, token.end)
        elif depth == 0 and token.type not in _LEFT_OUT:
            yield _MARKS.get(token.type, token.string)


def _between(lines: list[str], start: tuple[int, int], end: tuple[int, int]) -> str:
    (first, left), (last, right) = start, end
    if first == last:
        return lines[first - 1][left:right]
    return "".join([lines[first - 1][left:], *lines[first : last - 1], lines[last - 1][:right]])
