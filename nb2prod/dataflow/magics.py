"""What the text of a magic or a shell command mentions."""

from __future__ import annotations

import ast
import re
from itertools import pairwise

from nb2prod.dataflow.facts import FileAccess, Names, Parts
from nb2prod.notebook.parse import CellMagic, parse

# Line magics that run the rest of the line as Python; `timeit` in a scope of its own.
RUNNERS = frozenset({"time", "timeit", "prun", "memit", "mprun", "lprun", "snakeviz"})
PRIVATE_SCOPE = frozenset({"timeit"})
# Cell magics that only show their body.
SHOWS = frozenset({"html", "HTML", "markdown", "latex", "javascript", "js", "svg", "SVG", "mermaid"})
WRITES = frozenset({"writefile", "file"})
_BRACED = re.compile(r"\{([^{}]*)\}")
_DOLLAR = re.compile(r"\$(?:\{)?([A-Za-z_]\w*)|(?<![:\w]):([A-Za-z_]\w*)")
_IDENTIFIER = re.compile(r"(?<![\w.])[A-Za-z_]\w*")
_PROFILED = re.compile(r"-f\s+([A-Za-z_]\w*)")


def interpolated(text: str) -> Names:
    """Names that `{x + y}`, `$x` or `:x` in a command may read."""
    braced = {name for inside in _BRACED.findall(text) for name in _IDENTIFIER.findall(inside)}
    return frozenset(braced | {name for pair in _DOLLAR.findall(text) for name in pair if name})


def runner_body(line: str) -> tuple[tuple[ast.stmt, ...], Names]:
    """The statements that `%time` and its like run, past their options; or, where it is not clear, every name."""
    profiled = frozenset(_PROFILED.findall(line))
    rest = line.strip()
    while rest:
        parsed = parse(rest)
        if parsed.error is None and not rest.startswith("-"):
            return tuple(statement.node for statement in parsed.statements), profiled
        rest = rest.partition(" ")[2].strip()  # an option, or its value
    return (), frozenset(_IDENTIFIER.findall(line))


def shown(line: str) -> Names:
    """The names in `x?` and `x.y??`."""
    return frozenset(_IDENTIFIER.findall(line))


def captured(magic: CellMagic) -> str | None:
    """The name that `%%capture NAME` binds, or `%%bash --out NAME`."""
    words = magic.line.split()
    if magic.name == "capture":
        return words[-1] if words and words[-1].isidentifier() else None
    return next((after for word, after in pairwise(words) if word == "--out"), None)


def written_file(magic: CellMagic) -> FileAccess | None:
    """The file that `%%writefile NAME` writes, where its name is plain."""
    words = [word for word in magic.line.split() if not word.startswith("-")]
    if magic.name not in WRITES or len(words) != 1 or interpolated(magic.line):
        return None
    return FileAccess(Parts(((words[0].strip("'\""), False),)), "write")
