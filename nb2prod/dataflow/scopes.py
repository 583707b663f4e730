"""What a scope binds: Python's own rules, read from the tree."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def own_nodes(body: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """All nodes of a scope, without those of the scopes inside it. A comprehension lends its scope only walruses."""
    for node in body:
        yield node
        if isinstance(node, COMPREHENSIONS):
            yield from (part.target for part in ast.walk(node) if isinstance(part, ast.NamedExpr))
        elif not isinstance(node, (*FUNCTIONS, ast.ClassDef, ast.Lambda)):
            yield from own_nodes(ast.iter_child_nodes(node))


def bound_names(body: Iterable[ast.AST]) -> set[str]:
    """Names that a scope binds anywhere, and so owns."""
    return {name for node in own_nodes(body) for name in _bound_by(node)}


def _bound_by(node: ast.AST) -> list[str]:
    match node:
        case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
            return [name]
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return [name]
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            return [name]
        case ast.MatchMapping(rest=str(name)):
            return [name]
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            return [alias.asname or alias.name.partition(".")[0] for alias in names]
    return []


def declared(body: Iterable[ast.AST], kind: type[ast.Global] | type[ast.Nonlocal]) -> set[str]:
    """Names that the scope declares `global` or `nonlocal`."""
    return {name for node in own_nodes(body) if isinstance(node, kind) for name in node.names}


def all_arguments(args: ast.arguments) -> list[ast.arg]:
    """Every parameter, `*args` and `**kwargs` last."""
    extra = [arg for arg in (args.vararg, args.kwarg) if arg is not None]
    return [*args.posonlyargs, *args.args, *args.kwonlyargs, *extra]


def defaults(args: ast.arguments) -> list[ast.expr]:
    """The default values, which are evaluated where the function is defined."""
    return [*args.defaults, *(default for default in args.kw_defaults if default is not None)]


def annotation_nodes(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.expr]:
    """The annotations, which are evaluated there too."""
    found = [arg.annotation for arg in all_arguments(node.args) if arg.annotation is not None]
    return [*found, node.returns] if node.returns is not None else found


def is_lazy(node: ast.AST, body: Iterable[ast.AST]) -> bool:
    """Whether a call only starts the function: its body runs later, when the result is consumed."""
    lazy = (ast.Yield, ast.YieldFrom)
    return isinstance(node, ast.AsyncFunctionDef) or any(isinstance(part, lazy) for part in own_nodes(body))
