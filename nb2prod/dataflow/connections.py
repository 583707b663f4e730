"""Whom a notebook contacts, as far as its text tells: read before anything runs.

Each connection names its cell and its host, never credentials: what stands before an `@` in an address, and what
follows its `?`, is left out. What only running tells (a host that is computed, a library's own servers) has no host.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from nb2prod.dataflow.knowledge import network
from nb2prod.notebook.model import Cell, Notebook
from nb2prod.notebook.parse import parse

_UNKNOWN = "…"
_HOST = re.compile(r"(?:^|[\s;])(?:host|server|hostaddr)\s*=\s*([^\s;]+)", re.IGNORECASE)
_LOOPBACK = re.compile(r"(localhost|127(\.\d+){3}|\[?::1\]?|0\.0\.0\.0)(:[\d…]*)?\Z")


@dataclass(frozen=True, slots=True)
class Connection:
    """A call that contacts somebody. `host`: as the text tells it, else empty. `unseen`: done by a library in C.

    `recorded`: whether what it reads can be kept and replayed, as far as is known.
    """

    cell: int
    call: str
    host: str
    writes: bool = False
    unseen: bool = False
    recorded: bool = True

    @property
    def is_local(self) -> bool:
        """Whether it is a server on this machine, which the notebook may have started itself."""
        return not self.unseen and _LOOPBACK.match(self.host) is not None

    def sentence(self) -> str:
        """What, where and whether it looks like a write."""
        host = self.host or "a host that only running tells"
        return f"`{self.call}` contacts {host}" + (", and looks like a write" if self.writes else "")


def find_connections(notebook: Notebook) -> tuple[Connection, ...]:
    """All connections, each once per cell, in the order of the cells."""
    reader = _Reader()
    found = [one for cell in notebook.code_cells for one in reader.read(cell)]
    return tuple(dict.fromkeys(found))


@dataclass(slots=True)
class _Reader:
    """Goes through the cells; remembers imports, texts, clients and whether a database is in play."""

    modules: dict[str, str] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    clients: set[str] = field(default_factory=set)
    hosts: dict[str, str] = field(default_factory=dict)
    database: str | None = None

    def read(self, cell: Cell) -> Iterator[Connection]:
        """The cell's connections."""
        for statement in parse(cell.source).statements:
            nodes = list(ast.walk(statement.node))
            for node in nodes:
                self._note_import(node)
                if hasattr(statement.node, "body"):  # what a block binds, it uses
                    self._note_binding(node)
            for node in nodes:
                if isinstance(node, ast.Call) and (found := self._call(cell.index, node)):
                    yield found
            for node in nodes:
                self._note_binding(node)

    def _note_import(self, node: ast.AST) -> None:
        if isinstance(node, ast.Import):
            for alias in node.names:
                first = alias.name.partition(".")[0]
                self.modules[alias.asname or first] = alias.name if alias.asname else first
        elif isinstance(node, ast.ImportFrom) and node.module:
            self.modules |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}

    def _note_binding(self, node: ast.AST) -> None:
        match node:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.withitem(context_expr=value, optional_vars=ast.Name(id=name))
            ):
                pass
            case _:
                return
        self.texts.pop(name, None)
        if (text := self._fold(value)) is not None:
            self.texts[name] = text
        elif isinstance(value, ast.Call):
            full = self._name(value.func)
            if _among(full, "clients"):
                self.clients.add(name)
            if host := self._host(value):
                self.hosts[name] = host

    def _call(self, cell: int, node: ast.Call) -> Connection | None:
        full = self._name(node.func)
        last = full.rpartition(".")[2]
        if last in ("system", "getoutput", "run_cell_magic") and "get_ipython" in ast.dump(node.func):
            return self._command(cell, node)
        if full in ("os.system", "os.popen", "subprocess.run", "subprocess.check_output", "subprocess.Popen"):
            return self._command(cell, node)
        writes = self._writes(node, full, last)
        host = self._host(node) or self._receiver_host(node)
        if _among(full, "unseen"):
            self.database = host
            return Connection(cell, full, host, writes, unseen=True, recorded=not _among(full, "unrecorded"))
        if _among(full, "contacts") or self._is_of_client(node, last):
            self.database = host if last in network()["drivers"] else self.database
            return Connection(cell, full, host, writes, recorded=not _among(full, "unrecorded"))
        if last in network()["readers"] and (host := self._address(node)):
            engine = last in network()["drivers"]
            self.database = host if engine else self.database
            return Connection(cell, full, host, writes, unseen=engine)
        return Connection(cell, full, host or self.database or "", writes=True) if writes else None

    def _is_of_client(self, node: ast.Call, last: str) -> bool:
        """A method of `requests.Session()` and its like."""
        match node.func:
            case ast.Attribute(value=ast.Name(id=name)):
                return name in self.clients and last in network()["client_methods"]
            case ast.Attribute(value=ast.Call(func=func)):
                return _among(self._name(func), "clients") and last in network()["client_methods"]
        return False

    def _writes(self, node: ast.Call, full: str, last: str) -> bool:
        if _among(full, "write_calls") or (self._is_of_client(node, last) and last in network()["write_methods"]):
            return True
        if last == "to_sql":
            return self.database is not None
        if last in network()["write_objects"]:
            return bool(self._receiver_host(node)) or any(full.startswith("boto3") for full in self.modules.values())
        if last in network()["statements"] and self.database is not None and node.args:
            return _is_writing(self._statement(node.args[0]))
        return False

    def _statement(self, node: ast.expr) -> str:
        """The text of a statement, through `text("…")` of SQLAlchemy too."""
        if isinstance(node, ast.Call) and node.args:
            if self._name(node.func).rpartition(".")[2] in ("insert", "update", "delete"):
                return self._name(node.func).rpartition(".")[2]
            return self._statement(node.args[0])
        return self._fold(node) or ""

    def _host(self, node: ast.Call) -> str:
        """The host among the call's arguments: an address, a name, `host=…`."""
        keywords = {one.arg: one.value for one in node.keywords}
        for name in ("host", "server", "hostname", "endpoint_url"):
            if name in keywords:
                text = self._fold(keywords[name]) or ""
                return _host_of(text) if "://" in text else text + self._port(keywords.get("port"))
        full = self._name(node.func)
        if full.startswith("boto3."):
            return f"{self._fold(node.args[0]) or 'AWS'} (AWS)" if node.args else "AWS"
        first = node.args[0] if node.args else None
        if isinstance(first, ast.Tuple) and len(first.elts) == 2:
            return (self._fold(first.elts[0]) or "") + self._port(first.elts[1])
        return self._address(node) or (_named_host(self._fold(first) or "") if first is not None else "")

    def _port(self, node: ast.expr | None) -> str:
        if node is None:
            return ""
        return f":{node.value}" if isinstance(node, ast.Constant) and type(node.value) is int else f":{_UNKNOWN}"

    def _address(self, node: ast.Call) -> str:
        for argument in [*node.args, *(keyword.value for keyword in node.keywords)]:
            nested = argument.args[0] if isinstance(argument, ast.Call) and argument.args else argument
            if host := _host_of(self._fold(nested) or ""):
                return host
        return ""

    def _receiver_host(self, node: ast.Call) -> str:
        names = [
            one.id for one in [node.func, *node.args, *(k.value for k in node.keywords)] if isinstance(one, ast.Name)
        ]
        if isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name):
            names.append(node.func.value.id)
        return next((self.hosts[name] for name in names if name in self.hosts), "")

    def _command(self, cell: int, node: ast.Call) -> Connection | None:
        parts = [one for argument in node.args for one in _words_of(argument)]
        text = " ".join(self._fold(part) or _UNKNOWN for part in parts)
        known = next(
            (one for one in network()["commands"] if re.search(rf"(^|[\s;|&(/]){re.escape(one)}(\s|$)", text)), ""
        )
        address = re.search(r"\b[a-z][a-z0-9+.]*://[^\s'\"]+", text)
        return Connection(cell, known, _host_of(address[0]) if address else "", recorded=False) if known else None

    def _name(self, node: ast.expr) -> str:
        """The call's full name where its root is an import, else as it is written."""
        match node:
            case ast.Name(id=name):
                return self.modules.get(name, name)
            case ast.Attribute(value=value, attr=attr):
                return f"{self._name(value)}.{attr}"
            case ast.Call(func=func):
                return f"{self._name(func)}()"
        return _UNKNOWN

    def _fold(self, node: ast.expr) -> str | None:
        """A text with `…` where it is not known; None for what is no text."""
        match node:
            case ast.Constant(value=str(text)):
                return text
            case ast.Name(id=name):
                return self.texts.get(name)
            case ast.JoinedStr(values=values):
                return "".join(self._fold(value) or _UNKNOWN for value in values)
            case ast.FormattedValue(value=value):
                return self._fold(value)
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                sides = self._fold(left), self._fold(right)
                return None if sides == (None, None) else "".join(side or _UNKNOWN for side in sides)
        return None


def _words_of(node: ast.expr) -> list[ast.expr]:
    return node.elts if isinstance(node, ast.List | ast.Tuple) else [node]


def _host_of(address: str) -> str:
    """Host and port of an address of a known scheme, or of a database that is no file; empty for anything else."""
    scheme, mark, _ = address.partition("://")
    known = scheme.lower() in network()["schemes"]
    database = re.fullmatch(r"[a-z][a-z0-9]*(\+\w+)?", scheme) and not scheme.startswith(("sqlite", "file", "duckdb"))
    if not mark or not (known or database):
        return ""
    try:
        place = urlsplit(address).netloc.rpartition("@")[2]
    except ValueError:
        return ""
    return f"{scheme}://{place}" if known and scheme.lower() not in ("http", "https") else place or "this machine"


def _named_host(text: str) -> str:
    """The host in `host=… dbname=…`."""
    found = _HOST.search(text)
    return found.group(1) if found else ""


def _is_writing(statement: str) -> bool:
    first = re.match(r"\s*(?:--[^\n]*\n|/\*.*?\*/|\s)*([A-Za-z]+)", statement, re.DOTALL)
    return first is not None and first.group(1).lower() in network()["write_verbs"]


@lru_cache(maxsize=8)
def _table(key: str) -> tuple[frozenset[str], tuple[str, ...]]:
    names: list[Any] = network()[key]
    return frozenset(names), tuple(name for name in names if name.endswith((".", "_")))


def _among(full: str, key: str) -> bool:
    names, beginnings = _table(key)
    return full in names or full.startswith(beginnings)
