"""A package without a version: the next installation brings another one.

## What it does

Finds packages that a cell installs (`%pip install pandas`) and packages that the notebook imports and the project
declares without an exact version or a lock file.

## Why is this bad?

The same notebook gives other numbers, or stops, when a library makes its next release.

## Example

```
%pip install pandas scikit-learn
```

## Use instead

```
%pip install pandas==2.2.3 scikit-learn==1.5.2
```

Better, outside the notebook: a lock file, or `requirements.txt` with `==`. The fix writes the versions that the running
interpreter has.

## Known limits

Packages from a repository or a file, and `-r requirements.txt`, are left alone. What the project declares without a pin
is one finding, on the first of its imports.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from nb2prod.diagnostics import Fix, Replace, Span
from nb2prod.lint.context import CodeView, Context
from nb2prod.lint.packages import normalised, third_party
from nb2prod.lint.rule import Finding

CODE = "NB304"
NAME = "unpinned-dependency"
SEVERITY = "info"
FIXABLE = True

_INSTALL = re.compile(
    r"^\s*[!%]{1,2}\s*(?:sudo\s+)?(?:\S*python\S*\s+-m\s+|uv\s+|\S*/)?pip3?\s+install\s+(?P<what>[^#;&|]*)"
)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(\[[\w,-]+\])?\Z")
_TAKES_A_VALUE = {"-r", "-c", "-e", "-i", "-f", "-t", "--index-url", "--extra-index-url", "--find-links", "--target"}


def check(context: Context) -> Iterator[Finding]:
    """One finding per installing line, one for the declarations."""
    for view, node, _ in context.calls_of(methods=[("system", "run_line_magic")]):
        if isinstance(node.func, ast.Attribute):
            yield from _installed_here(context, view, view.span(node))
    yield from _declared(context)


def _installed_here(context: Context, view: CodeView, span: Span) -> Iterator[Finding]:
    line = view.positions.lines[span.line - 1]
    match = _INSTALL.match(line)
    loose = list(_unpinned(match["what"], match.start("what"))) if match else []
    if not loose:
        return
    names = ", ".join(name for name, _ in loose)
    fix = _pin(context, view, span.line, loose)
    versions = "versions" if len(loose) > 1 else "a version"
    yield Finding(view.index, span, f"{names} installed without {versions}", "write `name==version`", fix)


def _unpinned(text: str, start: int) -> Iterator[tuple[str, int]]:
    """Names without a version, and where they end in the line."""
    skip = False
    for word in re.finditer(r"\S+", text):
        name = word[0].strip("\"'")
        if not skip and not name.startswith("-") and _NAME.match(name) and name != ".":
            yield name, start + word.end() - (word[0] != name and len(word[0]) - len(word[0].rstrip("\"'")))
        skip = word[0] in _TAKES_A_VALUE


def _pin(context: Context, view: CodeView, line: int, loose: list[tuple[str, int]]) -> Fix | None:
    versions = {name: context.surroundings.installed(normalised(name.partition("[")[0])) for name, _ in loose}
    edits = [
        Replace(view.index, Span(line, end, line, end), f"=={versions[name]}") for name, end in loose if versions[name]
    ]
    return Fix("pin to what the interpreter has", True, tuple(edits)) if len(edits) == len(loose) else None


def _declared(context: Context) -> Iterator[Finding]:
    declared = context.surroundings.declared or {}
    loose = [
        one for one in third_party(context) if one.distribution in declared and not _is_pin(declared[one.distribution])
    ]
    if loose:
        names = [one.distribution for one in loose]
        shown = ", ".join(names[:6]) + (", …" if len(names) > 6 else "")
        message = f"declared without an exact version, and there is no lock file: {shown}"
        yield context.at(loose[0].view, loose[0].node, message, hint="pin with `==`, or keep a lock file")


def _is_pin(specifier: str) -> bool:
    return specifier.startswith("==") and "*" not in specifier
