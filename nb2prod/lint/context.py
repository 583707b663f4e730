"""What the rules share about one notebook, made once and when it is first asked for."""

from __future__ import annotations

import ast
from collections.abc import Callable, Container, Hashable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TypeVar

from nb2prod.dataflow.collect import collect_cell
from nb2prod.dataflow.environment import Environment
from nb2prod.dataflow.facts import CellFacts
from nb2prod.dataflow.magics import RUNNERS, runner_body
from nb2prod.dataflow.restart.events import Events
from nb2prod.dataflow.restart.reader import events_of
from nb2prod.dataflow.scopes import FUNCTIONS
from nb2prod.diagnostics import Fix, Span
from nb2prod.lint.rule import Finding
from nb2prod.lint.surroundings import Nowhere, Surroundings
from nb2prod.lint.texts import Finds, ShownCell
from nb2prod.notebook.model import Cell, Notebook
from nb2prod.notebook.parse import Parsed, parse
from nb2prod.notebook.positions import Positions
from nb2prod.notebook.trees import LEAVES, children

Node = TypeVar("Node", bound=ast.AST)
Kept = TypeVar("Kept")
# Of so many texts of cells the trees are kept.
_MOST_TEXTS = 1024
Scope = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef


class Code:
    """One Python text: its trees, and what lies where in them. Notebooks whose cells have the same text share it.

    `body`: the top-level statements. `names`: every name in document order, with the top-level statement that it
    stands in.
    """

    def __init__(self, source: str) -> None:
        self.source = source
        self.parsed: Parsed = parse(source)
        self.body: list[ast.stmt] = [statement.node for statement in self.parsed.statements]
        self.names: list[tuple[ast.Name, ast.stmt]] = []
        self.parents: dict[ast.AST, ast.AST] = {}
        self.hosts: dict[ast.AST, ast.AST] = {}
        self.shapes: dict[ast.AST, str] = {}
        self.kinds: dict[type[ast.AST], list[ast.AST]] = {}
        self._read_trees()

    @cached_property
    def read(self) -> tuple[Events, frozenset[str]]:
        """The events of names, and what they bind."""
        return events_of(self.parsed)

    @cached_property
    def positions(self) -> Positions:
        """From nodes to places in the user's text."""
        return Positions(self.source, self.parsed)

    def _read_trees(self) -> None:
        parents, hosts, names, found = self.parents, self.hosts, self.names, self.kinds
        tops: set[ast.AST] = set(self.body)
        top: ast.AST = self.body[0] if self.body else ast.Pass()
        pending: list[ast.AST] = list(reversed(self.body))
        magic = self.parsed.magic
        if magic is not None and magic.name in RUNNERS and self.body:
            pending += self._hosted(magic.line, self.body[0])
        while pending:
            node = pending.pop()
            kind = type(node)
            if kind in found:
                found[kind].append(node)
            else:
                found[kind] = [node]
            if kind in LEAVES:
                if kind is ast.Name:
                    names.append((node, top))  # type: ignore[arg-type]
                continue
            if node in tops:
                top = node
            below = children(node)
            if kind is ast.Call and (line := _runner_line(node)):  # type: ignore[arg-type]
                below += self._hosted(line, node)
            for child in below:
                parents[child] = node
            if hosts and node in hosts:
                hosts.update(dict.fromkeys(below, hosts[node]))
            below.reverse()
            pending += below

    def _hosted(self, line: str, host: ast.AST) -> list[ast.AST]:
        """The statements of a magic's line, which have no place of their own."""
        statements: list[ast.AST] = list(runner_body(line)[0]) if line else []
        self.hosts.update(dict.fromkeys(statements, host))
        return statements


@lru_cache(maxsize=_MOST_TEXTS)
def code_of(source: str) -> Code:
    """The code of a cell's text, read once for all cells that have it."""
    return Code(source)


class CodeView:
    """One Python cell as rules see it. It depends on the cell alone, so that an editor's session keeps it.

    `body`: the top-level statements.
    """

    def __init__(self, cell: Cell) -> None:
        self.cell = cell
        self.code = code = code_of(cell.source)
        self.parsed = code.parsed
        self.body = code.body
        self.names = code.names
        self._kinds = code.kinds

    @property
    def index(self) -> int:
        """The cell's position among all cells, from 0."""
        return self.cell.index

    @property
    def events(self) -> Events:
        """What the cell does to names, for the replay of a restart."""
        return self.code.read[0]

    @property
    def binds(self) -> frozenset[str]:
        """Every global name that the cell may bind, in its functions too."""
        return self.code.read[1]

    @property
    def positions(self) -> Positions:
        """From nodes to places in the user's text."""
        return self.code.positions

    def span(self, node: ast.AST) -> Span:
        """Where the node stands in the user's text; for code inside a `%time` line, the line."""
        return self.code.positions.span(self.code.hosts.get(node, node))

    def nodes(self, kind: type[Node]) -> list[Node]:
        """All nodes of a class, in document order, with the code that `%time` and its like run."""
        return self._kinds.get(kind, [])  # type: ignore[return-value]

    @cached_property
    def occurrences(self) -> dict[str, list[Occurrence]]:
        """Name → where it stands, in document order."""
        found: dict[str, list[Occurrence]] = {}
        for node, statement in self.names:
            found.setdefault(node.id, []).append(Occurrence(self, node, statement))
        return found

    def shape(self, node: ast.AST) -> str:
        """The node's code without its layout, for comparison."""
        shapes = self.code.shapes
        if node not in shapes:
            shapes[node] = ast.dump(node)
        return shapes[node]

    def parent(self, node: ast.AST) -> ast.AST | None:
        """The node around it; None at the top."""
        return self.code.parents.get(node)

    def ancestors(self, node: ast.AST) -> Iterator[ast.AST]:
        """What is around it, innermost first."""
        parent = self.parent(node)
        while parent is not None:
            yield parent
            parent = self.parent(parent)

    def scope(self, node: ast.AST) -> Scope | None:
        """The function, lambda or class whose body it stands in; None at the top level."""
        kinds = (*FUNCTIONS, ast.Lambda, ast.ClassDef)
        return next((one for one in self.ancestors(node) if isinstance(one, kinds)), None)

    def statement(self, node: ast.AST) -> ast.stmt | None:
        """The innermost statement that holds the node, itself included."""
        around = (one for one in (node, *self.ancestors(node)) if isinstance(one, ast.stmt))
        return next(around, None)


def _runner_line(node: ast.Call) -> str:
    """The code in `get_ipython().run_line_magic("time", CODE)`; empty for any other call."""
    if getattr(node.func, "attr", "") != "run_line_magic":
        return ""
    match node:
        case ast.Call(
            func=ast.Attribute(attr="run_line_magic"),
            args=[ast.Constant(value=str(name)), ast.Constant(value=str(line))],
        ) if name in RUNNERS:
            return line
    return ""


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A name in the code, and the top-level statement that it stands in."""

    view: CodeView
    node: ast.Name
    statement: ast.stmt

    @property
    def place(self) -> tuple[int, int, int]:
        """What orders the top-level statements of a notebook."""
        return self.view.index, self.statement.lineno, self.statement.col_offset


_NOTHING = object()
_Call = tuple[CodeView, ast.Call, str | None]


class Context:
    """One notebook. Everything is computed lazily; `keep` holds what several rules of a family compute together.

    `finds`: what was found in texts of this notebook or another. `lasting`: whether it will be the `before` of another.
    """

    def __init__(
        self,
        notebook: Notebook,
        surroundings: Surroundings | None = None,
        before: Context | None = None,
        *,
        finds: Finds | None = None,
        lasting: bool = False,
    ) -> None:
        self.notebook = notebook
        self.finds: Finds = (before.finds if before is not None else finds) or Finds()
        self.lasting = lasting or before is not None
        self.surroundings: Surroundings = surroundings or Nowhere()
        self._kept: dict[object, object] = {}
        self._facts: dict[int, CellFacts] = {}
        self._views = before._by_source if before is not None else {}
        self._earlier: dict[Hashable, object] = before._memory if before is not None else {}
        self._memory: dict[Hashable, object] = {}
        self._earlier_views = before.views if before is not None else None
        self._earlier_aliases = before._aliases if before is not None else frozenset()

    @property
    def is_python(self) -> bool:
        """Whether rules about Python code have anything to say."""
        return self.notebook.language == "python"

    @cached_property
    def views(self) -> tuple[CodeView, ...]:
        """The code cells that hold something, in document order; none in another language's notebook."""
        return tuple(self._view(cell) for cell in self.notebook.code_cells) if self.is_python else ()

    def _view(self, cell: Cell) -> CodeView:
        known = self._views.get((cell.index, cell.source))
        if known is None:
            return CodeView(cell)
        known.cell = cell
        return known

    @property
    def _by_source(self) -> dict[tuple[int, str], CodeView]:
        return {(view.index, view.cell.source): view for view in self.views}

    @cached_property
    def _facts_from_top(self) -> Iterator[tuple[int, CellFacts]]:
        environment = Environment()
        return ((view.index, collect_cell(view.cell, environment)) for view in self.views)

    def facts(self, view: CodeView) -> CellFacts:
        """What the cell defines, uses, mutates: the converter's own facts. The cells below it are not read for that."""
        while view.index not in self._facts:
            index, facts = next(self._facts_from_top)
            self._facts[index] = facts
        return self._facts[view.index]

    @cached_property
    def imports(self) -> dict[str, str]:
        """Alias → dotted name, of every import anywhere in the notebook; the last one counts."""
        found: dict[str, str] = {}
        for view in self.views:
            for node in view.nodes(ast.Import):
                for alias in node.names:
                    full = alias.name if alias.asname else alias.name.partition(".")[0]
                    found[alias.asname or full] = full
            for one in view.nodes(ast.ImportFrom):
                for alias in one.names:
                    found[alias.asname or alias.name] = f"{'.' * one.level}{one.module or ''}.{alias.name}"
        return found

    @cached_property
    def occurrences(self) -> dict[str, list[Occurrence]]:
        """Name → where it stands, in document order, in functions too."""
        found: dict[str, list[Occurrence]] = {}
        for view in self.views:
            for name, own in view.occurrences.items():
                found.setdefault(name, []).extend(own)
        return found

    def uses(self, name: str) -> list[Occurrence]:
        """Where the name is read."""
        return [one for one in self.occurrences.get(name, ()) if isinstance(one.node.ctx, ast.Load)]

    def resolve(self, node: ast.AST) -> str | None:
        """`pd.read_csv` → `pandas.read_csv`; None where the root is no import of this notebook."""
        root = node
        while isinstance(root, ast.Attribute):
            root = root.value
        if not isinstance(root, ast.Name) or root.id not in self.imports:
            return None
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        return ".".join([self.imports[root.id], *reversed(parts)])

    @cached_property
    def _aliases(self) -> frozenset[tuple[str, str]]:
        """The imports as part of a key: the very object of before where they are the same, which compares fast."""
        now = frozenset(self.imports.items())
        return self._earlier_aliases if now == self._earlier_aliases else now

    def each(self, key: Hashable, find: Callable[[CodeView], Iterable[Kept]]) -> Iterator[Kept]:
        """What `find` gives for each cell, in document order; cells that stayed are not looked at again.

        It may depend on the cell's source and on the notebook's imports, and on nothing else.
        """
        for view in self.views:
            yield from self._found(key, view, find) if self.lasting else find(view)

    def _found(self, key: Hashable, view: CodeView, find: Callable[[CodeView], Iterable[Kept]]) -> Iterable[Kept]:
        return self.remember((key, view, self._aliases), lambda: tuple(find(view)))

    @cached_property
    def calls(self) -> tuple[_Call, ...]:
        """Every call in document order, with the dotted name of what is called where an import tells."""
        return tuple(one for found in self._calls.values() for one in found)

    @cached_property
    def _calls(self) -> dict[CodeView, list[_Call]]:
        return {view: list(self._found("calls", view, self._calls_of)) for view in self.views}

    def _calls_of(self, view: CodeView) -> list[_Call]:
        return [(view, node, self.resolve(node.func)) for node in view.nodes(ast.Call)]

    def calls_in(self, view: CodeView) -> list[_Call]:
        """The calls of one cell."""
        return self._calls[view]

    @cached_property
    def shown(self) -> list[ShownCell]:
        """The cells that show text, with it."""
        found = (ShownCell(cell) for cell in self.notebook.cells if cell.outputs)
        return [one for one in found if one.key]

    @cached_property
    def _places_of_calls(self) -> tuple[dict[str, list[int]], dict[str, list[int]]]:
        """Where in `calls` each dotted name, and each method or plain name, is called."""
        names: dict[str, list[int]] = {}
        methods: dict[str, list[int]] = {}
        for place, (_, node, name) in enumerate(self.calls):
            if name is not None:
                names.setdefault(name, []).append(place)
            last = getattr(node.func, "attr", getattr(node.func, "id", None))
            if last is not None:
                methods.setdefault(last, []).append(place)
        return names, methods

    def calls_of(self, *names: Container[str], methods: Iterable[Container[str]] = ()) -> list[_Call]:
        """Calls, in document order, of these dotted names, or of these methods and plain names whoever has them."""
        found: set[int] = set()
        for places, wanted in zip(self._places_of_calls, (names, tuple(methods)), strict=True):
            for name, where in places.items():
                if any(name in some for some in wanted):
                    found.update(where)
        return [self.calls[place] for place in sorted(found)]

    def keep(self, key: object, make: Callable[[], Kept]) -> Kept:
        """What `make` gives, computed once per notebook and key."""
        if key not in self._kept:
            self._kept[key] = make()
        return self._kept[key]  # type: ignore[return-value]

    def remember(self, key: Hashable, make: Callable[[], Kept]) -> Kept:
        """What `make` gives, taken over from the context before. `key` holds all that the value depends on."""
        found = self._memory.get(key, _NOTHING)
        if found is _NOTHING:
            found = self._earlier.get(key, _NOTHING)
            found = self._memory[key] = make() if found is _NOTHING else found
        return found  # type: ignore[return-value]

    def leave(self, key: Hashable, value: object) -> None:
        """Keep this for the context after."""
        self._memory[key] = value

    def from_before(self, key: Hashable, kind: type[Kept]) -> Kept | None:
        """What the context before left, of this kind."""
        found = self._earlier.get(key)
        return found if isinstance(found, kind) else None

    @cached_property
    def first_changed(self) -> int | None:
        """From which position in `views` on cells differ from the context before; None where there is none before."""
        if self._earlier_views is None:
            return None
        pairs = zip(self.views, self._earlier_views, strict=False)
        return next((place for place, (now, then) in enumerate(pairs) if now is not then), len(self.views))

    def at(
        self, view: CodeView, node: ast.AST, message: str, *, hint: str = "", fix: Fix | None = None, severity: str = ""
    ) -> Finding:
        """A finding on a node."""
        return Finding(view.index, view.span(node), message, hint, fix, severity)
