"""The one handler: who asks, how much, what for; and every error as a status, a message and a hint."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from http import HTTPStatus
from typing import Any

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from tornado.web import HTTPError, authenticated, stream_request_body

from nb2prod.adapters.verbs import NotInstalled
from nb2prod.errors import Nb2prodError, OutsideError, UsageError
from nb2prod.server.desk import Call, Desk
from nb2prod.server.places import Missing, OutOfBounds
from nb2prod.server.plainly import plainly

Answer = Callable[[Desk, Call], Any]

MOST_BYTES = 32 * 1024 * 1024
"""A request's body may have so many bytes."""

_TOO_LONG = f"the request has more than {MOST_BYTES // 2**20} MB: clear the largest outputs of the notebook"

_STATUS: tuple[tuple[type[Nb2prodError], HTTPStatus], ...] = (
    (OutOfBounds, HTTPStatus.FORBIDDEN),
    (Missing, HTTPStatus.NOT_FOUND),
    (NotInstalled, HTTPStatus.NOT_IMPLEMENTED),
    (UsageError, HTTPStatus.BAD_REQUEST),
    (OutsideError, HTTPStatus.FAILED_DEPENDENCY),
    (Nb2prodError, HTTPStatus.CONFLICT),
)


@stream_request_body
class Endpoint(APIHandler):
    """One route. A body is taken in pieces, so that one that is too long is refused before it is all there."""

    auth_resource = "nb2prod"

    def initialize(self, answers: Mapping[str, Answer], desk: Desk, executor: Executor) -> None:
        """What the routes' table says."""
        self._answers, self._desk, self._executor = answers, desk, executor
        self._chunks: list[bytes] = []
        self._length = 0

    async def prepare(self) -> None:
        """Refuse what says beforehand that it is too long."""
        await super().prepare()
        if int(self.request.headers.get("Content-Length") or 0) > MOST_BYTES:
            raise HTTPError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _TOO_LONG)

    def data_received(self, chunk: bytes) -> None:
        """A piece of the body."""
        self._length += len(chunk)
        if self._length > MOST_BYTES:
            raise HTTPError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _TOO_LONG)
        self._chunks.append(chunk)

    @authenticated
    @authorized
    async def get(self) -> None:
        """Look."""
        await self._answer("GET")

    @authenticated
    @authorized
    async def post(self) -> None:
        """Do."""
        await self._answer("POST")

    @authenticated
    @authorized
    async def put(self) -> None:
        """Write."""
        await self._answer("PUT")

    @authenticated
    @authorized
    async def delete(self) -> None:
        """Stop."""
        await self._answer("DELETE")

    async def _answer(self, method: str) -> None:
        answer = self._answers.get(method)
        if answer is None:
            raise HTTPError(HTTPStatus.METHOD_NOT_ALLOWED)
        try:
            call = Call({name: self.get_query_argument(name) for name in self.request.query_arguments}, self._body())
            loop = asyncio.get_running_loop()
            text = await loop.run_in_executor(self._executor, _rendered, answer, self._desk, call)
        except Nb2prodError as error:
            self.set_status(next(status for kind, status in _STATUS if isinstance(error, kind)))
            text = json.dumps({"message": error.message, "hint": error.hint, "kind": type(error).__name__})
        except HTTPError:
            raise
        except Exception as error:  # the other place that turns a bug of ours into a sentence; the log has the rest
            self.log.exception("nb2prod: %s %s", method, self.request.path)
            self.set_status(HTTPStatus.INTERNAL_SERVER_ERROR)
            message = f"internal error: {type(error).__name__}"
            text = json.dumps({"message": message, "hint": "the server's log has the details", "kind": "Internal"})
        self.set_header("Cache-Control", "no-store")
        await self.finish(text)

    def _body(self) -> Mapping[str, Any]:
        data = b"".join(self._chunks)
        if not data:
            return {}
        try:
            found = json.loads(data)
        except (ValueError, RecursionError):
            raise UsageError("the request's body is not JSON", hint="send a JSON object") from None
        if not isinstance(found, dict):
            raise UsageError("the request's body is no mapping", hint="send a JSON object")
        return found


def _rendered(answer: Answer, desk: Desk, call: Call) -> str:
    """The answer as JSON, made in the same thread."""
    return json.dumps({"version": 1, **plainly(answer(desk, call))})


class Unknown(APIHandler):
    """Every other address below ours."""

    auth_resource = "nb2prod"

    @authenticated
    @authorized
    async def get(self) -> None:
        """There is nothing."""
        raise HTTPError(HTTPStatus.NOT_FOUND, "no such route: the panel is newer than the server's nb2prod")

    post = put = delete = get
