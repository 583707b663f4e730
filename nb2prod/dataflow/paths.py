"""Fold an expression to a path, as far as constants, parameters, f-strings and `Path` go."""

from __future__ import annotations

import ast
import posixpath

from nb2prod.dataflow.environment import Environment
from nb2prod.dataflow.facts import Parts

_PATH_TYPES = frozenset({"pathlib.Path", "pathlib.PurePath", "pathlib.PosixPath", "builtins.str", "os.fspath"})


def fold(node: ast.expr, environment: Environment) -> Parts | None:
    """The path that `node` evaluates to, or None where it is not known without running."""
    match node:
        case ast.Constant(value=str(text)):
            return Parts(((text, False),))
        case ast.Name(id=name):
            return _fold_name(name, environment)
        case ast.JoinedStr(values=values):
            return _joined([_fold_piece(value, environment) for value in values], "")
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            return _joined([fold(left, environment), fold(right, environment)], "/")
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _joined([fold(left, environment), fold(right, environment)], "")
        case ast.Call(func=func, args=args):
            return _fold_call(func, args, environment)
    return None


def _fold_name(name: str, environment: Environment) -> Parts | None:
    if name in environment.parameters:
        return Parts(((name, True),))
    return environment.paths.get(name)


def _fold_piece(node: ast.expr, environment: Environment) -> Parts | None:
    if isinstance(node, ast.FormattedValue):
        plain = node.conversion == -1 and node.format_spec is None
        return fold(node.value, environment) if plain else None
    return fold(node, environment)


def _fold_call(func: ast.expr, args: list[ast.expr], environment: Environment) -> Parts | None:
    name = dotted(func, environment)
    folded = [fold(arg, environment) for arg in args]
    if name in _PATH_TYPES or name in ("os.path.join", "posixpath.join"):
        return _joined(folded, "/") if folded else None
    return None


def _joined(parts: list[Parts | None], separator: str) -> Parts | None:
    pieces: list[tuple[str, bool]] = []
    for part in parts:
        if part is None:
            return None
        if separator and part.pieces[0][0].startswith("/") and not part.pieces[0][1]:
            pieces = []  # what is absolute starts anew
        elif pieces and separator:
            pieces.append((separator, False))
        pieces.extend(part.pieces)
    return Parts(tuple(pieces))


def dotted(node: ast.expr, environment: Environment) -> str | None:
    """`pd.read_csv` → `pandas.read_csv`; None where the root is not a module or an import."""
    match node:
        case ast.Name(id=name):
            return environment.full_name(name)
        case ast.Attribute(value=value, attr=attr):
            root = dotted(value, environment)
            return f"{root}.{attr}" if root else None
        case ast.Call(func=func) if dotted(func, environment) == "logging.getLogger":
            return "logging.getLogger"  # loggers are the process's, as modules are
    return None


def normalised(path: str) -> str:
    """One spelling per file: forward slashes, no `./`."""
    return posixpath.normpath(path.replace("\\", "/"))
