"""Statements to databases as exchanges: through SQLAlchemy, and through a driver's `connect`."""

from __future__ import annotations

import functools
import hashlib
import os
import pickle
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

_WRITING = re.compile(
    r"(?:\s|--[^\n]*\n|/\*.*?\*/)*(insert|update|delete|merge|replace|upsert|drop|create|alter|truncate|grant|copy)\b",
    re.IGNORECASE | re.DOTALL,
)
_DRIVERS = (
    "psycopg",
    "psycopg2",
    "pymysql",
    "pg8000",
    "pg8000.dbapi",
    "MySQLdb",
    "mysql.connector",
    "pyodbc",
    "oracledb",
)
_WORDS = re.compile(r"(\w+)\s*=\s*('[^']*'|[^\s';]+)")


class Databases:
    """Stands between the libraries and the servers. `sources` keeps the exchanges; `tree`: where the notebook runs."""

    def __init__(self, sources: Any, tree: str) -> None:
        self._sources = sources
        self._tree = os.path.realpath(tree) + os.sep

    def install(self, after_import: Callable[[str, Callable[[Any], None]], None]) -> None:
        """Watch the libraries, those that are imported later too."""
        after_import("sqlalchemy.engine.create", self._engines)
        after_import("sqlalchemy.engine.default", self._dialects)
        for name in _DRIVERS:
            after_import(name, self._driver)

    def statement(self, name: str, statement: Any, parameters: Any, fetch: Callable[[], Any]) -> Any:
        """An exchange whose answer is (description, rows, how many, the last id)."""
        text = statement if isinstance(statement, str) else repr(statement)
        return self._sources.exchange(
            name, (name, text, repr(parameters)), bool(_WRITING.match(text)), fetch, _rows_token
        )

    def _engines(self, module: Any) -> None:
        real = module.create_engine

        @functools.wraps(real)
        def create_engine(url: Any, **kwargs: Any) -> Any:
            if self._sources.is_replaying and self._is_source(
                str(getattr(url, "drivername", url)), str(getattr(url, "database", "") or url)
            ):
                kwargs["_initialize"] = False
            return real(url, **kwargs)

        module.create_engine = create_engine

    def _is_source(self, dialect: str, place: str) -> bool:
        """Say whether it is a server, or a file outside of the project; a file inside is a file."""
        if not dialect.startswith("sqlite"):
            return True
        path = place.partition("?")[0].rpartition(":///")[2] if ":///" in place else place
        return path.startswith(os.sep) and not (os.path.realpath(path)).startswith(self._tree)

    def _dialects(self, module: Any) -> None:
        dialect = module.DefaultDialect
        real, real_url = dialect.connect, dialect.on_connect_url

        @functools.wraps(real)
        def connect(this: Any, *cargs: Any, **cparams: Any) -> Any:
            if not self._is_source(this.name, str(cargs[0]) if cargs else ""):
                return real(this, *cargs, **cparams)
            name = _database(this.name, cargs, cparams)
            if self._sources.is_replaying:
                vars(this).update(self._dialect_of(name))
                return _Connection(self, name, None)
            with self._sources.active(), self._sources.unseen():
                return real(this, *cargs, **cparams)

        def on_connect_url(this: Any, url: Any) -> Any:
            return (
                None
                if self._sources.is_replaying and self._is_source(this.name, str(url.database))
                else real_url(this, url)
            )

        dialect.connect, dialect.on_connect_url = connect, on_connect_url
        self._watch_engines(module)

    def _watch_engines(self, module: Any) -> None:
        """Keep all rows when a statement was executed, and let SQLAlchemy read them from what is kept."""
        context_class = module.DefaultExecutionContext
        real = context_class._setup_result_proxy

        def setup_result_proxy(this: Any) -> Any:
            dialect, cursor = this.dialect, this.cursor
            if self._sources.is_replaying or isinstance(cursor, _Cursor):
                return real(this)
            cargs, cparams = dialect.create_connect_args(this.engine.url)
            if not self._is_source(this.dialect.name, str(cargs[0]) if cargs else ""):
                return real(this)
            name = _database(dialect.name, cargs, cparams)
            self._keep_dialect(name, dialect)
            parameters = this.parameters if this.executemany else this.parameters[0]
            answer = self.statement(name, this.statement, parameters, lambda: _answer_of(cursor))
            this.cursor = _Cursor(self, name, cursor, answer)
            return real(this)

        context_class._setup_result_proxy = setup_result_proxy

    def _keep_dialect(self, name: str, dialect: Any) -> None:
        """What SQLAlchemy asked the server when it first connected: its version and its ways."""
        plain = (int, str, bool, float, type(None))
        state = {
            key: value
            for key, value in vars(dialect).items()
            if isinstance(value, plain) or (isinstance(value, tuple) and all(isinstance(one, plain) for one in value))
        }
        with self._sources.unseen():
            self._dialect_file(name).write_bytes(pickle.dumps(state))

    def _dialect_of(self, name: str) -> dict[str, Any]:
        with self._sources.unseen():
            path = self._dialect_file(name)
            return pickle.loads(path.read_bytes()) if path.exists() else {}  # type: ignore[no-any-return]

    def _driver(self, module: Any) -> None:
        real = module.connect

        @functools.wraps(real)
        def connect(*args: Any, **kwargs: Any) -> Any:
            if self._sources.is_active:
                return real(*args, **kwargs)
            name = _database(module.__name__, args, kwargs)
            if self._sources.is_replaying:
                return _Connection(self, name, None)
            with self._sources.active():
                return _Connection(self, name, real(*args, **kwargs))

        module.connect = connect

    def _dialect_file(self, name: str) -> Path:
        return self._sources.folder / f"{hashlib.sha256(name.encode()).hexdigest()[:16]}.dialect"  # type: ignore[no-any-return]


class _Handle:
    """What lives in one process: nobody stores it, or compares more of it than its type."""

    def __reduce_ex__(self, protocol: Any) -> Any:
        raise TypeError("a connection is not stored")


class _Connection(_Handle):
    """A database's connection: the real one's cursors are recorded; without one, they are replayed."""

    def __init__(self, databases: Databases, name: str, real: Any) -> None:
        self._databases, self._name, self._real = databases, name, real

    def cursor(self, *args: Any, **kwargs: Any) -> _Cursor:
        real = self._real.cursor(*args, **kwargs) if self._real is not None else None
        return _Cursor(self._databases, self._name, real)

    def execute(self, statement: Any, parameters: Any = None, **kwargs: Any) -> _Cursor:
        cursor = self.cursor()
        cursor.execute(statement, parameters, **kwargs)
        return cursor

    def __enter__(self) -> _Connection:
        if self._real is not None:
            self._real.__enter__()
        return self

    def __exit__(self, *error: Any) -> Any:
        return self._real.__exit__(*error) if self._real is not None else None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name) if self._real is not None else _Nothing()


class _Nothing:
    """Stands for what a connection that is not there would do: nothing."""

    def __call__(self, *_: Any, **__: Any) -> Any:
        return None

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Nothing()

    def __bool__(self) -> bool:
        return False


class _Cursor(_Handle):
    """A cursor whose rows are all there."""

    arraysize = 1

    def __init__(self, databases: Databases, name: str, real: Any, answer: Any = None) -> None:
        self._databases, self._name, self._real = databases, name, real
        self.description, self.rowcount, self.lastrowid = None, -1, None
        self._rows: Iterator[Any] = iter(())
        if answer is not None:
            self._take(answer)

    def _take(self, answer: Any) -> _Cursor:
        self.description, rows, self.rowcount, self.lastrowid = answer
        self._rows = iter(rows)
        return self

    def execute(self, statement: Any, parameters: Any = None, **kwargs: Any) -> _Cursor:
        return self._run("execute", statement, parameters, kwargs)

    def executemany(self, statement: Any, parameters: Any = (), **kwargs: Any) -> _Cursor:
        return self._run("executemany", statement, list(parameters), kwargs)

    def _run(self, how: str, statement: Any, parameters: Any, kwargs: Any) -> _Cursor:
        def fetch() -> Any:
            given = (statement,) if parameters is None else (statement, parameters)
            getattr(self._real, how)(*given, **kwargs)
            return _answer_of(self._real)

        return self._take(self._databases.statement(self._name, statement, parameters, fetch))

    def fetchone(self) -> Any:
        return next(self._rows, None)

    def fetchmany(self, size: int | None = None) -> list[Any]:
        return [row for _, row in zip(range(size or self.arraysize), self._rows, strict=False)]

    def fetchall(self) -> list[Any]:
        return list(self._rows)

    def __iter__(self) -> Iterator[Any]:
        return self._rows

    def __enter__(self) -> _Cursor:
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    def close(self) -> None:
        if self._real is not None:
            self._real.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name) if self._real is not None else _Nothing()


def _database(kind: str, args: Iterable[Any], given: dict[str, Any]) -> str:
    """Name a database without credentials."""
    words = dict(given)
    for text in (one for one in args if isinstance(one, str)):
        if "://" in text:
            parts = urlsplit(text)
            return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
        words |= {name: value.strip("'") for name, value in _WORDS.findall(text)}
        if "=" not in text:
            words.setdefault("database", text)
    host, port = words.get("host") or words.get("server") or "", words.get("port")
    database = words.get("dbname") or words.get("database") or words.get("db") or ""
    return f"{kind}://{host}{f':{port}' if port else ''}/{database}"


def _answer_of(cursor: Any) -> Any:
    """All that a statement gave, as plain values."""
    described = cursor.description
    rows = [tuple(map(_plain, row)) for row in cursor.fetchall()] if described else []
    description = (
        [(str(one[0]), *(_simple(part) for part in tuple(one)[1:7])) for one in described] if described else None
    )
    return description, rows, cursor.rowcount, _simple(getattr(cursor, "lastrowid", None))


def _plain(value: Any) -> Any:
    return bytes(value) if isinstance(value, memoryview) else value


def _simple(value: Any) -> Any:
    return value if isinstance(value, (int, str, bool, type(None))) else None


def _rows_token(answer: Any) -> str:
    """A hash of the rows, and how many there are."""
    text = repr((answer[0] and [one[0] for one in answer[0]], answer[1]))
    return f"{len(answer[1])} rows, sha256 {hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()}"
