"""What a notebook reads from others: recorded in the observed run, replayed in the proof.

One *exchange* is a request and its whole answer: an HTTP request below `requests`, `urllib`, `urllib3`, `boto3` or
`httpx`, or a statement to a database through SQLAlchemy or a driver's `connect`. A recording is a folder with one file
per exchange and an index, one JSON record per line. In the index there are no requests, only their hashes: they may
hold credentials. Whoever asks for the same in the same cell gets the same answer, in the order of asking.

In both runs the notebook gets an object that was built from what is kept, so that the two cannot differ by that.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import io
import json
import os
import pickle
import re
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

#: How errors of ours begin; nb2prod recognises them there.
UNKNOWN = "the notebook did not ask for this when it was recorded"
NO_WRITING = "nothing is written to a source while it is only looked at"
_READING = ("GET", "HEAD", "OPTIONS")
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

AfterImport = Callable[[str, Callable[[Any], None]], None]


class Sources:
    """The exchanges of one kernel. `mode`: "record", "replay", or "look" (as "record", but writes are refused)."""

    def __init__(self, folder: str, mode: str, tree: str, cell: Callable[[], str], unseen: Callable[[], Any]) -> None:
        self._folder = Path(folder)
        self._mode = mode
        self._tree = os.path.realpath(tree) + os.sep
        self._cell = cell
        self._unseen: Callable[[], AbstractContextManager[None]] = unseen
        self._depth = threading.local()
        self._guard = threading.Lock()
        self._entries: list[dict[str, Any]] = []
        self._used: set[int] = set()
        if mode == "replay":
            index = self._folder / "index.json"
            lines = index.read_text("utf-8").splitlines() if index.exists() else []
            self._entries = [json.loads(line) for line in lines]

    @property
    def is_replaying(self) -> bool:
        return self._mode == "replay"

    @property
    def is_active(self) -> bool:
        """Say whether this thread is in the middle of an exchange: what it contacts now is recorded."""
        return getattr(self._depth, "value", 0) > 0

    def install(self, after_import: AfterImport) -> None:
        """Stand between the libraries and the network, those that are imported later too."""
        after_import("urllib3.connectionpool", self._urllib3)
        after_import("urllib.request", self._urllib)
        after_import("httpx._transports.default", self._httpx)
        after_import("sqlalchemy.engine.create", self._engines)
        after_import("sqlalchemy.engine.default", self._dialects)
        for name in _DRIVERS:
            after_import(name, self._driver)

    @contextlib.contextmanager
    def active(self) -> Iterator[None]:
        self._depth.value = getattr(self._depth, "value", 0) + 1
        try:
            yield
        finally:
            self._depth.value -= 1

    def exchange(
        self, name: str, request: Iterable[Any], writes: bool, fetch: Callable[[], Any], token: Callable[[Any], str]
    ) -> Any:
        """Return the answer: what `fetch` gives, or gave. `token(answer)`: what changes when the source does."""
        key = hashlib.sha256("\n".join(map(str, request)).encode("utf-8", "surrogatepass")).hexdigest()
        if self._mode == "replay":
            return self._recorded(name, key)
        if writes and self._mode == "look":
            raise OSError(f"{NO_WRITING} ({name})")
        with self.active():
            answer = fetch()
        self._keep(name, key, writes, answer, token(answer))
        return answer

    def _keep(self, name: str, key: str, writes: bool, answer: Any, token: str) -> None:
        with self._guard, self._unseen():
            number = len(self._entries)
            entry = {"number": number, "cell": self._cell(), "name": name, "key": key, "writes": writes, "token": token}
            self._entries.append(entry)
            (self._folder / f"{number}.pkl").write_bytes(pickle.dumps(answer))
            with (self._folder / "index.json").open("a", encoding="utf-8") as index:
                index.write(json.dumps(entry) + "\n")

    def _recorded(self, name: str, key: str) -> Any:
        """Return the next answer to this in this cell; where the cell is an earlier one's, the last that there was."""
        with self._guard, self._unseen():
            alike = [one for one in self._entries if one["key"] == key]
            here = [one for one in alike if one["cell"] == self._cell()]
            found = next((one for one in here if one["number"] not in self._used), (here or alike or [None])[-1])
            if found is None:
                raise OSError(f"{UNKNOWN}: {name}")
            self._used.add(found["number"])
            return pickle.loads((self._folder / f"{found['number']}.pkl").read_bytes())

    # HTTP

    def _http(self, method: str, url: str, body: Any, fetch: Callable[[], Any]) -> Any:
        """An exchange whose answer is (status, reason, headers, content as it was sent)."""
        sent = body if isinstance(body, (bytes, str, type(None))) else type(body).__name__
        return self.exchange(_place(url), (method, url, sent), method.upper() not in _READING, fetch, _freshness)

    def _urllib3(self, module: Any) -> None:
        pool = module.HTTPConnectionPool
        real = pool.urlopen

        @functools.wraps(real)
        def urlopen(
            this: Any, method: str, url: str, body: Any = None, headers: Any = None, *args: Any, **kw: Any
        ) -> Any:
            if self.is_active or self._is_own(this.host, this.port):
                return real(this, method, url, body, headers, *args, **kw)
            given = {name: kw.get(name, True) for name in ("preload_content", "decode_content")}

            def fetch() -> Any:
                options = {**kw, "preload_content": False, "decode_content": False}
                response = real(this, method, url, body, headers, *args, **options)
                content = response.read(decode_content=False)
                response.release_conn()
                return response.status, response.reason, list(response.headers.items()), content

            full = url if "://" in url else f"{this.scheme}://{this.host}{f':{this.port}' if this.port else ''}{url}"
            status, reason, fields, content = self._http(method, full, body, fetch)
            library = sys.modules["urllib3"]
            return library.HTTPResponse(
                body=io.BytesIO(content), headers=library._collections.HTTPHeaderDict(fields), status=status,
                version=11, reason=reason, request_method=method, request_url=url, original_response=_Original(fields),
                **given,
            )  # fmt: skip

        pool.urlopen = urlopen

    def _urllib(self, module: Any) -> None:
        handler = module.AbstractHTTPHandler
        real = handler.do_open

        @functools.wraps(real)
        def do_open(this: Any, http_class: Any, req: Any, **args: Any) -> Any:
            if self.is_active or self._is_own(urlsplit(req.full_url).hostname, urlsplit(req.full_url).port):
                return real(this, http_class, req, **args)

            def fetch() -> Any:
                response = real(this, http_class, req, **args)
                return response.status, response.reason, response.getheaders(), response.read()

            status, reason, fields, content = self._http(req.get_method(), req.full_url, req.data, fetch)
            response = _response(status, reason, fields, content, req.get_method())
            response.url, response.msg = req.full_url, reason
            return response

        handler.do_open = do_open

    def _httpx(self, module: Any) -> None:
        import httpx  # the user's

        def build(answer: Any) -> Any:
            status, _, fields, content = answer
            return httpx.Response(status, headers=fields, stream=httpx.ByteStream(content))

        real, real_async = module.HTTPTransport.handle_request, module.AsyncHTTPTransport.handle_async_request

        @functools.wraps(real)
        def handle_request(this: Any, request: Any) -> Any:
            if self._is_own(request.url.host, request.url.port):
                return real(this, request)

            def fetch() -> Any:
                response = real(this, request)
                content = b"".join(response.stream)
                response.close()
                return response.status_code, "", list(response.headers.multi_items()), content

            return build(self._http(request.method, str(request.url), request.read(), fetch))

        @functools.wraps(real_async)
        async def handle_async_request(this: Any, request: Any) -> Any:
            answer: list[Any] = []
            if self._is_own(request.url.host, request.url.port):
                return await real_async(this, request)
            if not self.is_replaying:
                if self._mode == "look" and request.method not in _READING:
                    raise OSError(f"{NO_WRITING} ({_place(str(request.url))})")
                with self.active():
                    response = await real_async(this, request)
                    content = b"".join([part async for part in response.stream])
                    await response.aclose()
                answer.append((response.status_code, "", list(response.headers.multi_items()), content))
            sent = await request.aread()
            return build(self._http(request.method, str(request.url), sent, lambda: answer[0]))

        module.HTTPTransport.handle_request = handle_request
        module.AsyncHTTPTransport.handle_async_request = handle_async_request

    #: Set by nb2prod's observer: whether the notebook itself runs this server.
    is_own_server: Callable[[str, int], bool] = staticmethod(lambda host, port: False)

    def _is_own(self, host: str | None, port: int | None) -> bool:
        return self.is_own_server(str(host), port or 0)

    # Databases

    def _statement(self, name: str, statement: Any, parameters: Any, fetch: Callable[[], Any]) -> Any:
        """An exchange whose answer is (description, rows, how many, the last id)."""
        text = statement if isinstance(statement, str) else repr(statement)
        return self.exchange(name, (name, text, repr(parameters)), bool(_WRITING.match(text)), fetch, _rows_token)

    def _engines(self, module: Any) -> None:
        real = module.create_engine

        @functools.wraps(real)
        def create_engine(url: Any, **kwargs: Any) -> Any:
            if self.is_replaying and self._is_source(
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
            if self.is_replaying:
                vars(this).update(self._dialect_of(name))
                return _Connection(self, name, None)
            with self.active(), self._unseen():
                return real(this, *cargs, **cparams)

        def on_connect_url(this: Any, url: Any) -> Any:
            return None if self.is_replaying and self._is_source(this.name, str(url.database)) else real_url(this, url)

        dialect.connect, dialect.on_connect_url = connect, on_connect_url
        self._watch_engines(module)

    def _watch_engines(self, module: Any) -> None:
        """Keep all rows when a statement was executed, and let SQLAlchemy read them from what is kept."""
        context_class = module.DefaultExecutionContext
        real = context_class._setup_result_proxy

        def setup_result_proxy(this: Any) -> Any:
            dialect, cursor = this.dialect, this.cursor
            if self.is_replaying or isinstance(cursor, _Cursor):
                return real(this)
            cargs, cparams = dialect.create_connect_args(this.engine.url)
            if not self._is_source(this.dialect.name, str(cargs[0]) if cargs else ""):
                return real(this)
            name = _database(dialect.name, cargs, cparams)
            self._keep_dialect(name, dialect)
            parameters = this.parameters if this.executemany else this.parameters[0]
            answer = self._statement(name, this.statement, parameters, lambda: _answer_of(cursor))
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
        with self._unseen():
            (self._folder / _dialect_file(name)).write_bytes(pickle.dumps(state))

    def _dialect_of(self, name: str) -> dict[str, Any]:
        with self._unseen():
            path = self._folder / _dialect_file(name)
            return pickle.loads(path.read_bytes()) if path.exists() else {}  # type: ignore[no-any-return]

    def _driver(self, module: Any) -> None:
        real = module.connect

        @functools.wraps(real)
        def connect(*args: Any, **kwargs: Any) -> Any:
            if self.is_active:
                return real(*args, **kwargs)
            name = _database(module.__name__, args, kwargs)
            if self.is_replaying:
                return _Connection(self, name, None)
            with self.active():
                return _Connection(self, name, real(*args, **kwargs))

        module.connect = connect


def _dialect_file(name: str) -> str:
    return f"{hashlib.sha256(name.encode()).hexdigest()[:16]}.dialect"


class _Handle:
    """What lives in one process: nobody stores it, or compares more of it than its type."""

    def __reduce_ex__(self, protocol: Any) -> Any:
        raise TypeError("a connection is not stored")


class _Connection(_Handle):
    """A database's connection: the real one's cursors are recorded; without one, they are replayed."""

    def __init__(self, sources: Sources, name: str, real: Any) -> None:
        self._sources, self._name, self._real = sources, name, real

    def cursor(self, *args: Any, **kwargs: Any) -> _Cursor:
        real = self._real.cursor(*args, **kwargs) if self._real is not None else None
        return _Cursor(self._sources, self._name, real)

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

    def __init__(self, sources: Sources, name: str, real: Any, answer: Any = None) -> None:
        self._sources, self._name, self._real = sources, name, real
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

        return self._take(self._sources._statement(self._name, statement, parameters, fetch))

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


class _Original:
    """What `requests` asks of the response below urllib3's: the headers, for cookies."""

    def __init__(self, fields: Iterable[tuple[str, str]]) -> None:
        from email.message import Message

        self.msg = Message()
        for name, value in fields:
            self.msg[name] = value

    def isclosed(self) -> bool:
        return True

    def close(self) -> None:
        return None


class _Socket:
    """What http.client reads a response from."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def makefile(self, *_: Any) -> Any:
        return io.BytesIO(self._content)


def _response(status: int, reason: str, fields: Iterable[tuple[str, str]], content: bytes, method: str) -> Any:
    import http.client

    left_out = ("transfer-encoding", "content-length", "connection")
    lines = [
        f"HTTP/1.1 {status} {reason}",
        *(f"{name}: {value}" for name, value in fields if name.lower() not in left_out),
    ]
    lines += [f"Content-Length: {len(content)}", "Connection: close", "", ""]
    response = http.client.HTTPResponse(_Socket("\r\n".join(lines).encode("latin-1") + content), method=method)  # type: ignore[arg-type]
    response.begin()
    return response


def _place(url: str) -> str:
    """Return the address without credentials and without what follows its `?`."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


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


def _freshness(answer: Any) -> str:
    """The strong ETag where there is one, else a hash of the content."""
    status, _, fields, content = answer
    tag = next((value for name, value in fields if name.lower() == "etag"), "")
    if tag.startswith('"') and status == 200:
        return f"etag {tag}"
    digest = hashlib.sha256(str(status).encode() + b"\n" + content)
    return f"sha256 {digest.hexdigest()}"
