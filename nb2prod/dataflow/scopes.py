"""What a scope binds: Python's own rules, read from the tree."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from nb2prod.notebook.trees import children, walk

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_SCOPES = (*FUNCTIONS, ast.ClassDef, ast.Lambda)
_BINDING = (
    ast.Name,
    *FUNCTIONS,
    ast.ClassDef,
    ast.ExceptHandler,
    ast.MatchAs,
    ast.MatchStar,
    ast.MatchMapping,
    ast.Import,
    ast.ImportFrom,
)
_BINDING_KINDS = frozenset(_BINDING)


def own_nodes(body: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """All nodes of a scope, without those of the scopes inside it. A comprehension lends its scope only walruses."""
    pending = [*body]
    pending.reverse()
    while pending:
        node = pending.pop()
        yield node
        if isinstance(node, COMPREHENSIONS):
            yield from (part.target for part in walk(node) if isinstance(part, ast.NamedExpr))
        elif not isinstance(node, _SCOPES):
            below = children(node)
            below.reverse()
            pending += below


def bound_names(body: Iterable[ast.AST]) -> set[str]:
    """Names that a scope binds anywhere, and so owns."""
    return {name for node in own_nodes(body) if isinstance(node, _BINDING) for name in _bound_by(node)}


def _bound_by(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Name):
        return [] if isinstance(node.ctx, ast.Load) else [node.id]
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return [name]
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            return [name]
        case ast.MatchMapping(rest=str(name)):
            return [name]
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            return [alias.asname or alias.name.partition(".")[0] for alias in names]
    return []


@dataclass(frozen=True, slots=True)
class ScopeNames:
    """What a scope does to names, found in one walk. `is_generator`: it yields."""

    bound: frozenset[str]
    free: frozenset[str]
    outer: frozenset[str]
    is_generator: bool


def scope_names(body: Iterable[ast.AST]) -> ScopeNames:
    """`bound_names`, both kinds of `declared`, and whether there is a `yield`."""
    bound: list[str] = []
    free: list[str] = []
    outer: list[str] = []
    yields = False
    for node in own_nodes(body):
        kind = type(node)
        if kind in _BINDING_KINDS:
            bound += _bound_by(node)
        elif isinstance(node, ast.Global):
            free += node.names
        elif isinstance(node, ast.Nonlocal):
            outer += node.names
        elif isinstance(node, ast.Yield | ast.YieldFrom):
            yields = True
    return ScopeNames(frozenset(bound), frozenset(free), frozenset(outer), yields)


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
