"""A name that its library does not have any more.

## What it does

Compares the names that the notebook uses with a table of what NumPy, pandas, scikit-learn, SciPy, TensorFlow,
matplotlib and others, and Python itself, have removed. With `--run`, what fails is reported as confirmed.

## Why is this bad?

The cell worked with the version of its day. Installed today, it ends in an `AttributeError` or `ImportError`.

## Example

```python
mask = np.zeros(3, dtype=np.bool)
```

## Use instead

```python
mask = np.zeros(3, dtype=bool)
```

## Known limits

The table is not complete, and knows no methods of objects (`frame.append`). Where the project pins, or the interpreter
has, a version that still has the name, nothing is reported.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache, partial

from nb2prod.diagnostics import Fix, Replace
from nb2prod.lint.context import CodeView, Context
from nb2prod.lint.knowledge import table
from nb2prod.lint.rule import Finding

CODE = "NB305"
NAME = "removed-api"
SEVERITY = "warning"
FIXABLE = True

_NEVER = "9999"


@dataclass(frozen=True, slots=True)
class _Removed:
    """One entry of the table."""

    library: str
    name: str
    since: str
    until: str
    instead: str
    drop_in: bool


@dataclass(frozen=True, slots=True)
class _Use:
    """The first use of a name that is gone."""

    view: CodeView
    node: ast.AST
    entry: _Removed
    fix: Fix | None


def check(context: Context) -> Iterator[Finding]:
    """One finding per name that has a fix, at its first use; one per library for the others."""
    found: dict[str, _Use] = {}
    for view, node, full in _used(context):
        entry = _entry(full)
        new = entry is not None and entry.name not in found and not _is_guarded(view, node)
        if entry is not None and new and _is_gone(context, entry):
            found[entry.name] = _Use(view, node, entry, _fix(context, entry))
    stuck: dict[str, list[_Use]] = {}
    for use in found.values():
        if use.fix is None:
            stuck.setdefault(use.entry.library, []).append(use)
        else:
            yield _finding(context, [use])
    for uses in stuck.values():
        yield _finding(context, uses)


@lru_cache(maxsize=1)
def _table() -> dict[str, _Removed]:
    return {
        name: _Removed(
            library, name, one["since"], one.get("until", _NEVER), one["instead"], bool(one.get("drop_in", False))
        )
        for library, names in table("removed").items()
        for name, one in names.items()
    }


@lru_cache(maxsize=1)
def _libraries() -> frozenset[str]:
    return frozenset(name.partition(".")[0] for name in _table())


@lru_cache(maxsize=4096)
def _entry(full: str) -> _Removed | None:
    """The entry of a dotted name or of what it lies below."""
    if full.partition(".")[0] not in _libraries():
        return None
    parts = full.split(".")
    return next((one for end in range(len(parts), 0, -1) if (one := _table().get(".".join(parts[:end])))), None)


def _used(context: Context) -> Iterator[tuple[CodeView, ast.AST, str]]:
    """Names that may have an entry, in document order within each kind and cell."""
    return context.each(CODE, partial(_used_in, context))


def _used_in(context: Context, view: CodeView) -> Iterator[tuple[CodeView, ast.AST, str]]:
    """Dotted names of imports and attributes."""
    libraries = _libraries()
    for node in view.nodes(ast.Import):
        yield from ((view, node, alias.name) for alias in node.names if alias.name.partition(".")[0] in libraries)
    for one in view.nodes(ast.ImportFrom):
        if one.module and not one.level and one.module.partition(".")[0] in libraries:
            yield from ((view, one, f"{one.module}.{alias.name}") for alias in one.names)
    for attribute in view.nodes(ast.Attribute):
        full = context.resolve(attribute) if isinstance(attribute.value, ast.Name | ast.Attribute) else None
        if full is not None and _entry(full) is not None:
            yield view, attribute, full


def _is_gone(context: Context, entry: _Removed) -> bool:
    """Whether the version that is pinned, or else installed, or else the newest lacks the name."""
    declared = (context.surroundings.declared or {}).get(entry.library, "")
    pinned = re.match(r"==([\d.]+)", declared)
    version = pinned[1] if pinned else context.surroundings.installed(entry.library)
    if entry.library == "python":
        return True
    if version is None:
        return entry.until == _NEVER
    return _number(entry.since) <= _number(version) < _number(entry.until)


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:3])


def _is_guarded(view: CodeView, node: ast.AST) -> bool:
    """Inside a `try`, or behind a test of the version."""
    return any(isinstance(one, ast.Try | ast.If) for one in view.ancestors(node))


def _finding(context: Context, uses: list[_Use]) -> Finding:
    use = uses[0]
    entry = use.entry
    library = "Python" if entry.library == "python" else entry.library
    hint = f"use `{entry.instead}`" if entry.instead else f"pin {library}, or rewrite it for the version of today"
    more = f" (others of its names that are used here are gone too: {len(uses) - 1})" if len(uses) > 1 else ""
    message = f"`{entry.name}` was removed in {library} {entry.since}{more}"
    return context.at(use.view, use.node, message, hint=hint, fix=use.fix)


def _fix(context: Context, entry: _Removed) -> Fix | None:
    """Exchange the text of every use by attribute, where the replacement means the same."""
    if not entry.drop_in:
        return None
    edits = []
    for view in context.views:
        for node in view.nodes(ast.Attribute):
            if context.resolve(node) == entry.name:
                new = _replacement(context, node, entry)
                if new is None:
                    return None
                edits.append(Replace(view.index, view.span(node), new))
    return Fix(f"use `{entry.instead}`", True, tuple(edits)) if edits else None


def _replacement(context: Context, node: ast.Attribute, entry: _Removed) -> str | None:
    """`np.NaN` → `np.nan`; None where the replacement's module is not there under a name."""
    if "." not in entry.instead:
        return entry.instead
    module, _, name = entry.instead.rpartition(".")
    if context.resolve(node.value) == module:
        return f"{ast.unparse(node.value)}.{name}"
    alias = next((short for short, full in context.imports.items() if full == module), None)
    return f"{alias}.{name}" if alias else None
