"""Walk a statement in evaluation order and collect its facts."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from nb2prod.dataflow.environment import BUILTINS, Environment
from nb2prod.dataflow.facts import Callable, CellFacts, Facts, FileAccess, Names, StatementFacts, compose
from nb2prod.dataflow.kinds import kind_of
from nb2prod.dataflow.knowledge import tables
from nb2prod.dataflow.paths import dotted, fold
from nb2prod.notebook.model import Cell
from nb2prod.notebook.parse import Parsed, parse

_DYNAMIC = {"eval", "exec", "globals", "locals", "vars"}
_AT_NAME = re.compile(r"@([A-Za-z_]\w*)")
_SHELL_NAME = re.compile(r"[{$]([A-Za-z_]\w*)")
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def collect_cell(cell: Cell, environment: Environment) -> CellFacts:
    """The facts of one code cell. `environment` remembers what earlier cells bound, and is extended."""
    parsed = parse(cell.source)
    statements = tuple(_statement(node.node, node.text, environment) for node in parsed.statements)
    whole = compose(statement.facts for statement in statements)
    if parsed.magic is not None:
        whole = whole.then(_magic_facts(parsed))
    defined = whole.defines & environment.callables.keys()
    return CellFacts(
        cell.index,
        statements,
        whole,
        parsed.error,
        parsed.magic.name if parsed.magic else None,
        tuple((name, environment.callables[name]) for name in sorted(defined)),
    )


def _statement(node: ast.stmt, text: str, environment: Environment) -> StatementFacts:
    walker = Walker(environment)
    walker.visit(node)
    facts = walker.facts()
    kind, replayable = kind_of(node, environment)
    return StatementFacts(text, kind, facts, replayable, node.lineno)


def _magic_facts(parsed: Parsed) -> Facts:
    """What a cell magic does around its body."""
    magic = parsed.magic
    assert magic is not None
    if magic.name == "capture" and magic.line and magic.line.split()[-1].isidentifier():
        return Facts(defines=frozenset({magic.line.split()[-1]}))
    if magic.name in ("time", "timeit"):
        return Facts()
    named = frozenset(_SHELL_NAME.findall(parsed.body)) if not magic.python else frozenset()
    return Facts(uses=named, dynamic=() if magic.python else (f"%%{magic.name}",))


class Walker(ast.NodeVisitor):
    """Collects the facts of one statement, or of one function's body (`local` holds the names of its own)."""

    def __init__(self, environment: Environment, local: Names = frozenset(), arguments: tuple[str, ...] = ()) -> None:
        self.env = environment
        self.local = set(local)
        self.arguments = arguments
        self.uses: set[str] = set()
        self.bound: set[str] = set()
        self.may_bound: set[str] = set()
        self.deleted: set[str] = set()
        self.mutated: set[str] = set()
        self.may_mutated: set[str] = set()
        self.argument_mutations: dict[tuple[str, bool], None] = {}
        self.ambient: set[str] = set()
        self.files: dict[FileAccess, None] = {}
        self.dynamic: dict[str, None] = {}
        self.local_aliases: dict[str, set[str]] = {}
        self.conditional = 0

    def facts(self) -> Facts:
        """What was collected so far."""
        return Facts(
            uses=frozenset(self.uses),
            defines=frozenset(self.bound),
            may_define=frozenset(self.may_bound - self.bound),
            deletes=frozenset(self.deleted),
            mutates=frozenset(self.mutated),
            may_mutate=frozenset(self.may_mutated - self.mutated),
            ambient=frozenset(self.ambient),
            files=tuple(self.files),
            dynamic=tuple(self.dynamic),
        )

    # ── names ────────────────────────────────────────────────────────────────

    def _read(self, name: str) -> None:
        if name in self.local:
            return
        if name not in self.bound:
            self.uses.add(name)
        if name in self.env.callables:
            self._touch(self.env.callables[name], {name})

    def _touch(self, callable_: Callable, seen: set[str]) -> None:
        """A mention of a function or class counts as everything that it may do when called, transitively."""
        self.may_bound |= callable_.writes
        self.mutated |= callable_.mutates
        self.may_mutated |= callable_.may_mutate
        self.ambient |= callable_.ambient
        self.files.update(dict.fromkeys(callable_.files))
        self.dynamic.update(dict.fromkeys(callable_.dynamic))
        for name in callable_.reads | callable_.writes | callable_.mutates:
            if name not in self.bound and name not in self.local:
                self.uses.add(name)
            if name in self.env.callables and name not in seen:
                seen.add(name)
                self._touch(self.env.callables[name], seen)

    def _bind(self, name: str) -> None:
        if name in self.local:
            return
        self.deleted.discard(name)
        self.may_bound.add(name)
        self.bound.add(name)

    def _mutate(self, name: str, certain: bool) -> None:
        """`name`'s object changes in place; so may everything that shares state with it."""
        for other in self._sharing(name):
            self._mutate_one(other, certain and other == name)

    def _mutate_one(self, name: str, certain: bool) -> None:
        if name in self.local:
            if name in self.arguments:
                self.argument_mutations[(name, certain)] = None
            return
        if self.env.full_name(name) is not None:
            return
        (self.mutated if certain else self.may_mutated).add(name)

    def _sharing(self, name: str) -> set[str]:
        found, frontier = {name}, [name]
        while frontier:
            current = frontier.pop()
            for other in self.local_aliases.get(current, set()) | self.env.aliases.get(current, set()):
                if other not in found:
                    found.add(other)
                    frontier.append(other)
        return found

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load):
            self._read(node.id)
        elif isinstance(node.ctx, ast.Store):
            self._bind(node.id)
        else:
            self._delete(node.id)

    def _delete(self, name: str) -> None:
        if name in self.local:
            return
        self._read(name)
        self.bound.discard(name)
        self.deleted.add(name)
        self.may_bound.discard(name)
        self.env.forget(name)

    # ── binding ──────────────────────────────────────────────────────────────

    def visit_Assign(self, node: ast.Assign) -> None:
        self.visit(node.value)
        for target in node.targets:
            self._assign(target, node.value)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        self.visit(node.annotation)
        if node.value is not None:
            self.visit(node.value)
            self._assign(node.target, node.value)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self.visit(node.value)
        if isinstance(node.target, ast.Name):
            self._read(node.target.id)
            self._mutate(node.target.id, certain=False)
            self._bind(node.target.id)
            self.env.paths.pop(node.target.id, None)
        else:
            self._assign_below(node.target)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self.visit(node.value)
        self._assign(node.target, node.value)

    def _assign(self, target: ast.expr, value: ast.expr) -> None:
        match target:
            case ast.Name(id=name):
                self._remember(name, value)
                self._bind(name)
            case ast.Tuple(elts=elements) | ast.List(elts=elements):
                values = value.elts if isinstance(value, ast.Tuple) and len(value.elts) == len(elements) else None
                for position, element in enumerate(elements):
                    self._assign(element, values[position] if values else value)
            case ast.Starred(value=inner):
                self._assign(inner, value)
            case _:
                self._assign_below(target)

    def _assign_below(self, target: ast.expr) -> None:
        """`x[i] = …`, `x.a = …`: the object at the root changes, unless it is a library's setting."""
        self._visit_slices(target)
        name = dotted(target.value if isinstance(target, ast.Subscript) else target, self.env)
        setting = tables().setting_target(name) if name else None
        root = root_of(target)
        if setting:
            self.ambient.add(setting)
        elif name and isinstance(target, ast.Attribute):
            self.dynamic[f"{name} is replaced"] = None
        if root is not None:
            self._read(root)
            self._mutate(root, certain=True)
        else:
            self.generic_visit(target)

    def _visit_slices(self, node: ast.expr) -> None:
        while isinstance(node, ast.Subscript | ast.Attribute):
            if isinstance(node, ast.Subscript):
                self.visit(node.slice)
            node = node.value

    def _remember(self, name: str, value: ast.expr) -> None:
        """What the assigned value says about later mentions of the name."""
        if name in self.local:
            self.local_aliases.setdefault(name, set()).update(alias_names(value) - {name})
            return
        carried = self._carried(value)
        path = fold(value, self.env)
        module = dotted(value, self.env) if isinstance(value, ast.Name | ast.Attribute) else None
        aliases = alias_names(value) - {name}
        if not self.conditional:
            self.env.forget(name)
        elif name in self.env.callables and carried is not None:
            carried = carried.union(self.env.callables[name])
        if module is not None and not module.startswith("builtins."):
            self.env.modules[name] = module
        if carried is not None:
            self.env.callables[name] = carried
        if path is not None and not self.conditional:
            self.env.paths[name] = path
        # Known even when empty: a name that the user bound is not a builtin any more.
        self.env.aliases.setdefault(name, set()).update(aliases)
        for other in aliases:
            self.env.aliases.setdefault(other, set()).add(name)

    def _carried(self, value: ast.expr) -> Callable | None:
        """The functions and classes that a value may hold on to: itself, an instance, a container, a partial."""
        found: Callable | None = None
        for node in ast.walk(value):
            callable_: Callable | None = None
            if isinstance(node, ast.Lambda):
                callable_ = self._function(node.args, [ast.Return(value=node.body)])
            elif isinstance(node, ast.Name) and node.id in self.env.callables and node.id not in self.local:
                known = self.env.callables[node.id]
                callee = isinstance(value, ast.Call) and value.func is node
                callable_ = known if not callee or known.returns_callable else None
            if callable_ is not None:
                found = callable_ if found is None else found.union(callable_)
        return found

    # ── control flow ─────────────────────────────────────────────────────────

    @contextmanager
    def _branch(self) -> Iterator[None]:
        self.conditional += 1
        try:
            yield
        finally:
            self.conditional -= 1

    def _paths(self, *bodies: Iterable[ast.AST]) -> None:
        """One of these runs: certain is only what all of them bind."""
        start, deleted = set(self.bound), set(self.deleted)
        ends: list[set[str]] = []
        with self._branch():
            for body in bodies:
                self.bound = set(start)
                for node in body:
                    self.visit(node)
                ends.append(self.bound)
        self.bound = set.intersection(*ends)
        self.may_bound |= self.deleted - deleted

    def visit_If(self, node: ast.If) -> None:
        self.visit(node.test)
        if ast.unparse(node.test) in ("__name__ == '__main__'", "True"):
            for child in node.body:
                self.visit(child)
        else:
            self._paths(node.body, node.orelse)

    def visit_IfExp(self, node: ast.IfExp) -> None:
        self.visit(node.test)
        self._paths([node.body], [node.orelse])

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        self.visit(node.values[0])
        self._paths(node.values[1:], [])

    def visit_While(self, node: ast.While) -> None:
        self.visit(node.test)
        self._paths([*node.body, node.test], [])
        self._paths(node.orelse, [])

    def visit_For(self, node: ast.For | ast.AsyncFor) -> None:
        self.visit(node.iter)
        start = set(self.bound)
        with self._branch():
            self._assign(node.target, node.iter)
            for child in node.body:
                self.visit(child)
        self.bound = start
        self._paths(node.orelse, [])

    visit_AsyncFor = visit_For  # noqa: N815 - the name is ast's

    def visit_Try(self, node: ast.Try | ast.TryStar) -> None:
        start = set(self.bound)
        with self._branch():
            for child in [*node.body, *node.orelse]:
                self.visit(child)
            ends = [self.bound]
            for handler in node.handlers:
                self.bound = set(start)
                self.visit(handler)
                ends.append(self.bound)
        self.bound = set.intersection(*ends)
        for child in node.finalbody:
            self.visit(child)

    visit_TryStar = visit_Try  # noqa: N815

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        if node.type is not None:
            self.visit(node.type)
        if node.name:
            self._bind(node.name)
        for child in node.body:
            self.visit(child)
        if node.name and node.name not in self.local:
            self.bound.discard(node.name)

    def visit_Match(self, node: ast.Match) -> None:
        self.visit(node.subject)
        wildcard = any(
            isinstance(c.pattern, ast.MatchAs) and c.pattern.name is None and not c.guard for c in node.cases
        )
        self._paths(*([case] for case in node.cases), *([] if wildcard else [[]]))

    def visit_MatchAs(self, node: ast.MatchAs) -> None:
        if node.pattern is not None:
            self.visit(node.pattern)
        if node.name:
            self._bind(node.name)

    def visit_MatchStar(self, node: ast.MatchStar) -> None:
        if node.name:
            self._bind(node.name)

    def visit_MatchMapping(self, node: ast.MatchMapping) -> None:
        self.generic_visit(node)
        if node.rest:
            self._bind(node.rest)

    def visit_With(self, node: ast.With | ast.AsyncWith) -> None:
        for item in node.items:
            self.visit(item.context_expr)
            if item.optional_vars is not None:
                self._assign(item.optional_vars, item.context_expr)
        for child in node.body:
            self.visit(child)

    visit_AsyncWith = visit_With  # noqa: N815

    def visit_Delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            if isinstance(target, ast.Name):
                self._delete(target.id)
            else:
                self._assign_below(target)

    # ── imports and definitions ──────────────────────────────────────────────

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            name = alias.asname or alias.name.partition(".")[0]
            self._import(name, alias.name if alias.asname else name)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        for alias in node.names:
            if alias.name == "*":
                # Which names it binds is not known here: the statement itself is replayed in every later stage.
                self.ambient.add("$star")
            else:
                self._import(alias.asname or alias.name, f"{node.module}.{alias.name}")

    def _import(self, name: str, full_name: str) -> None:
        if name not in self.local:
            self.env.forget(name)
            self.env.modules[name] = full_name
        self._bind(name)

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        for part in [*node.decorator_list, *_defaults(node.args), *_annotations(node)]:
            self.visit(part)
        callable_ = self._function(node.args, node.body)
        self._define(node.name, callable_)

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815

    def visit_Lambda(self, node: ast.Lambda) -> None:
        for part in _defaults(node.args):
            self.visit(part)
        self._touch(self._function(node.args, [ast.Return(value=node.body)]), set())

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        for part in [*node.decorator_list, *node.bases, *(keyword.value for keyword in node.keywords)]:
            self.visit(part)
        body = Walker(self.env, frozenset(_bound_names(node.body)), ())
        whole = Callable(returns_callable=True)
        for child in node.body:
            if isinstance(child, _FUNCTIONS):
                for part in [*child.decorator_list, *_defaults(child.args), *_annotations(child)]:
                    body.visit(part)
                whole = whole.union(self._function(child.args, child.body))
            else:
                body.visit(child)
        for base in node.bases:
            if isinstance(base, ast.Name) and base.id in self.env.callables:
                whole = whole.union(self.env.callables[base.id])
        for name in body.uses:
            self._read(name)
        self.mutated |= body.mutated
        self.may_mutated |= body.may_mutated
        self._define(node.name, replace(whole, returns_callable=True))

    def _define(self, name: str, callable_: Callable) -> None:
        if name not in self.local:
            if self.conditional and name in self.env.callables:
                callable_ = callable_.union(self.env.callables[name])
            self.env.forget(name)
            self.env.callables[name] = callable_
        elif callable_.reads or callable_.mutates or callable_.ambient:
            # A nested function: what it touches outside, the enclosing one touches.
            self._touch(callable_, set())
        self._bind(name)

    def _function(self, args: ast.arguments, body: list[ast.stmt]) -> Callable:
        names = tuple(arg.arg for arg in _all_arguments(args))
        free = _declared(body, ast.Global)
        local = (set(names) | _bound_names(body)) - free - _declared(body, ast.Nonlocal)
        inner = Walker(self.env, frozenset(local) | frozenset(self.local - free), names)
        for child in body:
            inner.visit(child)
        return Callable(
            reads=frozenset(inner.uses - {"__class__"}),
            writes=frozenset((inner.may_bound | inner.deleted) & free),
            mutates=frozenset(inner.mutated),
            may_mutate=frozenset(inner.may_mutated),
            ambient=frozenset(inner.ambient),
            argument_mutations=tuple(inner.argument_mutations),
            arguments=names,
            files=tuple(inner.files),
            dynamic=tuple(inner.dynamic),
            returns_callable=_returns_callable(body, self.env),
        )

    # ── expressions ──────────────────────────────────────────────────────────

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> None:
        outer = set(self.local)
        for generator in node.generators:
            self.visit(generator.iter)
            targets = {name.id for name in ast.walk(generator.target) if isinstance(name, ast.Name)}
            self.local |= targets
            for target in targets:
                self.local_aliases[target] = alias_names(generator.iter) - {target}
            for test in generator.ifs:
                self.visit(test)
        for part in [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]:
            self.visit(part)
        self.local = outer

    visit_ListComp = _comprehension  # noqa: N815
    visit_SetComp = _comprehension  # noqa: N815
    visit_GeneratorExp = _comprehension  # noqa: N815
    visit_DictComp = _comprehension  # noqa: N815

    def visit_Call(self, node: ast.Call) -> None:
        self.visit(node.func)
        for argument in [*node.args, *(keyword.value for keyword in node.keywords)]:
            self.visit(argument)
        name = dotted(node.func, self.env)
        if name is not None and not self._is_local_root(node.func):
            self._library_call(name, node)
        elif isinstance(node.func, ast.Attribute):
            self._method_call(node.func, node)
        elif isinstance(node.func, ast.Name) and node.func.id in self.env.callables:
            self._own_call(self.env.callables[node.func.id], node)
        else:
            self._mutate_arguments(node)

    def _is_local_root(self, node: ast.expr) -> bool:
        root = root_of(node)
        return root is not None and root in self.local

    def _library_call(self, name: str, node: ast.Call) -> None:
        known = tables()
        rng = known.rng_of(name)
        if rng:
            self._random_call(rng, name, node)
        if name in known.settings:
            self.ambient.add(known.settings[name])
        if name.removeprefix("builtins.") in _DYNAMIC and not (name == "builtins.vars" and node.args):
            self.dynamic[name.removeprefix("builtins.")] = None
        self._library_files(name, node)
        for position in known.mutates.get(name, ()):
            self._mutate_expression(node.args[position : position + 1], certain=True)
        if not _is_pure(name) and name not in known.mutates:
            self._mutate_arguments(node)

    def _random_call(self, rng: str, name: str, node: ast.Call) -> None:
        """Seeding starts the sequence anew, whatever it was; any other call goes on with it."""
        if name.endswith("seed") and node.args:
            self._bind(rng)
        else:
            self._read(rng)
            self.mutated.add(rng)

    def _library_files(self, name: str, node: ast.Call) -> None:
        known = tables()
        if name in ("builtins.open", "io.open"):
            self._file(node, 0, _open_mode(node))
        elif name in known.readers:
            self._file(node, known.readers[name], "read")
        elif name in known.writers:
            self._file(node, known.writers[name], "write")

    def _method_call(self, func: ast.Attribute, node: ast.Call) -> None:
        known, method = tables(), func.attr
        if method in known.writer_methods:
            self._file(node, known.writer_methods[method], "write")
        if method in known.path_readers | known.path_writers or method == "open":
            self._path_method(func, node, method)
        if method in ("query", "eval"):
            self._read_at_names(node)
        if isinstance(func.value, ast.Call) and dotted(func.value.func, self.env) == "builtins.get_ipython":
            self._ipython_call(method, node)
            return
        root = root_of(func.value, through_calls=True)
        inplace = any(keyword.arg == "inplace" and not _is_false(keyword.value) for keyword in node.keywords)
        if root is not None and (inplace or method in known.mutating_methods):
            self._mutate(root, certain=root_of(func.value) is not None)
        elif root is not None and method not in known.pure_methods:
            self._mutate(root, certain=False)
        if method not in known.pure_methods | known.mutating_methods:
            self._mutate_arguments(node)

    def _own_call(self, callable_: Callable, node: ast.Call) -> None:
        given = dict(zip(callable_.arguments, node.args, strict=False))
        given.update({keyword.arg: keyword.value for keyword in node.keywords if keyword.arg})
        for argument, certain in callable_.argument_mutations:
            if argument in given:
                self._mutate_expression([given[argument]], certain)
            else:
                self._mutate_arguments(node)

    def _mutate_arguments(self, node: ast.Call) -> None:
        self._mutate_expression([*node.args, *(keyword.value for keyword in node.keywords)], certain=False)

    def _mutate_expression(self, expressions: Iterable[ast.expr], certain: bool) -> None:
        for expression in expressions:
            root = root_of(expression)
            if root is not None:
                self._mutate(root, certain)
            else:
                for name in alias_names(expression):
                    self._mutate(name, certain=False)

    def _file(self, node: ast.Call, position: int, mode: str) -> None:
        argument = node.args[position] if len(node.args) > position else None
        for keyword in node.keywords:
            if keyword.arg in ("path", "path_or_buf", "filepath_or_buffer", "file", "fname", "io", "filename"):
                argument = keyword.value
        path = fold(argument, self.env) if argument is not None else None
        if path is not None:
            self.files[FileAccess(path, mode)] = None

    def _path_method(self, func: ast.Attribute, node: ast.Call, method: str) -> None:
        path = fold(func.value, self.env)
        if path is None:
            return
        mode = "write" if method in tables().path_writers else "read"
        self.files[FileAccess(path, _open_mode(node, 0) if method == "open" else mode)] = None

    def _read_at_names(self, node: ast.Call) -> None:
        for argument in node.args:
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                for name in _AT_NAME.findall(argument.value):
                    self._read(name)

    def _ipython_call(self, method: str, node: ast.Call) -> None:
        texts = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
        if method == "run_line_magic" and texts:
            self._line_magic(texts[0], texts[1] if len(texts) > 1 else "")
        else:
            self.dynamic[f"get_ipython().{method}"] = None
        for name in _SHELL_NAME.findall(" ".join(texts)):
            self._read(name)

    def _line_magic(self, name: str, line: str) -> None:
        if name in ("time", "timeit", "prun", "memit"):
            inner = parse(line)
            for statement in inner.statements:
                self.visit(statement.node)
        elif name in tables().setting_magics:
            self.ambient.add("$cwd" if name == "cd" else f"$magic:{name}")
        else:
            self.dynamic[f"%{name}"] = None


def root_of(node: ast.expr, *, through_calls: bool = False) -> str | None:
    """The name at the bottom of `x.a[i].b`, or None where it is something else."""
    while True:
        match node:
            case ast.Name(id=name):
                return name
            case ast.Attribute(value=value) | ast.Subscript(value=value) | ast.Starred(value=value):
                node = value
            case ast.Call(func=ast.Attribute(value=value)) if through_calls:
                node = value
            case _:
                return None


def alias_names(node: ast.expr) -> set[str]:
    """Names whose objects the value of `node` may share state with: what it mentions outside of arithmetic."""
    match node:
        case ast.Name(id=name):
            return set() if name in BUILTINS else {name}
        case ast.Constant() | ast.JoinedStr() | ast.Compare() | ast.BinOp() | ast.UnaryOp() | ast.Lambda():
            return set()
        case ast.Attribute(value=value) | ast.Subscript(value=value) | ast.Starred(value=value):
            return alias_names(value)
        case ast.Call(func=func, args=args, keywords=keywords):
            below = alias_names(func.value) if isinstance(func, ast.Attribute) else set()
            return below.union(*(alias_names(a) for a in args), *(alias_names(k.value) for k in keywords))
    return {name for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr) for name in alias_names(child)}


def _is_pure(name: str) -> bool:
    known = tables()
    head, _, tail = name.partition(".")
    return tail in known.pure_builtins if head == "builtins" else head in known.pure_modules


def _open_mode(node: ast.Call, position: int = 1) -> str:
    mode = node.args[position] if len(node.args) > position else None
    mode = next((keyword.value for keyword in node.keywords if keyword.arg == "mode"), mode)
    text = mode.value if isinstance(mode, ast.Constant) and isinstance(mode.value, str) else "r"
    return "write" if set(text) & set("wax+") else "read"


def _is_false(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is False


def _all_arguments(args: ast.arguments) -> list[ast.arg]:
    extra = [arg for arg in (args.vararg, args.kwarg) if arg is not None]
    return [*args.posonlyargs, *args.args, *args.kwonlyargs, *extra]


def _defaults(args: ast.arguments) -> list[ast.expr]:
    return [*args.defaults, *(default for default in args.kw_defaults if default is not None)]


def _annotations(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.expr]:
    found = [arg.annotation for arg in _all_arguments(node.args) if arg.annotation is not None]
    return [*found, node.returns] if node.returns is not None else found


def _own_nodes(body: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """All nodes of a scope, without those of the scopes inside it."""
    for node in body:
        yield node
        if not isinstance(node, (*_FUNCTIONS, ast.ClassDef, ast.Lambda)):
            yield from _own_nodes(ast.iter_child_nodes(node))


def _bound_names(body: Iterable[ast.AST]) -> set[str]:
    found: set[str] = set()
    for node in _own_nodes(body):
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                found.add(name)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                found.add(name)
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                found.add(name)
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                found |= {alias.asname or alias.name.partition(".")[0] for alias in names}
    return found


def _declared(body: Iterable[ast.AST], kind: type[ast.Global] | type[ast.Nonlocal]) -> set[str]:
    return {name for node in _own_nodes(body) if isinstance(node, kind) for name in node.names}


def _returns_callable(body: list[ast.stmt], environment: Environment) -> bool:
    """Whether a call's result may carry code: a nested definition, or something that carries code itself."""
    for child in body:
        for node in ast.walk(child):
            if isinstance(node, (*_FUNCTIONS, ast.ClassDef)):
                return True
            if isinstance(node, ast.Return) and node.value is not None:
                inner = list(ast.walk(node.value))
                if any(isinstance(part, ast.Lambda) for part in inner[1:]) or isinstance(node.value, ast.Lambda):
                    return not (len(body) == 1 and body[0] is node and not isinstance(node.value, ast.Lambda))
                names = {part.id for part in inner if isinstance(part, ast.Name)}
                if any(name in environment.callables for name in names):
                    return True
    return False
