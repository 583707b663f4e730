"""The fix of a fit before the split: the same fit on the training rows, after it."""

from __future__ import annotations

import ast
import re

from nb2prod.diagnostics import Edit, Fix, Replace, Span
from nb2prod.lint.context import CodeView, Context
from nb2prod.lint.provenance.pairs import Leak
from nb2prod.lint.provenance.telling import statement_at, view_at


def split_first(context: Context, leak: Leak) -> Fix | None:
    """For `V = scaler.fit_transform(W)` and a later `train, test, … = train_test_split(V, …)`, both at the top level.

    None where it is written in another way, or something between the two uses V.
    """
    if leak.split is None:
        return None
    view, cut_view = view_at(context, leak.cause.place), view_at(context, leak.split.place)
    fit, cut = statement_at(context, leak.cause.place), statement_at(context, leak.split.place)
    if (
        fit not in view.body
        or cut not in cut_view.body
        or not isinstance(fit, ast.Assign)
        or not isinstance(cut, ast.Assign)
    ):
        return None
    parts = _fitted(fit)
    if parts is None or parts.call is not leak.cause.place.node:
        return None
    halves = _halves(cut, parts.name)
    if halves is None or _used_between(context, fit, cut, parts.name) or _used_inside(cut, parts.name) != 1:
        return None
    return Fix("fit on the training rows, after the split", False, _edits(view, cut_view, fit, cut, parts, halves))


class _Fitted:
    """`name = scaler.fit_transform(given)`; `scaler` is text, `made` what makes it where it has no name."""

    def __init__(self, name: str, given: ast.expr, others: str, receiver: ast.expr, call: ast.Call) -> None:
        self.name, self.given, self.others, self.call = name, given, others, call
        self.named = receiver.id if isinstance(receiver, ast.Name) else ""
        self.made = "" if self.named else ast.unparse(receiver)


def _fitted(statement: ast.Assign) -> _Fitted | None:
    match statement:
        case ast.Assign(
            targets=[ast.Name(id=name)],
            value=ast.Call(func=ast.Attribute(value=receiver, attr="fit_transform"), args=[given, *more], keywords=[]),
        ) if isinstance(receiver, ast.Name | ast.Call) and isinstance(given, ast.Name) and not more:
            call = statement.value
            assert isinstance(call, ast.Call)
            return _Fitted(name, given, "", receiver, call)
    return None


def _halves(cut: ast.Assign, name: str) -> tuple[str, str] | None:
    """The names of the two parts of what is called `name`."""
    match cut:
        case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Call(args=args)):
            at = next((at for at, one in enumerate(args) if isinstance(one, ast.Name) and one.id == name), None)
            if at is not None and len(targets) == 2 * len(args):
                train, test = targets[2 * at], targets[2 * at + 1]
                if isinstance(train, ast.Name) and isinstance(test, ast.Name):
                    return train.id, test.id
    return None


def _used_inside(statement: ast.AST, name: str) -> int:
    return sum(isinstance(one, ast.Name) and one.id == name for one in ast.walk(statement))


def _used_between(context: Context, fit: ast.stmt, cut: ast.stmt, name: str) -> bool:
    """Whether a statement after the fit, and before or after the split, mentions the transformed rows."""
    after = False
    for view in context.views:
        for statement in view.body:
            if after and statement is not cut and _used_inside(statement, name):
                return True
            after = after or statement is fit
    return False


def _edits(
    view: CodeView, cut_view: CodeView, fit: ast.stmt, cut: ast.Assign, parts: _Fitted, halves: tuple[str, str]
) -> tuple[Edit, ...]:
    scaler = parts.named or _snake(parts.made)
    lines = [f"{scaler} = {parts.made}"] if parts.made else []
    lines += [f"{halves[0]} = {scaler}.fit_transform({halves[0]})", f"{halves[1]} = {scaler}.transform({halves[1]})"]
    end = cut_view.span(cut)
    after = Span(end.end_line, end.end_column, end.end_line, end.end_column)
    edits: list[Edit] = [_removal(view, fit), Replace(cut_view.index, after, "".join(f"\n{line}" for line in lines))]
    assert isinstance(parts.given, ast.Name) and isinstance(cut.value, ast.Call)
    if parts.given.id != parts.name:
        argument = next(one for one in cut.value.args if isinstance(one, ast.Name) and one.id == parts.name)
        edits.append(Replace(cut_view.index, cut_view.span(argument), parts.given.id))
    return tuple(edits)


def _removal(view: CodeView, statement: ast.stmt) -> Replace:
    """The statement goes, with its line where it has one to itself; a cell is left with a `pass`-free emptiness."""
    span = view.span(statement)
    lines = view.cell.source.split("\n")
    alone = not lines[span.line - 1][: span.column].strip() and not lines[span.end_line - 1][span.end_column :].strip()
    if alone and span.end_line < len(lines):
        return Replace(view.index, Span(span.line, 0, span.end_line + 1, 0), "")
    if alone and span.line > 1:
        return Replace(view.index, Span(span.line - 1, len(lines[span.line - 2]), span.end_line, span.end_column), "")
    return Replace(view.index, span, "" if alone else "pass")


def _snake(made: str) -> str:
    """`StandardScaler(…)` → `standard_scaler`."""
    name = made.partition("(")[0].rpartition(".")[2]
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
