"""HTTP requests as exchanges: below `requests`, `urllib`, `urllib3`, `boto3` and `httpx`."""

from __future__ import annotations

import functools
import hashlib
import io
import sys
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

_READING = ("GET", "HEAD", "OPTIONS")


class Http:
    """Stands between the libraries and the network. `sources` keeps the exchanges."""

    def __init__(self, sources: Any) -> None:
        self._sources = sources

    def install(self, after_import: Callable[[str, Callable[[Any], None]], None]) -> None:
        """Watch the libraries, those that are imported later too."""
        after_import("urllib3.connectionpool", self._urllib3)
        after_import("urllib.request", self._urllib)
        after_import("httpx._transports.default", self._httpx)

    def _exchange(self, method: str, url: str, body: Any, fetch: Callable[[], Any]) -> Any:
        """An exchange whose answer is (status, reason, headers, content as it was sent)."""
        sent = body if isinstance(body, (bytes, str, type(None))) else type(body).__name__
        return self._sources.exchange(
            _place(url), (method, url, sent), method.upper() not in _READING, fetch, _freshness
        )

    def _urllib3(self, module: Any) -> None:
        pool = module.HTTPConnectionPool
        real = pool.urlopen

        @functools.wraps(real)
        def urlopen(
            this: Any, method: str, url: str, body: Any = None, headers: Any = None, *args: Any, **kw: Any
        ) -> Any:
            if self._sources.is_active or self._is_own(this.host, this.port):
                return real(this, method, url, body, headers, *args, **kw)
            given = {name: kw.get(name, True) for name in ("preload_content", "decode_content")}

            def fetch() -> Any:
                options = {**kw, "preload_content": False, "decode_content": False}
                response = real(this, method, url, body, headers, *args, **options)
                content = response.read(decode_content=False)
                response.release_conn()
                return response.status, response.reason, list(response.headers.items()), content

            full = url if "://" in url else f"{this.scheme}://{this.host}{f':{this.port}' if this.port else ''}{url}"
            status, reason, fields, content = self._exchange(method, full, body, fetch)
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
            if self._sources.is_active or self._is_own(urlsplit(req.full_url).hostname, urlsplit(req.full_url).port):
                return real(this, http_class, req, **args)

            def fetch() -> Any:
                response = real(this, http_class, req, **args)
                return response.status, response.reason, response.getheaders(), response.read()

            status, reason, fields, content = self._exchange(req.get_method(), req.full_url, req.data, fetch)
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

            return build(self._exchange(request.method, str(request.url), request.read(), fetch))

        @functools.wraps(real_async)
        async def handle_async_request(this: Any, request: Any) -> Any:
            answer: list[Any] = []
            if self._is_own(request.url.host, request.url.port):
                return await real_async(this, request)
            if not self._sources.is_replaying:
                self._sources.permit(_place(str(request.url)), writes=request.method not in _READING)
                with self._sources.active():
                    response = await real_async(this, request)
                    content = b"".join([part async for part in response.stream])
                    await response.aclose()
                answer.append((response.status_code, "", list(response.headers.multi_items()), content))
            sent = await request.aread()
            return build(self._exchange(request.method, str(request.url), sent, lambda: answer[0]))

        module.HTTPTransport.handle_request = handle_request
        module.AsyncHTTPTransport.handle_async_request = handle_async_request

    def _is_own(self, host: str | None, port: int | None) -> bool:
        return bool(self._sources.is_own_server(str(host), port or 0))


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


def _freshness(answer: Any) -> str:
    """The strong ETag where there is one, else a hash of the content."""
    status, _, fields, content = answer
    tag = next((value for name, value in fields if name.lower() == "etag"), "")
    if tag.startswith('"') and status == 200:
        return f"etag {tag}"
    digest = hashlib.sha256(str(status).encode() + b"\n" + content)
    return f"sha256 {digest.hexdigest()}"
