"""What kind of statement it is, and whether another stage may simply run it again."""

from __future__ import annotations

import ast
import re

from nb2prod.dataflow.constants import is_constant, is_inert, makes_type
from nb2prod.dataflow.environment import Environment
from nb2prod.dataflow.knowledge import tables
from nb2prod.dataflow.paths import dotted
from nb2prod.dataflow.scopes import annotation_nodes, defaults
from nb2prod.notebook.trees import children

_HISTORY = re.compile(r"(_+|_i+|_i?\d+|_[iod]h|In|Out)\Z")
_NOTHING_ELSE = ("other", False)


def kind_of(node: ast.stmt, environment: Environment) -> tuple[str, bool]:
    """(kind, replayable). A docstring or a bare constant is a constant; a `try` around imports is an import."""
    match node:
        case ast.Import():
            return "import", True
        case ast.ImportFrom(names=[ast.alias(name="*")]) | ast.ImportFrom(module="__future__"):
            return "setting", True
        case ast.ImportFrom():
            return "import", True
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            return "definition", _is_plain_function(node, environment)
        case ast.ClassDef():
            return "definition", _is_plain_class(node, environment)
        case ast.Expr(value=ast.Constant()) | ast.Pass():
            return "constant", True
        case ast.Expr(value=ast.Call() as call):
            return ("setting", True) if _is_setting(call, environment) else _NOTHING_ELSE
        case ast.Assign(targets=targets, value=value):
            return _assignment(targets, value, environment)
        case ast.AnnAssign():
            return _annotated(node, environment)
        case ast.AugAssign(target=target, value=value):
            return _assignment([target], value, environment) if not isinstance(target, ast.Name) else _NOTHING_ELSE
        case ast.Delete(targets=targets) if all(_setting_target(target, environment) for target in targets):
            return "setting", True
        case ast.Try() | ast.If():
            return _compound(node, environment)
    return _NOTHING_ELSE


def _annotated(node: ast.AnnAssign, environment: Environment) -> tuple[str, bool]:
    if not is_inert(node.annotation, environment):
        return _NOTHING_ELSE
    return _assignment([node.target], node.value, environment) if node.value else ("constant", True)


def _assignment(targets: list[ast.expr], value: ast.expr, environment: Environment) -> tuple[str, bool]:
    if all(isinstance(target, ast.Name) for target in targets):
        return ("constant", True) if _is_replayable_value(value, environment) else _NOTHING_ELSE
    if all(_setting_target(target, environment) for target in targets) and is_inert(value, environment):
        return "setting", True
    return _NOTHING_ELSE


def _is_replayable_value(value: ast.expr, environment: Environment) -> bool:
    """A constant, another name for the same object, a lambda, or a type that a call makes."""
    if isinstance(value, ast.Name):
        return value.id in environment.bound or not _HISTORY.match(value.id)
    if isinstance(value, ast.Tuple):
        return all(_is_replayable_value(element, environment) for element in value.elts)
    if isinstance(value, ast.Lambda) or makes_type(value, environment) or _finds(value, environment):
        return is_inert(value, environment)
    return is_constant(value, environment)


def _finds(value: ast.expr, environment: Environment) -> bool:
    """A call that gives what the process holds under a name: a module, a logger."""
    return isinstance(value, ast.Call) and dotted(value.func, environment) in tables().finders


def gives_again(node: ast.stmt, environment: Environment) -> bool:
    """Whether it binds names to objects that are new each time and yet equal: displays, lambdas, a factory's."""
    if not isinstance(node, ast.Assign) or not all(isinstance(target, ast.Name) for target in node.targets):
        return False
    return _gives_again(node.value, environment)


def _gives_again(node: ast.expr, environment: Environment) -> bool:
    match node:
        case ast.Call(func=func, args=args, keywords=keywords):
            given = [*args, *(keyword.value for keyword in keywords)]
            return _makes_again(func, environment) and all(_gives_again(one, environment) for one in given)
        case ast.ListComp() | ast.SetComp() | ast.DictComp():
            parts = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
            parts += [part for one in node.generators for part in (one.iter, *one.ifs)]
            return all(_gives_again(part, environment) for part in parts)
        case ast.Lambda() | ast.Await() | ast.NamedExpr() | ast.GeneratorExp():
            return is_inert(node, environment)
    return all(_gives_again(child, environment) for child in children(node) if isinstance(child, ast.expr))


def _makes_again(func: ast.expr, environment: Environment) -> bool:
    """A library's constructor, or a function of the notebook's own that changes nothing."""
    if isinstance(func, ast.Name) and func.id in environment.definitions:
        return _is_closed(func.id, environment, set())
    if isinstance(func, ast.Attribute) and func.attr in ("resolve", "absolute", "joinpath", "expanduser"):
        return _gives_again(func.value, environment)
    name = dotted(func, environment)
    # Looking a key up in a `defaultdict` adds it.
    return name in tables().immutable_constructors | tables().constructors and name != "collections.defaultdict"


def _compound(node: ast.Try | ast.If, environment: Environment) -> tuple[str, bool]:
    if isinstance(node, ast.If) and not is_inert(node.test, environment):
        return _NOTHING_ELSE
    inner = [*node.body, *node.orelse]
    if isinstance(node, ast.Try):
        inner += [child for handler in node.handlers for child in handler.body] + node.finalbody
    kinds = {kind_of(child, environment) for child in inner}
    if any(not replayable for _, replayable in kinds):
        return _NOTHING_ELSE
    names = {kind for kind, _ in kinds}
    # A setting holds for all that follows, whatever else is in the block.
    return next((kind for kind in ("setting", "import", "constant") if kind in names), "definition"), True


def _is_plain_function(node: ast.FunctionDef | ast.AsyncFunctionDef, environment: Environment) -> bool:
    parts = [*defaults(node.args), *annotation_nodes(node)]
    return _plainly_decorated(node, environment) and all(is_inert(part, environment) for part in parts)


def _is_plain_class(node: ast.ClassDef, environment: Environment) -> bool:
    """Its body only defines, and nothing else happens when a class like this is made."""
    bases = [*node.bases, *(keyword.value for keyword in node.keywords)]
    hooked = any(isinstance(base, ast.Name) and base.id in environment.hooked for base in node.bases)
    own = any(isinstance(one.value, ast.Name) and one.value.id in environment.callables for one in node.keywords)
    inert = all(is_inert(base, environment) for base in bases)
    return (
        inert
        and not (hooked or own)
        and _plainly_decorated(node, environment)
        and all(_is_plain_part(child, environment) for child in node.body)
    )


def _is_plain_part(child: ast.stmt, environment: Environment) -> bool:
    match child:
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            return _is_plain_function(child, environment)
        case ast.ClassDef():
            return _is_plain_class(child, environment)
        case ast.Pass() | ast.Expr(value=ast.Constant()):
            return True
        case ast.Assign(targets=targets, value=value):
            return all(isinstance(one, ast.Name) for one in targets) and is_inert(value, environment)
        case ast.AnnAssign(annotation=annotation, value=value):
            return is_inert(annotation, environment) and (value is None or is_inert(value, environment))
    return False


def _plainly_decorated(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, environment: Environment) -> bool:
    return all(_is_plain_decorator(decorator, environment) for decorator in node.decorator_list)


def _is_plain_decorator(node: ast.expr, environment: Environment) -> bool:
    """A library's that is known to register nothing, or one of the notebook's own that changes nothing."""
    func = node.func if isinstance(node, ast.Call) else node
    given = [*node.args, *(keyword.value for keyword in node.keywords)] if isinstance(node, ast.Call) else []
    if not all(is_inert(argument, environment) for argument in given):
        return False
    if isinstance(func, ast.Name) and func.id in environment.callables:
        return func.id in environment.definitions and _is_closed(func.id, environment, set())
    name = dotted(func, environment)
    property_part = isinstance(func, ast.Attribute) and func.attr in ("setter", "getter", "deleter")
    return name in tables().decorators or property_part


def _is_closed(name: str, environment: Environment, seen: set[str]) -> bool:
    seen.add(name)
    known = environment.callables[name]
    below = known.reads & environment.callables.keys() - seen
    return known.is_closed and all(_is_closed(one, environment, seen) for one in below)


def _is_setting(call: ast.Call, environment: Environment) -> bool:
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    name = dotted(call.func, environment)
    func = call.func
    patches = name == "builtins.setattr" and len(given) == 3 and dotted(given[0], environment) is not None
    if name is not None and name not in tables().settings and tables().setting_of(name):
        return all(is_constant(argument, environment) for argument in given)
    if name is not None and (patches or name in tables().settings or _changes_setting(func, name)):
        return all(is_inert(argument, environment) for argument in given)
    if isinstance(func, ast.Attribute) and isinstance(func.value, ast.Call):
        if dotted(func.value.func, environment) != "builtins.get_ipython" or func.attr != "run_line_magic":
            return False
        first = call.args[0] if call.args else None
        return isinstance(first, ast.Constant) and first.value in tables().setting_magics
    return False


def _changes_setting(func: ast.expr, name: str) -> bool:
    """`os.environ.pop(…)`."""
    receiver, _, method = name.rpartition(".")
    known = tables()
    return isinstance(func, ast.Attribute) and bool(known.setting_target(receiver)) and method in known.mutating_methods


def _setting_target(target: ast.expr, environment: Environment) -> bool:
    """`os.environ["X"]`, `plt.rcParams["x"]`, `decimal.getcontext().prec`, or any attribute of a library."""
    if isinstance(target, ast.Subscript) and not is_inert(target.slice, environment):
        return False
    place = target.value if isinstance(target, ast.Subscript) else target
    if isinstance(place, ast.Attribute) and isinstance(place.value, ast.Call) and not place.value.args:
        place = place.value.func
    name = dotted(place, environment)
    return name is not None and (isinstance(target, ast.Attribute) or tables().setting_target(name) is not None)
