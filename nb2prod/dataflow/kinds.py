"""What kind of statement it is, and whether another stage may simply run it again."""

from __future__ import annotations

import ast

from nb2prod.dataflow.environment import Environment
from nb2prod.dataflow.knowledge import tables
from nb2prod.dataflow.paths import dotted

_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def kind_of(node: ast.stmt, environment: Environment) -> tuple[str, bool]:
    """(kind, replayable). A docstring or a bare constant is a constant; a `try` around imports is an import."""
    match node:
        case ast.Import():
            return "import", True
        case ast.ImportFrom(names=[ast.alias(name="*")]):
            return "setting", True
        case ast.ImportFrom():
            return "import", True
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return "definition", True
        case ast.Expr(value=ast.Constant()) | ast.Pass():
            return "constant", True
        case ast.Expr(value=ast.Call() as call):
            return ("setting", True) if _is_setting(call, environment) else ("other", False)
        case ast.Assign(targets=targets, value=value):
            return _assignment(targets, value, environment)
        case ast.AnnAssign(target=target, value=value) if value is not None:
            return _assignment([target], value, environment)
        case ast.Try() | ast.If():
            return _compound(node, environment)
    return "other", False


def _assignment(targets: list[ast.expr], value: ast.expr, environment: Environment) -> tuple[str, bool]:
    if all(isinstance(target, ast.Name) for target in targets):
        return ("constant", True) if _is_immutable(value, environment) else ("other", False)
    if all(_setting_target(target, environment) for target in targets) and not _calls(value):
        return "setting", True
    return "other", False


def _compound(node: ast.Try | ast.If, environment: Environment) -> tuple[str, bool]:
    if isinstance(node, ast.If) and _calls(node.test):
        return "other", False
    inner = [*node.body, *node.orelse]
    if isinstance(node, ast.Try):
        inner += [child for handler in node.handlers for child in handler.body] + node.finalbody
    kinds = {kind_of(child, environment) for child in inner}
    if any(not replayable for _, replayable in kinds):
        return "other", False
    names = {kind for kind, _ in kinds}
    return ("import" if "import" in names else min(names, default="constant")), True


def _is_setting(call: ast.Call, environment: Environment) -> bool:
    name = dotted(call.func, environment)
    if name in tables().settings:
        return not any(_calls(argument) for argument in call.args)
    inner = call.func
    if isinstance(inner, ast.Attribute) and isinstance(inner.value, ast.Call):
        if dotted(inner.value.func, environment) != "builtins.get_ipython" or inner.attr != "run_line_magic":
            return False
        first = call.args[0] if call.args else None
        return isinstance(first, ast.Constant) and first.value in tables().setting_magics
    return False


def _setting_target(target: ast.expr, environment: Environment) -> bool:
    inner = target.value if isinstance(target, ast.Subscript) else target
    name = dotted(inner, environment)
    return name is not None and tables().setting_target(name) is not None


def _is_immutable(value: ast.expr, environment: Environment) -> bool:
    """A constant that nobody can change in place: a literal scalar, a tuple of such, a path, arithmetic on them."""
    match value:
        case ast.Constant():
            return True
        case ast.Name():
            return True
        case ast.Tuple(elts=elements):
            return all(_is_immutable(element, environment) for element in elements)
        case ast.UnaryOp(operand=operand):
            return _is_immutable(operand, environment)
        case ast.BinOp(left=left, right=right):
            return _is_immutable(left, environment) and _is_immutable(right, environment)
        case ast.JoinedStr(values=values):
            return all(_is_immutable(v.value if isinstance(v, ast.FormattedValue) else v, environment) for v in values)
        case ast.Call(func=func, args=args, keywords=[]):
            pure = dotted(func, environment) in ("pathlib.Path", "builtins.frozenset", "os.path.join")
            return pure and all(_is_immutable(argument, environment) for argument in args)
    return False


def _calls(node: ast.expr) -> bool:
    return any(isinstance(part, ast.Call | ast.Await | ast.Yield) for part in ast.walk(node))
