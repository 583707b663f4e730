"""A cell's syntax trees → its events."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from nb2prod.dataflow.restart import magics
from nb2prod.dataflow.restart.events import (
    All,
    Annotation,
    Anything,
    Attempt,
    Bind,
    Call,
    Class,
    Either,
    Event,
    Events,
    Function,
    Get,
    Instance,
    Member,
    Named,
    Pass,
    Postpone,
    Read,
    Result,
    Run,
    Unbind,
    Value,
)
from nb2prod.dataflow.restart.injections import injected
from nb2prod.dataflow.scopes import FUNCTIONS, all_arguments, bound_names, declared, defaults, scope_names
from nb2prod.notebook.parse import Parsed
from nb2prod.notebook.trees import children, walk

_NAME_ERRORS = {"NameError", "Exception", "BaseException"}
_LEAVES = (ast.Return, ast.Raise, ast.Break, ast.Continue)
_IMMEDIATE_METHODS = {"apply", "map", "applymap", "transform", "agg", "aggregate", "pipe", "assign", "sort", "reduce"}
_IMMEDIATE_FUNCTIONS = {"sorted", "min", "max", "reduce", "apply"}
# Only keep the function that they are given, to call it when something else happens.
_KEEPING = {"map", "filter", "partial", "defaultdict", "field", "property", "Thread", "Process", "Timer", "on_click"}
_KEEPING |= {"observe", "register", "signal", "atexit", "callable", "wraps", "isinstance", "hasattr", "id", "print"}
# What a cell that does not parse would have bound is not known: its own error is the one to report.
_IDENTIFIER = re.compile(r"(?<![\w.])[A-Za-z_]\w*")
_Body = Iterable[ast.AST]
_Made = TypeVar("_Made", ast.Lambda, ast.GeneratorExp)


@dataclass(slots=True)
class _Scope:
    """A scope around the code that is read. `kind`: function, class or comprehension."""

    kind: str
    names: set[str]
    free: set[str] = field(default_factory=set)
    values: dict[str, Value] = field(default_factory=dict)
    returns: list[Value] = field(default_factory=list)
    called: set[str] = field(default_factory=set)
    is_generator: bool = False


def events_of(parsed: Parsed) -> tuple[Events, frozenset[str]]:
    """The events of one cell, and every global name that they may bind, in functions too."""
    reader = Reader()
    body = [statement.node for statement in parsed.statements]
    magic = parsed.magic
    if parsed.error is not None:
        reader.emit(Bind(name) for name in dict.fromkeys(_IDENTIFIER.findall(parsed.body)))
    if magics.is_automagic(body):
        return (), frozenset()
    if magic is not None and magic.name in magics.PRIVATE:
        reader.private([*magics.statements_in(magic.line), *body])
    else:
        reader.block(body)
    if magic is not None:
        reader.emit(magics.cell_events(magic, parsed.body))
    return tuple(reader.out), frozenset(reader.binds)


class Reader(ast.NodeVisitor):
    """Reads one scope after the other. `host`: the node that stands for code inside a magic's line."""

    def __init__(self) -> None:
        self.out: list[Event] = []
        self.binds: set[str] = set()
        self.scopes: list[_Scope] = []
        self.host: ast.AST | None = None
        self._made: dict[ast.AST, Function] = {}

    def visit(self, node: ast.AST) -> None:
        """Read one node."""
        kind = type(node)
        method = _METHODS.get(kind)
        if method is None:
            method = _METHODS[kind] = getattr(Reader, f"visit_{kind.__name__}", Reader.generic_visit)
        method(self, node)

    def visit_Constant(self, node: ast.Constant) -> None:
        """A constant names nothing."""

    def generic_visit(self, node: ast.AST) -> None:
        """Read what is below."""
        for child in children(node):
            self.visit(child)

    def emit(self, events: Iterable[Event]) -> None:
        """Add events that were made elsewhere."""
        for event in events:
            self.out.append(event)
            if isinstance(event, Bind):
                self.binds.add(event.name)

    # ── blocks ───────────────────────────────────────────────────────────────

    def block(self, body: _Body) -> None:
        """Statements up to the first that leaves."""
        for node in body:
            self.visit(node)
            if isinstance(node, _LEAVES):
                return

    def private(self, body: list[ast.stmt]) -> None:
        """Code that runs in a function of its own, as `%timeit` does."""
        free = declared(body, ast.Global)
        self.scopes.append(_Scope("function", bound_names(body) - free, free))
        self.block(body)
        self.scopes.pop()

    def _part(self, body: _Body) -> Events:
        """The events of a block, apart."""
        outer, self.out = self.out, []
        self.block(body)
        part, self.out = tuple(self.out), outer
        return part

    def _at(self, node: ast.AST) -> ast.AST:
        return self.host or node

    # ── names ────────────────────────────────────────────────────────────────

    def _scope_of(self, name: str) -> _Scope | None:
        """The scope that owns the name here; None for a global one."""
        for position, scope in enumerate(reversed(self.scopes)):
            if name in scope.free and scope.kind == "function":
                return None
            if name in scope.names and (scope.kind != "class" or position == 0):
                return scope
        return None

    def _read(self, name: str, node: ast.AST) -> None:
        if self._scope_of(name) is None:
            self.out.append(Read(name, self._at(node)))

    def _bind(self, name: str, value: ast.expr | Value | None = None) -> None:
        constant = value if isinstance(value, ast.Constant) else None
        held = self._value(value) if isinstance(value, ast.expr) else value
        scope = self._binding_scope(name)
        if scope is None:
            self.emit([Bind(name, held, constant)])
            return
        scope.names.add(name)
        if held is not None:
            known = scope.values.get(name)
            # By identity: values share parts, and comparing them would visit each as often as it is shared.
            scope.values[name] = held if known is None or known is held else All((known, held))

    def _binding_scope(self, name: str) -> _Scope | None:
        """Where a binding here goes: a comprehension's targets are its own, a walrus in it is the scope's around it."""
        for scope in reversed(self.scopes):
            if scope.kind == "comprehension":
                if name in scope.names:
                    return scope
                continue
            return None if name in scope.free else scope
        return None

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load):
            self._read(node.id, node)
        elif isinstance(node.ctx, ast.Store):
            self._bind(node.id)
        else:
            self._delete(node)

    def _delete(self, node: ast.Name) -> None:
        self._read(node.id, node)
        scope = self._binding_scope(node.id)
        if scope is None:
            self.out.append(Unbind(node.id))
        elif scope.kind == "class":
            scope.names.discard(node.id)

    # ── values ───────────────────────────────────────────────────────────────

    def _value(self, node: ast.expr) -> Value | None:
        """What is known of an expression that may be callable."""
        reads = _VALUES.get(type(node))
        return reads(self, node) if reads is not None else None

    def _value_of_name(self, node: ast.Name) -> Value | None:
        scope = self._scope_of(node.id)
        return Named(node.id) if scope is None else scope.values.get(node.id)

    def _value_of_lambda(self, node: ast.Lambda) -> Value:
        return self._once_made(node, self._lambda)

    def _value_of_generator(self, node: ast.GeneratorExp) -> Value:
        return Result(self._once_made(node, self._generator))

    def _value_of_attribute(self, node: ast.Attribute) -> Value | None:
        holder = self._value(node.value)
        return Member(holder, node.attr) if holder is not None else None

    def _value_of_call(self, node: ast.Call) -> Value | None:
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if node.args and name == "partial":
            return self._value(node.args[0])
        if node.args and name in ("map", "filter") and isinstance(node.func, ast.Name):
            return Result(self._mapped(node.args[0]))
        called = self._value(node.func)
        return Result(called) if called is not None else None

    def _value_inside(self, node: ast.Await | ast.NamedExpr) -> Value | None:
        return self._value(node.value)

    def _value_of_choice(self, node: ast.IfExp) -> Value | None:
        found = tuple(one for one in (self._value(node.body), self._value(node.orelse)) if one is not None)
        return All(found) if found else None

    def _once_made(self, node: _Made, make: Callable[[_Made], Function]) -> Function:
        """A body is read once, however often its value is asked for: bodies nest."""
        if node not in self._made:
            self._made[node] = make(node)
        return self._made[node]

    def _mapped(self, node: ast.expr) -> Function:
        """`map(f, xs)`: nothing runs until it is gone through."""
        held = self._value(node)
        return Function("map", events=(Call(held, self._at(node)),) if held is not None else (), kind="generator")

    # ── bindings ─────────────────────────────────────────────────────────────

    def visit_Assign(self, node: ast.Assign) -> None:
        self.visit(node.value)
        for target in node.targets:
            self._assign(target, node.value)

    def _assign(self, target: ast.expr, value: ast.expr) -> None:
        name = injected(target)
        if isinstance(name, str):
            self.emit([Bind(name) if name else Anything()])
        if isinstance(target, ast.Name):
            self._bind(target.id, value)
        elif isinstance(target, ast.Tuple | ast.List) and isinstance(value, ast.Tuple | ast.List):
            self._unpack(target.elts, value.elts)
        else:
            self._consume(value) if isinstance(target, ast.Tuple | ast.List) else None
            self.visit(target)

    def _unpack(self, targets: list[ast.expr], values: list[ast.expr]) -> None:
        plain = len(targets) == len(values) and not any(isinstance(one, ast.Starred) for one in [*targets, *values])
        for position, target in enumerate(targets):
            if plain:
                self._assign(target, values[position])
            else:
                self.visit(target)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        if isinstance(node.target, ast.Name):
            self._read(node.target.id, node.target)
        else:
            self.visit(node.target)
        self.visit(node.value)
        if isinstance(node.target, ast.Name):
            self._bind(node.target.id)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if not self.scopes or self.scopes[-1].kind == "class":
            self._annotation(node.annotation)
        if node.value is not None:
            self.visit(node.value)
            self._assign(node.target, node.value)

    def _annotation(self, node: ast.expr) -> None:
        events = self._part([node])
        if events:
            self.out.append(Annotation(events))

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self.visit(node.value)
        self._bind(node.target.id, node.value)

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            self._bind(alias.asname or alias.name.partition(".")[0])

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        for alias in node.names:
            if alias.name == "*":
                self.out.append(Anything())
            else:
                self._bind(alias.asname or alias.name)
            if node.module == "__future__" and alias.name == "annotations":
                self.out.append(Postpone())

    # ── control flow ─────────────────────────────────────────────────────────

    def _either(self, test: ast.expr | None, *ways: _Body) -> None:
        parts = tuple(self._part(way) for way in ways)
        if any(parts):
            self.out.append(Either(parts, test))

    def visit_If(self, node: ast.If) -> None:
        self.visit(node.test)
        self._either(node.test, node.body, node.orelse)

    def visit_IfExp(self, node: ast.IfExp) -> None:
        self.visit(node.test)
        self._either(node.test, [node.body], [node.orelse])

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        first, *rest = node.values
        self.visit(first)
        if rest:
            others = [rest[0]] if len(rest) == 1 else [ast.copy_location(ast.BoolOp(node.op, rest), node)]
            self._either(first, *((others, []) if isinstance(node.op, ast.And) else ([], others)))

    def visit_Assert(self, node: ast.Assert) -> None:
        self.visit(node.test)
        if node.msg is not None:
            self._either(node.test, [], [node.msg])

    def visit_While(self, node: ast.While) -> None:
        self.visit(node.test)
        self._loop(node.test, node.body)
        self.block(node.orelse)

    def visit_For(self, node: ast.For | ast.AsyncFor) -> None:
        self.visit(node.iter)
        self._consume(node.iter)
        self._loop(node.iter, [node.target, *node.body])
        self.block(node.orelse)

    visit_AsyncFor = visit_For  # noqa: N815 - the name is ast's

    def _loop(self, test: ast.expr, body: _Body) -> None:
        """A body that is taken to run, unless it is plain that it does not."""
        inner = self._part(body)
        empty = isinstance(test, ast.List | ast.Tuple | ast.Dict | ast.Constant) or _is_named_test(test)
        if empty:
            self.out.append(Either((inner, ()), _once(test)))
        else:
            self.out += inner

    def visit_Match(self, node: ast.Match) -> None:
        self.visit(node.subject)
        self._either(None, *([case] for case in node.cases), [])

    def visit_match_case(self, node: ast.match_case) -> None:
        self.visit(node.pattern)
        if node.guard is not None:
            self.visit(node.guard)
        self.block(node.body)

    def visit_MatchAs(self, node: ast.MatchAs) -> None:
        self.generic_visit(node)
        if node.name:
            self._bind(node.name)

    def visit_MatchStar(self, node: ast.MatchStar) -> None:
        if node.name:
            self._bind(node.name)

    def visit_MatchMapping(self, node: ast.MatchMapping) -> None:
        self.generic_visit(node)
        if node.rest:
            self._bind(node.rest)

    def visit_Try(self, node: ast.Try | ast.TryStar) -> None:
        body = self._part(node.body)
        handlers = tuple(self._part([handler]) for handler in node.handlers)
        catches = any(_takes_name_errors(handler.type) for handler in node.handlers)
        self.out.append(Attempt(body, handlers, self._part(node.orelse), catches))
        self.block(node.finalbody)

    visit_TryStar = visit_Try  # noqa: N815

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        if node.type is not None:
            self._annotation_free(node.type)
        if node.name:
            self._bind(node.name)
        self.block(node.body)
        if node.name and self._binding_scope(node.name) is None:
            self.out.append(Unbind(node.name))

    def _annotation_free(self, node: ast.expr) -> None:
        """A handler's type is looked up only when something was raised."""
        self.visit(node)

    def visit_With(self, node: ast.With | ast.AsyncWith) -> None:
        guards = any(_guards(item.context_expr) for item in node.items)
        for item in node.items:
            self.visit(item.context_expr)
            held = self._value(item.context_expr)
            if held is not None:
                self.out.append(Call(Member(held, "__enter__"), self._at(item.context_expr)))
                self.out.append(Run(held, self._at(item.context_expr)))
            if item.optional_vars is not None:
                self.visit(item.optional_vars)
        if guards:
            self.out.append(Attempt(self._part(node.body), ((),), (), True))
        else:
            self.block(node.body)

    visit_AsyncWith = visit_With  # noqa: N815

    def visit_Return(self, node: ast.Return) -> None:
        if node.value is not None:
            self.visit(node.value)
            held = self._value(node.value)
            if held is not None and self.scopes:
                self.scopes[-1].returns.append(held)

    def visit_Await(self, node: ast.Await) -> None:
        self.visit(node.value)
        self._consume(node.value)

    def visit_YieldFrom(self, node: ast.YieldFrom) -> None:
        self.visit(node.value)
        self._consume(node.value)

    def visit_Starred(self, node: ast.Starred) -> None:
        self.visit(node.value)
        if isinstance(node.ctx, ast.Load):
            self._consume(node.value)

    def _consume(self, node: ast.expr) -> None:
        held = self._value(node)
        if held is not None:
            self.out.append(Run(held, self._at(node)))

    # ── definitions ──────────────────────────────────────────────────────────

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        value = self._definition(node, None)
        self._bind(node.name, value)

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815

    def _definition(self, node: ast.FunctionDef | ast.AsyncFunctionDef, owner: Class | None) -> Value:
        for part in defaults(node.args):
            self.visit(part)
        for annotation in [*(arg.annotation for arg in all_arguments(node.args)), node.returns]:
            if annotation is not None:
                self._annotation(annotation)
        function = Function(node.name, is_property=_is_property(node))
        scope = self._function_scope(node.args, node.body, owner, node)
        if self._binding_scope(node.name) is not None:
            self._bind(node.name, function)  # so that its own body finds it
        self._read_body(function, node.args, node.body, scope)
        if _is_context_manager(node):
            function.kind = "plain"
        elif isinstance(node, ast.AsyncFunctionDef):
            function.kind = "async"
        elif scope.is_generator:
            function.kind = "generator"
        return self._decorated(node, function)

    def _decorated(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, value: Value) -> Value:
        held: list[Value] = [value]
        for decorator in reversed(node.decorator_list):
            self.visit(decorator)
            called = self._value(decorator)
            if called is not None:
                self.out.append(Call(called, self._at(decorator), ((0, value),)))
                held.append(Result(called))
        return held[0] if len(held) == 1 else All(tuple(held))

    def _function_scope(
        self, args: ast.arguments, body: _Body, owner: Class | None = None, node: ast.AST | None = None
    ) -> _Scope:
        own = scope_names(body)
        names = {arg.arg for arg in all_arguments(args)} | own.bound
        scope = _Scope("function", names - own.free - own.outer, set(own.free), is_generator=own.is_generator)
        if owner is not None:
            first = [*args.posonlyargs, *args.args][:1]
            if first and not _is_static(node):
                scope.values[first[0].arg] = owner if _is_classmethod(node) else Instance(owner)
        return scope

    def _read_body(self, function: Function, args: ast.arguments, body: _Body, scope: _Scope) -> None:
        self.scopes.append(scope)
        function.events = self._part(body)
        self.scopes.pop()
        function.parameters = tuple(arg.arg for arg in [*args.posonlyargs, *args.args])
        function.returns = tuple(scope.returns)
        function.calls = frozenset(scope.called) & {arg.arg for arg in all_arguments(args)}

    def visit_Lambda(self, node: ast.Lambda) -> None:
        for part in defaults(node.args):
            self.visit(part)

    def _lambda(self, node: ast.Lambda) -> Function:
        function = Function("lambda")
        body = ast.copy_location(ast.Return(node.body), node.body)
        self._read_body(function, node.args, [body], self._function_scope(node.args, [body]))
        return function

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        for base in [*node.bases, *(keyword.value for keyword in node.keywords)]:
            self.visit(base)
        found = Class(node.name, bases=tuple(held for base in node.bases if (held := self._value(base)) is not None))
        scope = _Scope("class", set(), declared(node.body, ast.Global))
        self.scopes.append(scope)
        for child in node.body:
            if isinstance(child, FUNCTIONS):
                value = self._definition(child, found)
                found.methods[child.name] = value
                scope.names.add(child.name)
            else:
                self.visit(child)
        self.scopes.pop()
        found.methods |= {name: value for name, value in scope.values.items() if name not in found.methods}
        for base in node.bases:
            held = self._value(base)
            if held is not None:
                self.out.append(Call(Member(held, "__init_subclass__"), self._at(node)))
        self._bind(node.name, self._decorated(node, found))

    # ── comprehensions ───────────────────────────────────────────────────────

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.DictComp) -> None:
        first = node.generators[0]
        self.visit(first.iter)
        self._consume(first.iter)
        self._loop(first.iter, [_Inner(node)])

    visit_ListComp = _comprehension  # noqa: N815
    visit_SetComp = _comprehension  # noqa: N815
    visit_DictComp = _comprehension  # noqa: N815

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> None:
        """Its first iterable is looked at now, the rest when it is consumed."""
        self.visit(node.generators[0].iter)

    def _generator(self, node: ast.GeneratorExp) -> Function:
        return Function("generator", events=self._part([_Inner(node)]), kind="generator")

    def visit__Inner(self, inner: _Inner) -> None:
        """What runs for each element."""
        node = inner.comprehension
        targets = {part.id for one in node.generators for part in walk(one.target) if isinstance(part, ast.Name)}
        self.scopes.append(_Scope("comprehension", targets))
        for position, one in enumerate(node.generators):
            if position:
                self.visit(one.iter)
                self._consume(one.iter)
            for test in one.ifs:
                self.visit(test)
        for part in [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]:
            self.visit(part)
        self.scopes.pop()

    # ── calls ────────────────────────────────────────────────────────────────

    def visit_Attribute(self, node: ast.Attribute) -> None:
        self.visit(node.value)
        if node.attr in ("f_globals", "f_locals", "user_ns", "user_global_ns"):
            self.out.append(Anything())
        held = self._value(node.value) if isinstance(node.value, ast.Name | ast.Call) else None
        if held is not None and isinstance(node.ctx, ast.Load):
            self.out.append(Get(held, node.attr, self._at(node)))

    def visit_Call(self, node: ast.Call) -> None:
        self.visit(node.func)
        for argument in node.args:
            self.visit(argument)
        for keyword in node.keywords:
            self.visit(keyword.value)
        given = self._given(node)
        self._pass_arguments(node, given)
        self._note_called(node.func)
        called = self._value(node.func)
        if called is not None:
            named = tuple((place, held) for place, held in given if place is not None)
            self.out.append(Call(called, self._at(node), named))
        self._effects(node)

    def _given(self, node: ast.Call) -> list[tuple[int | str | None, Value]]:
        """(position or keyword, value) of the arguments that may be callable; None where `**` hides the keyword."""
        places = [*enumerate(node.args), *((keyword.arg, keyword.value) for keyword in node.keywords)]
        return [(place, held) for place, argument in places if (held := self._value(argument)) is not None]

    def _note_called(self, func: ast.expr) -> None:
        scope = self._scope_of(func.id) if isinstance(func, ast.Name) else None
        if scope is not None and isinstance(func, ast.Name):
            scope.called.add(func.id)

    def _pass_arguments(self, node: ast.Call, given: Iterable[tuple[int | str | None, Value]]) -> None:
        func = node.func
        if getattr(func, "id", getattr(func, "attr", "")) in _KEEPING:
            return
        immediate = isinstance(func, ast.Attribute) and func.attr in _IMMEDIATE_METHODS
        immediate |= isinstance(func, ast.Name) and func.id in _IMMEDIATE_FUNCTIONS
        self.out += [Pass(held, self._at(node), immediate) for _, held in given]

    def _effects(self, node: ast.Call) -> None:
        """Calls that reach into the namespace by themselves."""
        found = magics.call_of(node)
        if found is not None:
            self._magic(node, *found)
            return
        effect = injected(node)
        if effect is None:
            return
        if isinstance(effect, str):
            self.emit([Bind(effect) if effect else Anything()])
        elif isinstance(effect, list):
            self._at_top(node, effect)
        else:
            self.emit(Bind(name) for name in effect)

    def _magic(self, node: ast.Call, name: str, line: str, body: str | None) -> None:
        self.emit(magics.line_events(name, line, body))
        if name in magics.PRIVATE:
            host, self.host = self.host, self._at(node)
            self.private(magics.statements_in(line))
            self.host = host
        elif name in magics.RUNNERS:
            self._at_top(node, magics.statements_in(line))

    def _at_top(self, node: ast.AST, body: list[ast.stmt]) -> None:
        """Code that runs in the notebook's namespace, whatever scope it is started from."""
        host, self.host = self.host, self._at(node)
        scopes, self.scopes = self.scopes, [] if magics.call_of(node) else self.scopes
        self.block(body)
        self.host, self.scopes = host, scopes


_VALUES: dict[type[ast.AST], Callable[[Reader, Any], Value | None]] = {
    ast.Name: Reader._value_of_name,
    ast.Lambda: Reader._value_of_lambda,
    ast.GeneratorExp: Reader._value_of_generator,
    ast.Attribute: Reader._value_of_attribute,
    ast.Call: Reader._value_of_call,
    ast.Await: Reader._value_inside,
    ast.NamedExpr: Reader._value_inside,
    ast.IfExp: Reader._value_of_choice,
}
_METHODS: dict[type[ast.AST], Callable[[Reader, Any], None]] = {}


class _Inner(ast.AST):
    """The part of a comprehension that runs for each element."""

    def __init__(self, comprehension: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp) -> None:
        super().__init__()
        self.comprehension = comprehension


def _takes_name_errors(node: ast.expr | None) -> bool:
    if node is None:
        return True
    names = {part.id for part in walk(node) if isinstance(part, ast.Name)}
    names |= {part.attr for part in walk(node) if isinstance(part, ast.Attribute)}
    return bool(names & _NAME_ERRORS)


def _guards(node: ast.expr) -> bool:
    """`suppress(NameError)`, `pytest.raises(Exception)`."""
    return isinstance(node, ast.Call) and any(
        _takes_name_errors(argument) for argument in node.args if isinstance(argument, ast.Name | ast.Tuple)
    )


def _is_named_test(node: ast.expr) -> bool:
    return isinstance(node, ast.Name | ast.Compare | ast.UnaryOp)


def _once(test: ast.expr) -> ast.expr:
    """A loop over what is not known to be empty is taken to run."""
    if isinstance(test, ast.Constant | ast.List | ast.Tuple | ast.Dict):
        return test
    return ast.copy_location(ast.UnaryOp(ast.Not(), ast.UnaryOp(ast.Not(), test)), test)


def _is_property(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(
        (isinstance(one, ast.Name) and one.id in ("property", "cached_property"))
        or (isinstance(one, ast.Attribute) and one.attr == "cached_property")
        for one in node.decorator_list
    )


def _is_context_manager(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(getattr(one, "id", getattr(one, "attr", "")) == "contextmanager" for one in node.decorator_list)


def _decorators(node: ast.AST | None) -> set[str]:
    return {one.id for one in getattr(node, "decorator_list", []) if isinstance(one, ast.Name)}


def _is_static(node: ast.AST | None) -> bool:
    return "staticmethod" in _decorators(node)


def _is_classmethod(node: ast.AST | None) -> bool:
    return "classmethod" in _decorators(node)
