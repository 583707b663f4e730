"""Walk code in evaluation order: statements, scopes and what they bind."""

from __future__ import annotations

import ast
from dataclasses import replace

from nb2prod.dataflow import magics
from nb2prod.dataflow.definitions import (
    caches,
    constructor_arguments,
    holds_mutable,
    keeps_members,
    leaves_function,
    makes_code,
    not_of_self,
    parents,
    remembers,
    sets_on_class,
    settled,
)
from nb2prod.dataflow.environment import Environment
from nb2prod.dataflow.facts import NONE, Callable, Facts
from nb2prod.dataflow.flow import Flow
from nb2prod.dataflow.paths import dotted
from nb2prod.dataflow.scopes import FUNCTIONS, all_arguments, annotation_nodes, bound_names, declared, defaults, is_lazy
from nb2prod.dataflow.sharing import root_of
from nb2prod.notebook.parse import CellMagic, parse

# Attributes that are the notebook's namespace, a function's view of it, or that find classes whatever their names.
_NAMESPACES = {"user_ns", "user_global_ns", "f_globals", "f_locals", "__globals__", "__subclasses__"}


def _names_library(key: ast.expr) -> bool:
    """Whether it is the name of a module other than the notebook's own."""
    return isinstance(key, ast.Constant) and key.value != "__main__"


def facts_of(node: ast.stmt, environment: Environment) -> Facts:
    """The facts of one top-level statement. The environment is extended."""
    walker = Walker(environment)
    walker.visit(node)
    return walker.facts()


class Walker(Flow, ast.NodeVisitor):
    """Imports, definitions, comprehensions; below it stand control flow, bindings, calls."""

    # ── imports and definitions ──────────────────────────────────────────────

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            if alias.asname:
                self._import(alias.asname, alias.name)
            else:
                self._import_below(alias.name)

    def _import_below(self, full_name: str) -> None:
        """`import a.b` adds to what the name `a` already holds; `import a` after it takes nothing away."""
        name = full_name.partition(".")[0]
        below = self.env.submodules.get(name, set()) if self.env.modules.get(name) == name else set()
        self._import(name, name, adds=bool(below - {full_name}))
        self.env.submodules[name] = below | ({full_name} if "." in full_name else set())

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        for alias in node.names:
            if alias.name == "*":
                # Which names it binds is not known here: the statement itself is replayed in every later stage.
                self.ambient.add("$star")
            else:
                self._import(alias.asname or alias.name, f"{'.' * node.level}{node.module or ''}.{alias.name}")

    def _import(self, name: str, full_name: str, *, adds: bool = False) -> None:
        self.env.forget(name)
        self.env.modules[name] = full_name
        was_bound = name in self.bound
        self._bind(name)
        if adds and not was_bound:
            self.bound.discard(name)

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self._visit_all([*defaults(node.args), *annotation_nodes(node)])
        callable_ = self._function(node.args, node.body, lazy=is_lazy(node, node.body))
        self._define(node.name, self._decorated(node, callable_), defaults(node.args))
        if any(not leaves_function(decorator, self.env) for decorator in node.decorator_list):
            self.env.frozen.discard(node.name)  # `@f.register` changes what `@singledispatch` made of `f`

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815

    def _decorated(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, callable_: Callable) -> Callable:
        """A decorator is a call; what it wraps around the function runs with it."""
        for decorator in node.decorator_list:
            self.visit(ast.copy_location(ast.Call(decorator, [], []), decorator))
            callable_ = replace(callable_, cached=callable_.cached or caches(decorator, self.env))
            for part in ast.walk(decorator):
                if isinstance(part, ast.Name) and part.id in self.env.callables:
                    callable_ = callable_.union(replace(self.env.callables[part.id], arguments=()))
        return callable_

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self._visit_all(defaults(node.args))
        self._touch(self._lambda(node), set())

    def _lambda(self, node: ast.Lambda) -> Callable:
        return self._function(node.args, [ast.Return(value=node.body)])

    def _generator(self, node: ast.GeneratorExp) -> Callable:
        """A generator reads when it is consumed."""
        nothing = ast.arguments([], [], None, [], [], None, [])
        body = ast.copy_location(ast.ListComp(node.elt, node.generators), node)
        return self._function(nothing, [ast.Return(value=body)])

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._visit_all([*node.bases, *(keyword.value for keyword in node.keywords)])
        names = frozenset(bound_names(node.body))
        body = Walker(self.env.inner(names), frozenset(self.local), frozenset(self.own))
        body.is_class, body.is_function = True, self.is_function
        methods = [body._class_part(child) for child in node.body]
        stateful = holds_mutable(node.body, self.env) or sets_on_class(node) or keeps_members(node, self.env)
        whole = Callable(returns_callable=True, stateful=stateful)
        for method in methods:
            whole = whole.union(method) if method else whole
        for part in [*node.bases, *(keyword.value for keyword in node.keywords)]:
            carried = self._code_in(part)
            whole = whole.union(carried) if carried else whole
        self._take_class_body(body, names)
        whole = replace(self._decorated(node, whole), arguments=constructor_arguments(node), returns_callable=True)
        held = [child.value for child in node.body if isinstance(child, ast.Assign | ast.AnnAssign) and child.value]
        self._define(node.name, replace(whole, argument_mutations=not_of_self(node, whole)), held)
        self._remember_hook(node)
        if any((dotted(base, self.env) or "").startswith("abc.") for base in parents(node)):
            self.env.frozen.discard(node.name)  # `register` changes it

    def _class_part(self, child: ast.stmt) -> Callable | None:
        """One statement of a class's body; a method's callable, if it is one."""
        if not isinstance(child, FUNCTIONS):
            self.visit(child)
            return None
        self._visit_all([*defaults(child.args), *annotation_nodes(child)])
        callable_ = self._function(child.args, child.body, lazy=is_lazy(child, child.body))
        callable_ = self._decorated(child, callable_)
        self._bind(child.name)
        return callable_

    def _take_class_body(self, body: Walker, names: frozenset[str]) -> None:
        for name in body.uses:
            self._read(name)
        for name in body.mutated | body.may_mutated:
            if name not in names or name in body.uses:
                self._mutate(name, certain=name in body.mutated)
        self.ambient |= body.ambient
        self.files.update(body.files)
        self.dynamic.update(body.dynamic)
        self.may_bound |= {name for name in body.may_bound if name.startswith("$rng:")}

    def _remember_hook(self, node: ast.ClassDef) -> None:
        """Classes whose subclasses run code when they are defined."""
        own = any(isinstance(child, FUNCTIONS) and child.name == "__init_subclass__" for child in node.body)
        below = any(isinstance(base, ast.Name) and base.id in self.env.hooked for base in node.bases)
        if own or below or node.keywords:
            self.env.hooked.add(node.name)

    def _define(self, name: str, callable_: Callable, held: list[ast.expr]) -> None:
        """`held`: values that the definition keeps."""
        shared = {other for value in held for other in self._shared(value)}
        known = self.env.callables.get(name)
        if self.conditional and known:
            callable_ = callable_.union(known)
        if not self.conditional:
            self.env.forget(name)
        self.env.doubt(name)
        self.env.modules.pop(name, None)
        self.env.callables[name] = callable_
        self.env.definitions.add(name)
        if not (callable_.stateful or callable_.cached) and name not in callable_.mutates | callable_.may_mutate:
            self.env.frozen.add(name)
        self.env.link(name, shared)
        if self.is_function:
            # What a nested function touches outside, the enclosing one touches.
            self._touch(callable_, set())
            self.stateful |= callable_.stateful
        self._bind(name)

    def _function(self, args: ast.arguments, body: list[ast.stmt], *, lazy: bool = False) -> Callable:
        positional = tuple(arg.arg for arg in [*args.posonlyargs, *args.args])
        names = tuple(arg.arg for arg in all_arguments(args))
        free = declared(body, ast.Global)
        own = (set(names) | bound_names(body)) - free - declared(body, ast.Nonlocal)
        local = frozenset(own | (self.local - free))
        inner = Walker(self.env.inner(local), local, frozenset(own), names)
        inner.is_function = True
        inner._visit_all(body)
        self.env.adopt(inner.env, frozenset(inner.may_bound))
        self._take_outer(inner)
        outside = self.local - free
        return Callable(
            reads=frozenset(inner.uses - {"__class__"}),
            writes=frozenset(inner.may_bound | inner.deleted),
            mutates=frozenset(inner.mutated),
            may_mutate=frozenset(inner.may_mutated),
            ambient=frozenset(inner.ambient),
            argument_mutations=settled(inner.argument_mutations, own - set(names) | bound_names(body)),
            arguments=positional,
            files=tuple(inner.files),
            dynamic=tuple(inner.dynamic),
            returns_callable=lazy or makes_code(body),
            returns=frozenset(name for name in inner.returned - local - outside if not name.startswith("&")),
            stateful=inner.stateful or remembers(args, inner.argument_mutations, self.env),
        )

    def _take_outer(self, inner: Walker) -> None:
        """What a nested function changes of this one's, this one changes."""
        for name in inner.outer_mutated:
            if name in self.local or name.startswith("&"):
                self._mutate(name, certain=False)
            else:
                inner.may_mutated.add(name)
        inner.outer_mutated.clear()

    # ── expressions ──────────────────────────────────────────────────────────

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> None:
        """A scope of its own for its targets; the rest runs in this one, perhaps."""
        first, *others = node.generators
        self.visit(first.iter)
        targets = {part.id for one in node.generators for part in ast.walk(one.target) if isinstance(part, ast.Name)}
        outer_env, outer_local, outer_own, bound = self.env, self.local, self.own, set(self.bound)
        outer_mutated, self.outer_mutated = self.outer_mutated, set()
        self.changes_told.clear()
        self.env = _comprehension_scope(outer_env, targets)
        self.local, self.own = self.local | targets, self.own | targets
        for one in node.generators:
            for name in targets & {part.id for part in ast.walk(one.target) if isinstance(part, ast.Name)}:
                self.env.link(name, self._shared(one.iter) - targets)
        with self._branch():
            self._visit_all(first.ifs)
            for one in others:
                self._visit_all([one.iter, *one.ifs])
            self._visit_all([node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt])
        self.env, self.local, self.own, self.bound = outer_env, outer_local, outer_own, bound
        hidden, self.outer_mutated = self.outer_mutated, outer_mutated
        self.changes_told.clear()
        for name in hidden:
            self._mutate(name, certain=False)
        self._take_walruses(node)

    visit_ListComp = _comprehension  # noqa: N815
    visit_SetComp = _comprehension  # noqa: N815
    visit_GeneratorExp = _comprehension  # noqa: N815
    visit_DictComp = _comprehension  # noqa: N815

    def _take_walruses(self, node: ast.AST) -> None:
        with self._branch():
            for part in ast.walk(node):
                if isinstance(part, ast.NamedExpr) and isinstance(part.target, ast.Name):
                    self._remember(part.target.id, part.value)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        if node.attr in _NAMESPACES:
            self.dynamic["globals"] = None
        self.generic_visit(node)
        self._look_inside(node)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        if dotted(node.value, self.env) == "sys.modules" and not _names_library(node.slice):
            self.dynamic["globals"] = None
        self.generic_visit(node)
        self._look_inside(node)

    def _look_inside(self, node: ast.Attribute | ast.Subscript) -> None:
        """Looking at an object of the notebook's own runs its code: a property, `__missing__`, a default factory."""
        root = root_of(node)
        if root is not None and self._is_own(node) and root not in self.env.definitions:
            self._mutate(root, certain=False)

    def _cell_magic(self, name: str, line: str, body: str) -> None:
        parsed = parse(f"%%{name} {line}\n{body}")
        if parsed.magic is not None:
            self.take(cell_facts_around(parsed.magic, body, [one.node for one in parsed.statements], self.env))

    def take(self, facts: Facts) -> None:
        """Facts that were found elsewhere happen here."""
        for name in facts.uses:
            self._read(name)
        for name in facts.defines:
            self._bind(name)
        self.may_bound |= facts.may_define
        self.mutated |= facts.mutates
        self.may_mutated |= facts.may_mutate
        self.ambient |= facts.ambient
        self.files.update(dict.fromkeys(facts.files))
        self.dynamic.update(dict.fromkeys(facts.dynamic))


def cell_facts_around(magic: CellMagic, body: str, statements: list[ast.stmt], environment: Environment) -> Facts:
    """A whole cell with a magic on top."""
    whole = Facts()
    if magic.name in magics.PRIVATE_SCOPE:
        setup, mentioned = magics.runner_body(magic.line)
        whole = replace(whole, uses=mentioned)
        statements = [*setup, *statements]
    for statement in statements:
        whole = whole.then(facts_of(statement, environment))
    if magic.name in magics.PRIVATE_SCOPE:
        mine = whole.defines | whole.may_define
        changed = replace(whole, mutates=whole.mutates - mine, may_mutate=whole.may_mutate - mine)
        whole = replace(changed, defines=NONE, may_define=NONE)
    elif magic.name == "skip":
        whole = whole.interrupted()
    return whole.then(_magic_itself(magic, body))


def _magic_itself(magic: CellMagic, body: str) -> Facts:
    output, written = magics.captured(magic), magics.written_file(magic)
    plain = magic.python or written or magic.name in magics.SHOWS
    names = magics.interpolated(magic.line) | (NONE if plain else magics.interpolated(body))
    return Facts(
        uses=names,
        defines=frozenset({output}) if output else NONE,
        files=(written,) if written else (),
        dynamic=() if plain else (f"%%{magic.name}",),
    )


def _comprehension_scope(environment: Environment, targets: set[str]) -> Environment:
    """The same memory, where the targets hide what they hide."""
    return replace(
        environment,
        modules={name: value for name, value in environment.modules.items() if name not in targets},
        callables={name: value for name, value in environment.callables.items() if name not in targets},
        paths={name: value for name, value in environment.paths.items() if name not in targets},
        aliases=environment.hidden_aliases(frozenset(targets)),
        frozen=environment.frozen - targets,
    )
