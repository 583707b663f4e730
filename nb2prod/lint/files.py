"""The files that a notebook's calls name, as far as constants, `Path` and f-strings go.

The facts of `dataflow` know more and cost more: this is for rules that only want plain paths.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from nb2prod.dataflow.calls import open_mode
from nb2prod.dataflow.knowledge import tables
from nb2prod.lint.context import CodeView, Context

_KEYWORDS = ("path", "path_or_buf", "filepath_or_buffer", "file", "fname", "io", "filename")
_DEEPEST = 8


@dataclass(frozen=True, slots=True)
class Access:
    """`mode` is "read" or "write"."""

    view: CodeView
    node: ast.Call
    path: str
    mode: str


def accesses(context: Context) -> list[Access]:
    """In document order."""
    return context.keep(accesses, lambda: list(_accesses(context)))


def _accesses(context: Context) -> Iterator[Access]:
    for view, node, name in context.calls:
        found = _argument(node, name)
        path = folded(context, found[0]) if found else None
        if found and path:
            yield Access(view, node, path, found[1])


def _argument(node: ast.Call, name: str | None) -> tuple[ast.expr, str] | None:
    """The expression of the path, and the mode."""
    known = tables()
    func = node.func
    if name is None and isinstance(func, ast.Name) and func.id == "open":
        return _given(node, 0, open_mode(node))
    if name is not None and name in known.readers:
        return _given(node, known.readers[name], "read")
    if name is not None and name in known.writers:
        return _given(node, known.writers[name], "write")
    if name is None and isinstance(func, ast.Attribute) and func.attr in known.writer_methods:
        return _given(node, known.writer_methods[func.attr], "write")
    return None


def _given(node: ast.Call, position: int, mode: str) -> tuple[ast.expr, str] | None:
    argument = node.args[position] if len(node.args) > position else None
    argument = next((one.value for one in node.keywords if one.arg in _KEYWORDS), argument)
    return (argument, mode) if argument is not None else None


def folded(context: Context, node: ast.expr, depth: int = 0) -> str | None:
    """The text of a path; None where it is not known without running."""
    if depth > _DEEPEST:
        return None
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.Name(id=name):
            value = _only_value(context, name)
            return folded(context, value, depth + 1) if value is not None else None
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _joined(context, [left, right], "", depth)
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            return _joined(context, [left, right], "/", depth)
        case ast.JoinedStr(values=values):
            return _joined(context, [_plain(value) for value in values], "", depth)
        case ast.Call(func=func, args=[_, *_] as args) if not node.keywords:
            return _joined(context, args, "/", depth) if _joins(context, func) else None
    return None


def _plain(node: ast.expr) -> ast.expr:
    if isinstance(node, ast.FormattedValue) and node.conversion == -1 and node.format_spec is None:
        return node.value
    return node


def _joins(context: Context, func: ast.expr) -> bool:
    name = context.resolve(func) or getattr(func, "id", "")
    return name in ("os.path.join", "pathlib.Path", "posixpath.join", "str")


def _joined(context: Context, parts: list[ast.expr], separator: str, depth: int) -> str | None:
    texts = [folded(context, part, depth + 1) for part in parts]
    if any(text is None for text in texts):
        return None
    found = ""
    for text in filter(None, texts):
        absolute = separator and text.startswith("/")
        found = text if absolute or not found else f"{_ended(found, separator)}{separator}{text}"
    return found


def _ended(text: str, separator: str) -> str:
    return text.rstrip(separator) if separator else text


def _only_value(context: Context, name: str) -> ast.expr | None:
    """What the name is bound to, where it is bound once and at the top level."""
    bound = [one for one in context.occurrences.get(name, ()) if isinstance(one.node.ctx, ast.Store)]
    if len(bound) != 1 or not isinstance(bound[0].statement, ast.Assign) or len(bound[0].statement.targets) != 1:
        return None
    return bound[0].statement.value if bound[0].statement.targets[0] is bound[0].node else None
