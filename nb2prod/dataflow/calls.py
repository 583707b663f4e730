"""What a call does: to its receiver, its arguments, files, ambient state and names that it reads from text."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable

from nb2prod.dataflow import magics
from nb2prod.dataflow.accesses import Accesses
from nb2prod.dataflow.facts import Callable, FileAccess
from nb2prod.dataflow.figures import Touched, touched_by_function, touched_by_method
from nb2prod.dataflow.knowledge import tables
from nb2prod.dataflow.paths import dotted, fold
from nb2prod.dataflow.sharing import root_of

_DYNAMIC = {"eval", "exec", "globals", "locals", "vars", "dir"}
_SHELL_RUNS = {"run_cell", "run_cell_async", "ex", "ev", "push", "safe_execfile", "reset", "del_var", "drop_by_id"}
_AT_NAME = re.compile(r"@([A-Za-z_]\w*)")
_IDENTIFIER = re.compile(r"(?<![\w.])[A-Za-z_]\w*")
_FILE_KEYWORDS = ("path", "path_or_buf", "filepath_or_buffer", "file", "fname", "io", "filename")


class Calls(Accesses, ast.NodeVisitor):
    """Effects of calls, from the tables and from what is known of the notebook's own functions."""

    def visit_Call(self, node: ast.Call) -> None:
        self.visit(node.func)
        self._visit_all([*node.args, *(keyword.value for keyword in node.keywords)])
        name = dotted(node.func, self.env)
        if name is not None:
            self._library_call(name, node)
        elif isinstance(node.func, ast.Attribute):
            self._method_call(node.func, node)
        elif isinstance(node.func, ast.Name):
            self._named_call(node.func.id, node)
        else:
            self._mutate_expression([node.func], certain=False)
            self._mutate_arguments(node)
            self._result_call(node)
        self._keyword_effects(node)
        self._given_methods(node)
        if self._passes_mutator(node):
            self._mutate_arguments(node)
            self._mutate_expression([node.func], certain=False)

    def _result_call(self, node: ast.Call) -> None:
        """`functools.wraps(f)(g)` changes g."""
        maker = dotted(node.func.func, self.env) if isinstance(node.func, ast.Call) else None
        for position in tables().mutates.get(f"{maker}()", ()):
            self._mutate_expression(node.args[position : position + 1], certain=True)

    def _keyword_effects(self, node: ast.Call) -> None:
        """`out=`, `output=` receive the result, `ax=` is drawn on, `copy=False`, `overwrite_a=True` overwrite data."""
        for keyword in node.keywords:
            if keyword.arg in ("out", "output", "ax", "axes"):
                self._mutate_expression([keyword.value], certain=False)
            elif _overwrites(keyword) and not (dotted(node.func, self.env) or "pandas.").startswith("pandas."):
                self._mutate_arguments(node)
                self.env.overwrites = True  # `StandardScaler(copy=False)`: what it is given later is overwritten

    def _given_methods(self, node: ast.Call) -> None:
        """`map(x.append, …)`: a method that changes its object is handed on, to be called."""
        for one in [*node.args, *(keyword.value for keyword in node.keywords)]:
            if isinstance(one, ast.Attribute) and (one.attr in tables().mutating_methods or self._is_own(one.value)):
                self._mutate_expression([one.value], certain=False)

    def _passes_mutator(self, node: ast.Call) -> bool:
        """Whether a function that changes its arguments is handed on, to be called with we do not know what."""
        given = [*node.args, *(keyword.value for keyword in node.keywords)]
        names = [one.id for one in given if isinstance(one, ast.Name)]
        known = [self.env.callables[name] for name in names if name in self.env.callables]
        known += [self._lambda(one) for one in given if isinstance(one, ast.Lambda)]
        return any(one.argument_mutations for one in known)

    def _lambda(self, node: ast.Lambda) -> Callable:
        raise NotImplementedError

    def _generator(self, node: ast.GeneratorExp) -> Callable:
        raise NotImplementedError

    def _code_in(self, value: ast.expr) -> Callable | None:
        raise NotImplementedError

    # ── libraries ────────────────────────────────────────────────────────────

    def _library_call(self, name: str, node: ast.Call) -> None:
        known = tables()
        rng = known.rng_of(name)
        if rng and not (name in known.draws and _is_seeded(node)):
            self._random_call(rng, name, node)
        setting = known.setting_of(name)
        if setting:
            self.ambient.add(setting)
        elif name in known.text_readers:
            self._read_text_names(node)
        elif isinstance(node.func, ast.Attribute):
            self._library_object(name, node.func.attr)
        asks_object = name in ("builtins.vars", "builtins.dir") and node.args
        if name.removeprefix("builtins.") in _DYNAMIC and not asks_object:
            self.dynamic[name.removeprefix("builtins.")] = None
        if name in known.reaching:
            self.dynamic["globals"] = None
        self._library_files(name, node)
        if self.env.keeps_figures:
            self._figures(touched_by_function(name, node))
        if name.rpartition(".")[2] in ("setattr", "delattr", "__setattr__", "__delattr__") and node.args:
            self._mutate_expression(node.args[:1], certain=True)
            place = dotted(node.args[0], self.env)
            if place is not None:
                self.dynamic[f"{place} is replaced"] = None
        for position in known.mutates.get(name, ()):
            self._mutate_expression(node.args[position : position + 1], certain=True)
        if not known.is_pure(name) and name not in known.mutates:
            self._mutate_arguments(node)

    def _library_object(self, name: str, method: str) -> None:
        """`os.environ.pop(…)` is a setting; `config.SETTINGS.update(…)` changes a library for all that follows."""
        known, receiver = tables(), name.rpartition(".")[0]
        setting = known.setting_target(receiver)
        if setting and method in known.mutating_methods:
            self.ambient.add(setting)
        elif method in known.container_methods and not known.is_pure(name):
            last = receiver.rpartition(".")[2]
            if last.isupper() or ("." in receiver and method in known.list_methods):
                self.dynamic[f"{receiver} is replaced"] = None

    def _random_call(self, rng: str, name: str, node: ast.Call) -> None:
        """Seeding starts the sequence anew, whatever it was; any other call goes on with it."""
        if name.endswith(("seed", "set_state", "setstate", "set_rng_state")) and (node.args or node.keywords):
            self._bind(rng)
        else:
            self._read(rng)
            self.mutated.add(rng)

    def _figures(self, touched: Touched) -> None:
        for symbol in touched.needs:
            self._read(symbol)
        for symbol in touched.makes:
            self._bind(symbol)
        self.mutated.update(touched.changes)

    def _library_files(self, name: str, node: ast.Call) -> None:
        known = tables()
        if name in ("builtins.open", "io.open"):
            self._file(node, 0, open_mode(node))
        elif name in known.readers:
            self._file(node, known.readers[name], "read")
        elif name in known.probes:
            self._file(node, known.probes[name], "probe")
        elif name in known.writers:
            self._file(node, known.writers[name], "write")

    # ── methods ──────────────────────────────────────────────────────────────

    def _method_call(self, func: ast.Attribute, node: ast.Call) -> None:
        known, method = tables(), func.attr
        if method in known.writer_methods:
            self._file(node, known.writer_methods[method], "write")
        if method in known.path_methods or method == "open":
            self._path_method(func, node, method)
        if method in ("query", "eval"):
            self._read_query(node)
        if method in known.drawing_methods and not _is_seeded(node):
            self._random_call("$rng:numpy", method, node)
        if self.env.keeps_figures:
            self._figures(touched_by_method(func, node))
        if isinstance(func.value, ast.Call) and dotted(func.value.func, self.env) == "builtins.get_ipython":
            self._ipython_call(method, node)
            return
        self._change_receiver(func, node)
        if (
            method not in known.pure_methods | known.mutating_methods
            or method == "shuffle"
            or self._is_own(func.value)
            or self.env.overwrites
        ):
            self._mutate_arguments(node)

    def _change_receiver(self, func: ast.Attribute, node: ast.Call) -> None:
        known, method = tables(), func.attr
        inplace = any(keyword.arg == "inplace" and not _is_false(keyword.value) for keyword in node.keywords)
        mutating = inplace or method in known.mutating_methods
        root = root_of(func.value)
        if root is not None and mutating:
            self._mutate(root, certain=True)
        elif mutating or method not in known.pure_methods or self._is_own(func.value):
            self._mutate_expression([func.value], certain=False)
        # A model does not keep what it was fitted on, a generator not what it drew from.
        keeps = method in known.container_methods or method not in known.mutating_methods | known.pure_methods
        if root is not None and keeps:
            for argument in [*node.args, *(keyword.value for keyword in node.keywords)]:
                self._hold(root, argument)

    def _is_own(self, receiver: ast.expr) -> bool:
        """Whether the receiver may be of a class of the notebook: then a method's name says nothing."""
        root = root_of(receiver, through_calls=True)
        return root is not None and root in self.env.callables

    def _hold(self, root: str, value: ast.expr) -> None:
        """The root's object keeps the value from now on: what it shares, and the code that it carries."""
        self.env.link(root, self._shared(value))
        self._hold_code(root, value)

    def _hold_code(self, root: str, value: ast.expr) -> None:
        carried = self._code_in(value)
        if carried is not None and self.env.full_name(root) is None:
            known = self.env.callables.get(root)
            self.env.callables[root] = known.union(carried) if known else carried

    # ── the notebook's own functions ─────────────────────────────────────────

    def _named_call(self, name: str, node: ast.Call) -> None:
        if name not in self.env.callables:
            # What a function calls may be defined below it: a mention of the function tells then.
            if not self.is_function or name in self.env.bound or name in self.local:
                self._mutate(name, certain=False)
            self._mutate_arguments(node)
            return
        known = self.env.callables[name]
        if self.env.keeps_state(name):
            self._mutate(name, certain=False)
        given = _given(known, node)
        for argument, certain in known.argument_mutations:
            if given is not None and argument in given:
                self._mutate_expression([given[argument]], certain)
            else:
                self._mutate_arguments(node)

    def _mutate_arguments(self, node: ast.Call) -> None:
        self._mutate_expression([*node.args, *(keyword.value for keyword in node.keywords)], certain=False)

    def _mutate_expression(self, expressions: Iterable[ast.expr], certain: bool) -> None:
        for expression in expressions:
            root, place = root_of(expression), dotted(expression, self.env)
            if place is not None and certain:
                self.dynamic[f"{place} is replaced"] = None
            if root is not None:
                self._mutate(root, certain)
            else:
                for name in self._shared(expression):
                    self._mutate(name, certain=False)

    # ── files ────────────────────────────────────────────────────────────────

    def _file(self, node: ast.Call, position: int, mode: str) -> None:
        argument = node.args[position] if len(node.args) > position else None
        for keyword in node.keywords:
            if keyword.arg in _FILE_KEYWORDS:
                argument = keyword.value
        path = fold(argument, self.env) if argument is not None else None
        if path is not None:
            self.files[FileAccess(path, mode)] = None

    def _path_method(self, func: ast.Attribute, node: ast.Call, method: str) -> None:
        path = fold(func.value, self.env)
        if path is None:
            return
        mode = open_mode(node, 0) if method == "open" else tables().path_methods[method]
        self.files[FileAccess(path, mode)] = None

    # ── names in text ────────────────────────────────────────────────────────

    def _read_query(self, node: ast.Call) -> None:
        """`@name` in a query; where the query is not known, it may name anything."""
        given = [*node.args[:1], *(keyword.value for keyword in node.keywords if keyword.arg == "expr")]
        for argument in given:
            text = self._text_of(argument)
            if text is None and not isinstance(argument, ast.JoinedStr):
                self.dynamic["eval"] = None
            for name in _AT_NAME.findall(text if text is not None else ast.unparse(argument)):
                self._read(name)

    def _read_text_names(self, node: ast.Call) -> None:
        """Text that names variables, as SQL over frames and formulas of statistics do."""
        for argument in [*node.args, *(keyword.value for keyword in node.keywords)]:
            text = self._text_of(argument)
            if text is None and not isinstance(argument, ast.JoinedStr):
                continue
            for name in _IDENTIFIER.findall(text if text is not None else ast.unparse(argument)):
                if self.is_function or name in self.env.bound:
                    self._read(name)
        if node.args and isinstance(node.args[0], ast.Name) and self._text_of(node.args[0]) is None:
            self.dynamic["eval"] = None

    def _text_of(self, node: ast.expr) -> str | None:
        parts = fold(node, self.env)
        return "".join(text for text, _ in parts.pieces) if parts and not parts.parameters else None

    # ── IPython ──────────────────────────────────────────────────────────────

    def _ipython_call(self, method: str, node: ast.Call) -> None:
        texts = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
        if method == "run_line_magic" and texts:
            self._line_magic(texts[0], texts[1] if len(texts) > 1 else "")
        elif method == "run_cell_magic" and len(texts) == 3:
            self._cell_magic(*texts)
        else:
            # `run_cell`, `ex`, `push`: code and names that may be anything
            self.dynamic["exec" if method in _SHELL_RUNS else f"get_ipython().{method}"] = None
        for name in magics.interpolated(" ".join(texts)):
            self._read(name)

    def _line_magic(self, name: str, line: str) -> None:
        if name in magics.RUNNERS:
            statements, mentioned = magics.runner_body(line)
            self._run_inside(statements, private=name in magics.PRIVATE_SCOPE)
            for one in mentioned:
                self._read(one)
        elif name in tables().setting_magics:
            self.ambient.add(tables().magic_ambient.get(name, f"$magic:{name}"))
        elif name == "store" and "-r" in line:
            self.may_bound |= magics.shown(line) - {"r"}
            self.dynamic["%store"] = None
        elif name in ("pinfo", "pinfo2"):
            for one in magics.shown(line):
                self._read(one)
        else:
            self.dynamic[f"%{name}"] = None

    def _run_inside(self, statements: Iterable[ast.stmt], *, private: bool) -> None:
        bound, may_bound = set(self.bound), set(self.may_bound)
        self._visit_all(statements)
        if private:
            self.bound, self.may_bound = bound, may_bound

    def _cell_magic(self, name: str, line: str, body: str) -> None:
        raise NotImplementedError


def _given(known: Callable, node: ast.Call) -> dict[str, ast.expr] | None:
    """Which argument gets what; None where a star hides it."""
    if any(isinstance(one, ast.Starred) for one in node.args) or any(one.arg is None for one in node.keywords):
        return None
    if len(node.args) > len(known.arguments):
        return None
    given = dict(zip(known.arguments, node.args, strict=False))
    given.update({keyword.arg: keyword.value for keyword in node.keywords if keyword.arg})
    return given


def open_mode(node: ast.Call, position: int = 1) -> str:
    """ "read" or "write": what `open` is asked for."""
    mode = node.args[position] if len(node.args) > position else None
    mode = next((keyword.value for keyword in node.keywords if keyword.arg == "mode"), mode)
    text = mode.value if isinstance(mode, ast.Constant) and isinstance(mode.value, str) else "r"
    return "write" if set(text) & set("wax+") else "read"


def _is_seeded(node: ast.Call) -> bool:
    named = [one.value for one in node.keywords if one.arg in ("random_state", "seed")]
    return any(not (isinstance(value, ast.Constant) and value.value is None) for value in named)


def _overwrites(keyword: ast.keyword) -> bool:
    if keyword.arg in ("copy", "copy_X", "copy_x"):
        return not (isinstance(keyword.value, ast.Constant) and keyword.value.value in (True, None))
    return (keyword.arg or "").startswith("overwrite_") and not _is_false(keyword.value)


def _is_false(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is False
