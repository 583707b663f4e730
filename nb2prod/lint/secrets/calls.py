"""Secrets that a call takes by position, where no name in the text announces them."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from nb2prod.lint.secrets.find import variable_of
from nb2prod.lint.secrets.formats import secret_table
from nb2prod.lint.secrets.named import is_secret_value, kind_of_name

_ENVIRONMENT = frozenset({"os.getenv", "os.environ.get", "os.environ.setdefault", "os.putenv"})
_PAIRS = ("HTTPBasicAuth", "HTTPDigestAuth")


Given = tuple[ast.Constant, str, str]


def secrets_of_calls(calls: Iterable[tuple[ast.Call, str | None]]) -> Iterator[Given]:
    """(literal, what it is, environment variable) of each secret that a known call is given, or `auth=(user, …)`."""
    positions = secret_table().calls
    for node, name in calls:
        if name is not None and name in positions and len(node.args) > positions[name]:
            yield from _by_position(node, name, node.args[positions[name]])
        if node.keywords or getattr(node.func, "attr", getattr(node.func, "id", "")) in _PAIRS:
            yield from _by_pair(node)


def _by_position(node: ast.Call, name: str, given: ast.expr) -> Iterator[Given]:
    first = node.args[0]
    variable = first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else ""
    kind = kind_of_name(variable) if name in _ENVIRONMENT else "made"
    if kind is None or not isinstance(given, ast.Constant) or not isinstance(given.value, str):
        return
    if is_secret_value(kind, given.value):
        known = variable_of(variable if name in _ENVIRONMENT else f"{name.partition('.')[0]}_token")
        yield given, f"secret given to `{name}`", known


def _by_pair(node: ast.Call) -> Iterator[Given]:
    """`requests.get(url, auth=("user", "password"))`, `HTTPBasicAuth("user", "password")`."""
    pairs = [one.value.elts for one in node.keywords if one.arg == "auth" and isinstance(one.value, ast.Tuple)]
    called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if called in _PAIRS:
        pairs.append(node.args)
    for pair in pairs:
        match pair:
            case [_, ast.Constant(value=str(value)) as given] if is_secret_value("chosen", value):
                yield given, "password of `auth`", "PASSWORD"
