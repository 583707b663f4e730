"""The same preparation is written twice, once for the training rows and once for the test rows.

## What it does

Finds at least three statements that are equal but for the name of the frame, one set for a name that says train and one
for a name that says test.

## Why is this bad?

A change in one copy is forgotten in the other; in production there will be a third. Where they differ, the model is
given other rows than those it was trained on, and nothing fails.

## Example

```python
train["age"] = train["age"].fillna(0)
train["fare"] = np.log1p(train["fare"])
train["sex"] = train["sex"].map({"male": 0, "female": 1})
test["age"] = test["age"].fillna(0)
test["fare"] = np.log1p(test["fare"])
test["sex"] = test["sex"].map({"male": 0, "female": 1})
```

## Use instead

```python
def prepare(frame):
    ...
    return frame


train, test = prepare(train), prepare(test)
```

## Known limits

Statements count as equal if their code is; a copy with other constants or in another style is not found. Calls of
`transform` are meant to stand for both and do not count.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from nb2prod.lint.context import CodeView, Context
from nb2prod.lint.provenance.library import role_of
from nb2prod.lint.provenance.rows import TEST, TRAIN
from nb2prod.lint.rule import Finding

CODE = "NB601"
NAME = "duplicated-preprocessing"
SEVERITY = "info"
FIXABLE = False

_FEWEST = 3
_HINT = "write one function and call it for both"
_Places = dict[str, list[tuple[str, CodeView, ast.stmt]]]


def check(context: Context) -> Iterator[Finding]:
    """One finding per pair of names."""
    copies: dict[tuple[str, str], list[tuple[CodeView, ast.stmt]]] = {}
    for same in _by_shape(context).values():
        trained = next((one for one in same if role_of(one[0]) == TRAIN), None)
        tested = next((one for one in same if role_of(one[0]) == TEST), None)
        if trained and tested:
            copies.setdefault((trained[0], tested[0]), []).append((tested[1], tested[2]))
    for (train, test), found in copies.items():
        if len(found) >= _FEWEST:
            view, statement = found[0]
            message = f"{len(found)} statements prepare {test} as others do {train}"
            yield context.at(view, statement, message, hint=_HINT)


def _by_shape(context: Context) -> _Places:
    """Statements that change a frame, by their code with the frame's name left out."""
    found: _Places = {}
    for shape, place in context.each(CODE, _shapes):
        found.setdefault(shape, []).append(place)
    return found


def _shapes(view: CodeView) -> Iterator[tuple[str, tuple[str, CodeView, ast.stmt]]]:
    for statement in view.body:
        name = _changed(statement)
        if name and role_of(name):
            yield ast.dump(statement).replace(f"id='{name}'", "id=''"), (name, view, statement)


def _changed(statement: ast.stmt) -> str:
    """The frame that a statement prepares: `frame[…] = …`, `frame = frame.…`, `frame.fillna(…, inplace=True)`."""
    match statement:
        case ast.Assign(targets=[target], value=value):
            name = _root(target)
            if not role_of(name):
                return ""
            mentions = any(isinstance(one, ast.Name) and one.id == name for one in ast.walk(value))
            return name if mentions and not _only_transforms(value) else ""
        case ast.AugAssign(target=target):
            return _root(target)
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=receiver), keywords=keywords)):
            return _root(receiver) if any(keyword.arg == "inplace" for keyword in keywords) else ""
    return ""


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Subscript | ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _only_transforms(value: ast.expr) -> bool:
    """`scaler.transform(frame)`, `prepare(frame)`: what is meant to be written once for each."""
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name):
        return True
    return isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr == "transform"
