"""A password, key or token stands in the notebook's text.

## What it does

Looks through code, comments, magics and prose for tokens that tell by their form whose they are (AWS, GitHub, GitLab,
Slack, Google, Stripe, OpenAI, Azure, Hugging Face and some forty more), for private keys, JSON web tokens, passwords in
connection strings and URLs, and for values behind a name that announces a secret (`api_key = "…"`, `"password": "…"`).

## Why is this bad?

Who reads the notebook can use it; in git's history it stays after it was deleted here. Such tokens are found by
programs within minutes of being pushed.

## Example

```python
api_key = "q8Zr1LmX0vT5nWc3"
client = Client(api_key)
```

## Use instead

```python
import os

api_key = os.environ["API_KEY"]
client = Client(api_key)
```

Revoke the secret that stood there: it counts as known.

## Known limits

Placeholders (`your-api-key`, `changeme`, `xxx`, `<token>`), samples of public documentation and test keys are left
alone. A value behind a name must look random, or, behind a password's name, like a password; a random text behind a
name that says nothing is not reported, because hashes and ids look the same. A secret put together from pieces is not
found. The fix is unsafe: the variable must be set where the notebook runs.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import partial

from nb2prod.diagnostics import Fix, Replace, Span
from nb2prod.lint.context import CodeView, Context
from nb2prod.lint.edits import line_insertion
from nb2prod.lint.rule import Finding
from nb2prod.lint.secrets.calls import Given, secrets_of_calls
from nb2prod.lint.secrets.find import Secret, Suspicion, find_secrets, suspicion_of
from nb2prod.lint.secrets.mask import masked
from nb2prod.notebook.model import Cell

CODE = "NB401"
NAME = "secret-in-source"
SEVERITY = "error"
FIXABLE = True

# The rule, what kind of text it is, the text.
_Text = tuple[str, str, str]
_COMMAND = re.compile(r"^\s*[%!][^\n]*", re.MULTILINE)


def check(context: Context) -> Iterator[Finding]:
    """One finding per place."""
    views = {view.index: view for view in context.views}
    cells = context.notebook.cells
    calls: dict[int, list[Given]] = {}
    for view, found_there in context.each(CODE, partial(_given, context)):
        calls.setdefault(view.index, []).append(found_there)
    keys = [_key(cell, views.get(cell.index)) for cell in cells]
    in_text = context.finds.of(keys, lambda new: _search([keys[at] for at in new]))
    for cell, secrets in zip(cells, in_text, strict=True):
        view_or_none = views.get(cell.index)
        if not secrets and cell.index not in calls:
            continue
        found = {secret.start: secret for secret in secrets}
        if view_or_none is not None:
            found |= _of_calls(view_or_none, calls.get(cell.index, []), found)
        for start in sorted(found):
            yield _finding(context, cell, view_or_none, found[start])


def _key(cell: Cell, view: CodeView | None) -> _Text:
    is_code = view is not None and (view.parsed.magic is None or view.parsed.magic.python)
    return CODE, "Python" if is_code else "code" if cell.kind == "code" else "", cell.source


def _search(texts: list[_Text]) -> list[list[Secret]]:
    suspicion = suspicion_of(source for _, _, source in texts)
    return [[] if suspicion.is_idle else _secrets(kind, source, suspicion) for _, kind, source in texts]


def _secrets(kind: str, source: str, suspicion: Suspicion) -> list[Secret]:
    """By form and by name; without quotes only where no Python stands."""
    found = find_secrets(source, bare=kind == "code", among=suspicion)
    if kind == "Python":
        commands = [(one.start(), one.end()) for one in _COMMAND.finditer(source)]
        for start, end in commands:
            found += [_moved(secret, start) for secret in find_secrets(source[start:end], among=suspicion)]
    return found


def _moved(secret: Secret, by: int) -> Secret:
    return Secret(secret.kind, secret.start + by, secret.end + by, secret.value, secret.variable)


def _given(context: Context, view: CodeView) -> list[tuple[CodeView, Given]]:
    return [(view, one) for one in secrets_of_calls((node, name) for _, node, name in context.calls_in(view))]


def _of_calls(view: CodeView, given: list[Given], known: dict[int, Secret]) -> dict[int, Secret]:
    """Secrets that are given by position, where the text alone does not tell."""
    found = {}
    for node, kind, variable in given:
        start, end = (_offset(view.cell.source, place) for place in _ends(view.span(node)))
        if not any(start <= one <= end for one in known):
            found[start + 1] = Secret(kind, start + 1, end - 1, str(node.value), variable)
    return found


def _finding(context: Context, cell: Cell, view: CodeView | None, secret: Secret) -> Finding:
    span = Span(*_place(cell.source, secret.start), *_place(cell.source, secret.end))
    message = f"{secret.kind} in the text: {masked(secret.value)}"
    hint = "revoke it; read it from the environment or a secrets store when the notebook runs"
    fix = None if view is None else _fix(context, view, secret, span)
    return Finding(cell.index, span, message, hint, fix)


def _fix(context: Context, view: CodeView, secret: Secret, span: Span) -> Fix | None:
    """Replace a literal that is the secret and nothing else."""
    known = context.keep((CODE, view.index), lambda: _literals(view))
    literal = next((node for node in known.get((secret.value, span.line), ()) if _is_literal(view, node, span)), None)
    if literal is None:
        return None
    variable = _variable(view, literal) or secret.variable
    edits = [Replace(view.index, view.span(literal), f'os.environ["{variable}"]')]
    if not _knows_os(context, view):
        first = view.span(view.body[0])
        edits.insert(0, line_insertion(view.index, first.line, " " * first.column + "import os"))
    return Fix(f"read it from the environment variable {variable}", safe=False, edits=tuple(edits))


def _literals(view: CodeView) -> dict[tuple[str, int], list[ast.Constant]]:
    """Texts by what they say and the line that they begin on."""
    found: dict[tuple[str, int], list[ast.Constant]] = {}
    for node in view.nodes(ast.Constant):
        if isinstance(node.value, str):
            found.setdefault((node.value, view.span(node).line), []).append(node)
    return found


def _is_literal(view: CodeView, node: ast.Constant, span: Span) -> bool:
    if not _covers(view.span(node), span):
        return False
    parent = view.parent(node)
    return not isinstance(parent, ast.JoinedStr | ast.Expr | ast.MatchValue) and _is_whole(view, node)


def _is_whole(view: CodeView, node: ast.Constant) -> bool:
    """Whether the text there is one literal: a magic's line, or literals side by side, are not."""
    text = view.positions.text(view.span(node))
    try:
        return bool(ast.literal_eval(text) == node.value) and text.count(text[-1]) == 2
    except (ValueError, SyntaxError, MemoryError):
        return False


def _variable(view: CodeView, literal: ast.Constant) -> str | None:
    """The key in `os.environ["KEY"] = …` and `os.getenv("KEY", …)`: the variable that is meant."""
    parent = view.parent(literal)
    key: ast.AST | None = None
    if isinstance(parent, ast.Assign) and isinstance(parent.targets[0], ast.Subscript):
        key = parent.targets[0].slice
    elif isinstance(parent, ast.Call) and len(parent.args) == 2 and literal is parent.args[1]:
        key = parent.args[0]
    text = key.value if isinstance(key, ast.Constant) else None
    return text if isinstance(text, str) and re.fullmatch(r"[A-Z][A-Z0-9_]+", text) else None


def _knows_os(context: Context, view: CodeView) -> bool:
    earlier = [one for one in context.views if one.index <= view.index]
    names = [name for one in earlier for node in one.nodes(ast.Import) for name in node.names]
    return any(name.name == "os" and name.asname in (None, "os") for name in names)


def _covers(outer: Span, inner: Span) -> bool:
    begins = (outer.line, outer.column) <= (inner.line, inner.column)
    return begins and (inner.end_line, inner.end_column) <= (outer.end_line, outer.end_column)


def _place(text: str, offset: int) -> tuple[int, int]:
    """Line from 1 and column from 0 of a character."""
    return text.count("\n", 0, offset) + 1, offset - (text.rfind("\n", 0, offset) + 1)


def _ends(span: Span) -> tuple[tuple[int, int], tuple[int, int]]:
    return (span.line, span.column), (span.end_line, span.end_column)


def _offset(text: str, place: tuple[int, int]) -> int:
    line, column = place
    start = 0
    for _ in range(line - 1):
        start = text.find("\n", start) + 1
    return start + column
