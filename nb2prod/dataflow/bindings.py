"""Bindings: what assignments bind, replace and remember."""

from __future__ import annotations

import ast
from dataclasses import replace

from nb2prod.dataflow.calls import Calls
from nb2prod.dataflow.constants import is_constant, is_inert, makes_type
from nb2prod.dataflow.definitions import caches
from nb2prod.dataflow.environment import Environment
from nb2prod.dataflow.facts import Callable, Parts
from nb2prod.dataflow.knowledge import tables
from nb2prod.dataflow.paths import dotted, fold
from nb2prod.dataflow.scopes import defaults
from nb2prod.dataflow.sharing import root_of


class Bindings(Calls, ast.NodeVisitor):
    """Assignments of every kind."""

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
        if self._is_own(node.target):
            self._mutate_expression([node.value], certain=False)
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
            carried = replace(carried, cached=carried.cached or caches(value, env))
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


def _imported_by_call(value: ast.expr, environment: Environment) -> str | None:
    """`importlib.import_module("json")`, `logging.getLogger()`."""
    if dotted(value, environment) == "logging.getLogger":
        return "logging.getLogger"
    if not isinstance(value, ast.Call) or dotted(value.func, environment) not in tables().finders:
        return None
    path = fold(value.args[0], environment) if value.args else None
    return "".join(text for text, _ in path.pieces) if path and not path.parameters else None
