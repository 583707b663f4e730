"""A cell's text → Python's syntax tree, as IPython would read it.

`%magic`, `!cmd`, `x = !cmd` and `?` become calls of `get_ipython()` by IPython's own transformer, which is
imported only for the cells that need it. A cell magic whose body is Python (`%%time`, `%%capture`, …) is
looked through; any other body is not Python and yields no statements.
"""

from __future__ import annotations

import ast
import re
import sys
import warnings
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from types import ModuleType
from typing import Any

from nb2prod.notebook.trees import children

# Cell magics that run their body as Python in the user's namespace. `timeit` and `prun` run it in a scope
# of its own or repeatedly; reading it as plain code is the over-approximation that we want.
PYTHON_BODY = frozenset({"time", "timeit", "capture", "prun", "memit", "mprun", "lprun", "snakeviz", "scalene", "skip"})
# Line magics that people write without their `%`.
_AUTOMAGIC = frozenset(
    {"cat", "cd", "conda", "cp", "env", "load_ext", "ls", "matplotlib", "mkdir", "mv", "pip", "rm", "run"}
)
_DEEPEST = 200
# Cells beyond these are no work of people: IPython's transformer reads a cell anew for each of its magics, and each
# statement costs. They are told as errors, so that nobody takes them for empty.
_MOST_STATEMENTS = 10_000
_DEEPEST_LAMBDA = 8
_MOST_WORK = 4_000_000
_LONGEST_BROKEN = 100_000
_PLACED = (ast.expr, ast.stmt)
_SPECIAL = re.compile(r"^\s*[%!?/;,]|\?\s*$|=\s*[%!]", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class CellMagic:
    """`%%name line` on top of a cell. `python` says whether the body is Python code."""

    name: str
    line: str
    python: bool


@dataclass(frozen=True, slots=True)
class Statement:
    """One top-level statement. `original`, `transformed`: the cell's lines before and after IPython's rewriting."""

    node: ast.stmt
    original: list[str]
    transformed: list[str]

    @property
    def text(self) -> str:
        """Its text as the user wrote it."""
        return _text(self.node, self.original, self.transformed)


@dataclass(frozen=True, slots=True)
class Parsed:
    """A cell's statements. `error` is set (message, line from 1) where the text is not Python.

    `code`: the body as IPython would run it, whose lines and columns the statements' nodes have.
    """

    statements: tuple[Statement, ...]
    magic: CellMagic | None = None
    body: str = ""
    error: tuple[str, int] | None = None
    code: str = ""


@lru_cache(maxsize=4096)
def parse(source: str) -> Parsed:
    """Parse a cell. Never raises for bad source: the record's `error` says what and where."""
    magic, body = _cell_magic(source)
    if magic is not None and not magic.python:
        return Parsed((), magic, body)
    offset = source.count("\n") - body.count("\n")
    if len(body) ** 2 > _MOST_WORK and len(body) * len(_SPECIAL.findall(body)) > _MOST_WORK:
        return Parsed((), magic, body, ("too long for so many magics", 1 + offset))
    body = _explicit(body)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            code, tree = _compiled(body)
    except SyntaxError as error:
        return Parsed((), magic, body, (error.msg or "invalid syntax", (error.lineno or 1) + offset))
    except (ValueError, RecursionError, MemoryError) as error:
        return Parsed((), magic, body, (str(error) or "too deeply nested", 1))
    if len(tree.body) > _MOST_STATEMENTS:
        return Parsed((), magic, body, (f"more than {_MOST_STATEMENTS} statements in one cell", 1 + offset))
    original, transformed = lines_of(body), lines_of(code)
    deep = _too_deep(tree, transformed)
    if deep is not None:
        return Parsed((), magic, body, (f"nested more than {_DEEPEST} levels deep", deep + offset))
    if body.count("lambda") > _DEEPEST_LAMBDA and _lambda_depth(tree) > _DEEPEST_LAMBDA:
        return Parsed((), magic, body, (f"lambdas nested more than {_DEEPEST_LAMBDA} levels deep", 1 + offset))
    statements = tuple(Statement(node, original, transformed) for node in tree.body)
    return Parsed(statements, magic, body, None, code)


def _lambda_depth(tree: ast.Module) -> int:
    """How many lambdas stand one in the other: what they touch is read once more at each level."""
    deepest, pending = 0, [(node, 0) for node in ast.iter_child_nodes(tree)]
    while pending:
        node, depth = pending.pop()
        depth += isinstance(node, ast.Lambda)
        deepest = max(deepest, depth)
        pending += [(child, depth) for child in ast.iter_child_nodes(node)]
    return deepest


def _too_deep(tree: ast.Module, lines: list[str]) -> int | None:
    """The line of what nests deeper than the analysis, which recurses, can follow."""
    level: list[ast.AST] = list(tree.body)
    for _ in range(_DEEPEST):
        level = [child for node in level if not _is_short(node, lines) for child in children(node)]
        if not level:
            return None
    return next((node.lineno for node in level if isinstance(node, ast.expr | ast.stmt)), 1)


def _is_short(node: ast.AST, lines: list[str]) -> bool:
    """A level takes a character at least: what stands in little text is not deep."""
    if not isinstance(node, _PLACED):
        return False
    if node.end_lineno == node.lineno:
        return (node.end_col_offset or 0) - node.col_offset < _DEEPEST // 2
    return sum(map(len, lines[node.lineno - 1 : node.end_lineno])) < _DEEPEST // 2


def _cell_magic(source: str) -> tuple[CellMagic | None, str]:
    text = source.lstrip("\n ")
    if not text.startswith("%%"):
        return None, source
    first, _, body = text.partition("\n")
    name, _, line = first[2:].strip().partition(" ")
    return CellMagic(name, line.strip(), name in PYTHON_BODY), body


def _compiled(body: str) -> tuple[str, ast.Module]:
    """The code as IPython would run it, and its tree. What only IPython accepts (prompts, an indented cell) is its."""
    plain = body + "\n"
    if not _SPECIAL.search(body):
        try:
            return plain, _tree(plain)
        except SyntaxError:
            if len(body) > _LONGEST_BROKEN or _transform(body) == plain:
                raise
    code = _transform(body)
    return code, _tree(code)


def _explicit(body: str) -> str:
    """`cd data` in a cell of its own is `%cd data` to IPython, where it is no Python."""
    line = body.strip()
    if "\n" in line or line.partition(" ")[0] not in _AUTOMAGIC or not line.partition(" ")[2]:
        return body
    try:
        _tree(line)
    except SyntaxError:
        return body.replace(line, f"%{line}")
    return body


def _tree(code: str) -> ast.Module:
    tree = compile(code, "<cell>", "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    assert isinstance(tree, ast.Module)
    return tree


def _transform(body: str) -> str:
    code: str = _transformer().transform_cell(body)
    return code


@lru_cache(maxsize=1)
def _transformer() -> Any:
    """IPython's own, loaded without the rest of IPython, which takes as long as a whole check."""
    if "IPython" in sys.modules:
        from IPython.core.inputtransformer2 import TransformerManager

        return TransformerManager()
    spec = find_spec("IPython")
    package = ModuleType("IPython")
    package.__path__ = list(spec.submodule_search_locations or ()) if spec else []
    sys.modules["IPython"] = package
    try:
        from IPython.core.inputtransformer2 import TransformerManager

        return TransformerManager()
    finally:
        # Who imports IPython later gets all of it.
        for name in [name for name in sys.modules if name.partition(".")[0] == "IPython"]:
            del sys.modules[name]


def lines_of(text: str) -> list[str]:
    """Lines as Python's tokenizer counts them: a form feed or U+2028 ends none."""
    return re.split(r"\r\n|\r|\n", text) if "\r" in text else text.split("\n")


def _text(node: ast.stmt, original: list[str], transformed: list[str]) -> str:
    """The statement's own text; the user's line where IPython rewrote a one-line magic."""
    decorators = getattr(node, "decorator_list", [])
    start: int = min([node.lineno, *(decorator.lineno for decorator in decorators)])
    end = node.end_lineno or node.lineno
    # The transformed code has one newline more at its end.
    same_count = len(original) == len(transformed) - (transformed[-1] == "" and original[-1] != "")
    rewritten = "get_ipython()" in transformed[start - 1]
    if rewritten and same_count and start == end and original[start - 1] != transformed[start - 1]:
        return original[start - 1].strip()
    if decorators:
        return "\n".join(transformed[start - 1 : end])
    return _segment(node, transformed[start - 1 : end])


def _segment(node: ast.stmt, lines: list[str]) -> str:
    """What `ast.get_source_segment` gives, without splitting the whole cell again; columns count UTF-8 bytes."""
    last: str = lines[-1].encode()[: node.end_col_offset].decode()
    if len(lines) == 1:
        return last.encode()[node.col_offset :].decode()
    return "\n".join([lines[0].encode()[node.col_offset :].decode(), *lines[1:-1], last])
