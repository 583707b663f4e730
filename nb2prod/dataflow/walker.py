"""Walk code in evaluation order: statements, scopes and what they bind."""

from __future__ import annotations

import ast
from dataclasses import replace

from nb2prod.dataflow import magics
from nb2prod.dataflow.calls import Calls
from nb2prod.dataflow.constants import is_constant, is_inert, makes_type
from nb2prod.dataflow.environment import Environment
from nb2prod.dataflow.facts import NONE, Callable, Facts, Parts
from nb2prod.dataflow.knowledge import tables
from nb2prod.dataflow.paths import dotted, fold
from nb2prod.dataflow.scopes import FUNCTIONS, all_arguments, annotation_nodes, bound_names, declared, defaults, is_lazy
from nb2prod.dataflow.sharing import root_of
from nb2prod.notebook.parse import CellMagic, parse

# Attributes that are the notebook's namespace, or a function's view of it.
_NAMESPACES = {"user_ns", "user_global_ns", "f_globals", "f_locals", "__globals__"}


def facts_of(node: ast.stmt, environment: Environment) -> Facts:
    """The facts of one top-level statement. The environment is extended."""
    walker = Walker(environment)
    walker.visit(node)
    return walker.facts()


class Walker(Calls, ast.NodeVisitor):
    """Bindings, control flow, imports and definitions."""

    # ── binding ──────────────────────────────────────────────────────────────

    def visit_Assign(self, node: ast.Assign) -> None:
        if isinstance(node.value, ast.Lambda) and not self.is_function:
            self._visit_all(defaults(node.value.args))  # like `def`: it reads when it is called
        else:
            self.visit(node.value)
        for target in node.targets:
            self._assign(target, node.value)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if not self.is_function:
            self.visit(node.annotation)
        if node.value is not None:
            self.visit(node.value)
            self._assign(node.target, node.value)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self.visit(node.value)
        if isinstance(node.target, ast.Name):
            name = node.target.id
            self._read(name)
            self._mutate(name, certain=False)
            self._bind(name)
            frozen = name in self.env.frozen and is_constant(node.value, self.env)
            self.env.doubt(name)
            if frozen:
                self.env.frozen.add(name)
            self.env.link(name, self._shared(ast.BinOp(node.target, node.op, node.value)))
            self._hold_code(name, node.value)
        else:
            self._assign_below(node.target, node.value)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self.visit(node.value)
        self._assign(node.target, node.value)

    def _assign(self, target: ast.expr, value: ast.expr) -> None:
        match target:
            case ast.Name(id=name):
                self._remember(name, value)
                self._bind(name)
            case ast.Tuple(elts=elements) | ast.List(elts=elements):
                self._unpack(elements, value)
            case ast.Starred(value=inner):
                self._assign(inner, value)
            case _:
                self._assign_below(target, value)

    def _unpack(self, elements: list[ast.expr], value: ast.expr) -> None:
        one_by_one = isinstance(value, ast.Tuple | ast.List) and len(value.elts) == len(elements)
        starred = any(isinstance(element, ast.Starred) for element in elements)
        values = value.elts if isinstance(value, ast.Tuple | ast.List) and one_by_one and not starred else None
        targets = {part.id for element in elements for part in ast.walk(element) if isinstance(part, ast.Name)}
        mentioned = {part.id for part in ast.walk(value) if isinstance(part, ast.Name)}
        # `a, b = b, a`: what was known of one is still needed for the other.
        self.conditional += bool(targets & mentioned)
        for position, element in enumerate(elements):
            self._assign(element, values[position] if values else value)
        self.conditional -= bool(targets & mentioned)

    def _assign_below(self, target: ast.expr, value: ast.expr | None = None) -> None:
        """`x[i] = …`, `x.a = …`: the object at the root changes, unless it is a library's setting."""
        self._visit_slices(target)
        place = self._library_place(target)
        setting = tables().setting_target(place) if place else None
        root = root_of(target)
        if setting:
            self.ambient.add(setting)
        elif place and not place.startswith("builtins.get_ipython"):
            self.dynamic[f"{place} is replaced"] = None
        if root is not None:
            self._read(root)
            self._mutate(root, certain=True)
            if value is not None and place is None:
                self._hold(root, value)
        elif isinstance(target, ast.Subscript | ast.Attribute):
            self.visit(target.value)
            self._mutate_expression([target.value], certain=False)
        else:
            self.generic_visit(target)

    def _visit_slices(self, node: ast.expr) -> None:
        while isinstance(node, ast.Subscript | ast.Attribute):
            if isinstance(node, ast.Subscript):
                self.visit(node.slice)
            node = node.value

    def _library_place(self, node: ast.expr) -> str | None:
        """The longest `module.attribute` in `module.attribute["x"].y`."""
        while isinstance(node, ast.Subscript | ast.Attribute):
            name = dotted(node, self.env)
            if name is not None:
                return name
            node = node.value
        if isinstance(node, ast.Call):  # `decimal.getcontext().prec`
            name = dotted(node.func, self.env)
            return name if name and tables().setting_target(name) else None
        return dotted(node, self.env)

    def _remember(self, name: str, value: ast.expr) -> None:
        """What the assigned value says about later mentions of the name."""
        env = self.env
        carried, path, shared = self._code_in(value), fold(value, env), self._shared(value)
        module = dotted(value, env) if isinstance(value, ast.Name | ast.Attribute) else _imported_by_call(value, env)
        frozen = is_constant(value, env)
        if name in shared:
            shared |= env.aliases.get(name, set())
        if not self.conditional:
            env.forget(name)
        elif name in env.modules and not isinstance(value, ast.Constant):
            env.modules.pop(name)
        env.doubt(name)
        if module is not None and not module.startswith("builtins."):
            env.modules[name] = module
        if carried is not None:
            known = env.callables.get(name)
            carried = replace(carried, cached=carried.cached or _caches(value, env))
            env.callables[name] = carried.union(known) if known else carried
        if not self.conditional:
            self._remember_constant(name, value, path, frozen)
        env.link(name, shared)

    def _remember_constant(self, name: str, value: ast.expr, path: Parts | None, frozen: bool) -> None:
        if path is not None:
            self.env.paths[name] = path
        if frozen:
            self.env.frozen.add(name)
        if isinstance(value, ast.Name) and value.id in self.env.definitions:
            self.env.definitions.add(name)
        if isinstance(value, ast.Lambda) and all(is_inert(one, self.env) for one in defaults(value.args)):
            self.env.definitions.add(name)
        if makes_type(value, self.env):
            self.env.callables.setdefault(name, Callable(returns_callable=True))
            self.env.definitions.add(name)
            self.env.frozen.add(name)

    def _code_in(self, value: ast.expr) -> Callable | None:
        """The functions and classes that a value may hold on to: itself, an instance, a container, a partial."""
        called = {id(part.func) for part in ast.walk(value) if isinstance(part, ast.Call)}
        found: Callable | None = None
        for node in ast.walk(value):
            callable_: Callable | None = None
            if isinstance(node, ast.Lambda):
                callable_ = self._lambda(node)
            elif isinstance(node, ast.GeneratorExp):
                callable_ = self._generator(node)
            elif isinstance(node, ast.Call) and dotted(node.func, self.env) in tables().growing:
                callable_ = Callable(stateful=True)
            elif isinstance(node, ast.Name) and node.id in self.env.callables:
                known = self.env.callables[node.id]
                callable_ = known if id(node) not in called or self._gives_code(known, set()) else None
            if callable_ is not None:
                found = callable_ if found is None else found.union(callable_)
        return found

    def _gives_code(self, callable_: Callable, seen: set[str]) -> bool:
        """Whether a call's result may carry code: of its own, or of something that it mentions."""
        if callable_.returns_callable:
            return True
        for name in callable_.reads & self.env.callables.keys() - seen:
            seen.add(name)
            if self._gives_code(self.env.callables[name], seen):
                return True
        return False

    # ── control flow ─────────────────────────────────────────────────────────

    def visit_If(self, node: ast.If) -> None:
        self.visit(node.test)
        if ast.unparse(node.test) in ("__name__ == '__main__'", "True"):
            self._visit_all(node.body)
        else:
            self._paths(node.body, node.orelse)

    def visit_IfExp(self, node: ast.IfExp) -> None:
        self.visit(node.test)
        self._paths([node.body], [node.orelse])

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        self.visit(node.values[0])
        self._paths(node.values[1:], [])

    def visit_Compare(self, node: ast.Compare) -> None:
        self._visit_all([node.left, node.comparators[0]])
        self._paths(node.comparators[1:], [])

    def visit_Assert(self, node: ast.Assert) -> None:
        self._paths([node.test], [])
        if node.msg is not None:
            self._paths([node.msg], [])

    def visit_While(self, node: ast.While) -> None:
        self.visit(node.test)
        self._repeated([*node.body, node.test])
        self._perhaps(node.orelse)

    def visit_For(self, node: ast.For | ast.AsyncFor) -> None:
        self.visit(node.iter)
        bind = ast.Assign([node.target], node.iter)
        self._repeated([ast.copy_location(bind, node), *node.body])
        self._perhaps(node.orelse)

    visit_AsyncFor = visit_For  # noqa: N815 - the name is ast's

    def visit_Try(self, node: ast.Try | ast.TryStar) -> None:
        start = set(self.bound)
        with self._branch():
            self._visit_all([*node.body, *node.orelse])
            ends = [self.bound]
            safe = start - self.unbound
            for handler in node.handlers:
                self.bound = set(safe)
                self.visit(handler)
                ends.append(self.bound)
            # `finally` runs after an error too.
            after, self.bound = set.intersection(*ends), safe - self.unbound
        self._visit_all(node.finalbody)
        self.bound |= after - self.deleted

    visit_TryStar = visit_Try  # noqa: N815

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        if node.type is not None:
            self.visit(node.type)
        if node.name:
            self._bind_plain(node.name)
        self._visit_all(node.body)
        if node.name:
            self._unbind(node.name)

    def visit_Match(self, node: ast.Match) -> None:
        self.visit(node.subject)
        for name in bound_names(case.pattern for case in node.cases):
            self.env.link(name, self._shared(node.subject))
        wildcard = any(
            isinstance(c.pattern, ast.MatchAs) and c.pattern.name is None and not c.guard for c in node.cases
        )
        self._paths(*([case] for case in node.cases), *([] if wildcard else [[]]))

    def visit_MatchAs(self, node: ast.MatchAs) -> None:
        if node.pattern is not None:
            self.visit(node.pattern)
        if node.name:
            self._bind_plain(node.name)

    def visit_MatchStar(self, node: ast.MatchStar) -> None:
        if node.name:
            self._bind_plain(node.name)

    def visit_MatchMapping(self, node: ast.MatchMapping) -> None:
        self.generic_visit(node)
        if node.rest:
            self._bind_plain(node.rest)

    def visit_With(self, node: ast.With | ast.AsyncWith) -> None:
        for item in node.items:
            self.visit(item.context_expr)
            self._enter(item.context_expr)
            if item.optional_vars is not None:
                self._assign(item.optional_vars, item.context_expr)
        if all(self._lets_errors_out(item.context_expr) for item in node.items):
            self._visit_all(node.body)
        else:
            self._perhaps(node.body)

    visit_AsyncWith = visit_With  # noqa: N815

    def _enter(self, manager: ast.expr) -> None:
        """Entering an object changes it; entering what a library's call just made changes nothing else."""
        if not (isinstance(manager, ast.Call) and dotted(manager.func, self.env)):
            self._mutate_expression([manager], certain=False)

    def _lets_errors_out(self, manager: ast.expr) -> bool:
        """Whether an error in the body ends the statement. Managers that swallow it let the cell go on half-way."""
        func = manager.func if isinstance(manager, ast.Call) else manager
        name = dotted(func, self.env)
        if name is None:
            return isinstance(func, ast.Attribute) and func.attr == "open"
        return name not in tables().swallowing and (tables().is_known(name) or name == "builtins.open")

    def visit_Delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            if isinstance(target, ast.Name):
                self._delete(target.id)
            else:
                self._assign_below(target)

    def visit_Return(self, node: ast.Return | ast.Yield | ast.YieldFrom) -> None:
        if node.value is not None:
            self.visit(node.value)
            for name in self._shared(node.value):
                self.returned |= self.env.sharing(name)

    visit_Yield = visit_Return  # noqa: N815
    visit_YieldFrom = visit_Return  # noqa: N815

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

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815

    def _decorated(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, callable_: Callable) -> Callable:
        """A decorator is a call; what it wraps around the function runs with it."""
        for decorator in node.decorator_list:
            self.visit(ast.copy_location(ast.Call(decorator, [], []), decorator))
            callable_ = replace(callable_, cached=callable_.cached or _caches(decorator, self.env))
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
        stateful = _holds_mutable(node.body, self.env) or _sets_on_class(node)
        whole = Callable(returns_callable=True, stateful=stateful)
        for method in methods:
            whole = whole.union(method) if method else whole
        for part in [*node.bases, *(keyword.value for keyword in node.keywords)]:
            carried = self._code_in(part)
            whole = whole.union(carried) if carried else whole
        self._take_class_body(body, names)
        whole = replace(self._decorated(node, whole), arguments=_constructor_arguments(node), returns_callable=True)
        held = [child.value for child in node.body if isinstance(child, ast.Assign | ast.AnnAssign) and child.value]
        self._define(node.name, replace(whole, argument_mutations=_not_of_self(node, whole)), held)
        self._remember_hook(node)

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
            argument_mutations=_settled(inner.argument_mutations, own - set(names) | bound_names(body)),
            arguments=positional,
            files=tuple(inner.files),
            dynamic=tuple(inner.dynamic),
            returns_callable=lazy or _makes_code(body),
            returns=frozenset(name for name in inner.returned - local - outside if not name.startswith("&")),
            stateful=inner.stateful or _remembers(args, inner.argument_mutations, self.env),
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


def _caches(node: ast.expr, environment: Environment) -> bool:
    """`lru_cache`, `lru_cache(maxsize=8)`, `lru_cache(f)`, `lru_cache(maxsize=8)(f)`."""
    while isinstance(node, ast.Call):
        node = node.func
    return dotted(node, environment) in tables().caches


def _imported_by_call(value: ast.expr, environment: Environment) -> str | None:
    """`importlib.import_module("json")`, `logging.getLogger()`."""
    if dotted(value, environment) == "logging.getLogger":
        return "logging.getLogger"
    if not isinstance(value, ast.Call) or dotted(value.func, environment) not in tables().finders:
        return None
    path = fold(value.args[0], environment) if value.args else None
    return "".join(text for text, _ in path.pieces) if path and not path.parameters else None


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


def _settled(mutations: dict[tuple[str, bool], None], rebound: set[str]) -> tuple[tuple[str, bool], ...]:
    """A parameter that is bound anew somewhere is changed only perhaps."""
    return tuple(dict.fromkeys((name, certain and name not in rebound) for name, certain in mutations))


def _remembers(args: ast.arguments, mutations: dict[tuple[str, bool], None], environment: Environment) -> bool:
    """Whether a default value may be changed by a call."""
    positional = [*args.posonlyargs, *args.args]
    given = dict(zip([arg.arg for arg in reversed(positional)], reversed(args.defaults), strict=False))
    given |= {arg.arg: value for arg, value in zip(args.kwonlyargs, args.kw_defaults, strict=True) if value is not None}
    changed = {name for name, _ in mutations}
    return any(name in changed and not is_constant(value, environment) for name, value in given.items())


def _holds_mutable(body: list[ast.stmt], environment: Environment) -> bool:
    """Whether a class has attributes of its own that can change."""
    return any(
        isinstance(child, ast.Assign | ast.AnnAssign)
        and child.value is not None
        and not is_constant(child.value, environment)
        and not _describes_field(child.value, environment)
        for child in body
    )


def _sets_on_class(node: ast.ClassDef) -> bool:
    """Whether a method assigns to its class: `cls.made += 1`, `type(self).made = 0`."""
    for part in ast.walk(node):
        if isinstance(part, ast.Attribute) and not isinstance(part.ctx, ast.Load):
            match part.value:
                case ast.Name(id="cls") | ast.Attribute(attr="__class__") | ast.Call(func=ast.Name(id="type")):
                    return True
    return False


def _describes_field(value: ast.expr, environment: Environment) -> bool:
    """`field(default_factory=list)`: each instance gets a list of its own."""
    return isinstance(value, ast.Call) and dotted(value.func, environment) in tables().field_makers


def _constructor_arguments(node: ast.ClassDef) -> tuple[str, ...]:
    for child in node.body:
        if isinstance(child, ast.FunctionDef) and child.name == "__init__":
            return tuple(arg.arg for arg in [*child.args.posonlyargs, *child.args.args][1:])
    return ()


def _not_of_self(node: ast.ClassDef, whole: Callable) -> tuple[tuple[str, bool], ...]:
    """Calling a class makes a new object: only what its constructor was given can change."""
    first = {child.args.args[0].arg for child in node.body if isinstance(child, ast.FunctionDef) and child.args.args}
    return tuple((name, False) for name, _ in whole.argument_mutations if name not in first)


def _makes_code(body: list[ast.stmt]) -> bool:
    """Whether a result may hold a function of the body's own: a nested definition, a lambda that is kept."""
    passed = {
        id(argument)
        for child in body
        for part in ast.walk(child)
        if isinstance(part, ast.Call)
        for argument in [*part.args, *(keyword.value for keyword in part.keywords)]
        if _only_calls(part)
    }
    kinds = (*FUNCTIONS, ast.ClassDef)
    parts = [part for child in body for part in ast.walk(child)]
    if any(isinstance(part, kinds) for part in parts):
        return True
    return any(isinstance(part, ast.Lambda | ast.GeneratorExp) and id(part) not in passed for part in parts)


def _only_calls(node: ast.Call) -> bool:
    """Whether the function that is called uses a function it is given and does not keep it."""
    func = node.func
    if isinstance(func, ast.Attribute):
        return func.attr in tables().pure_methods | tables().mutating_methods
    return isinstance(func, ast.Name) and func.id in tables().consuming_builtins
