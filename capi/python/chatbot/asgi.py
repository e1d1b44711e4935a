"""The endpoints as an ASGI application: FastAPI and Starlette mount it in one line.

    app.mount("/api/chatbot", chatbot.asgi.App(engine, identify))

`identify` is called with the ASGI scope and answers the caller's Identity, or None for a caller
that is to log in (401); it may be a coroutine function. What Identity refuses is answered so.
Requests are answered on threads of the loop's executor, for they may wait for the database; streams
wait on the event loop.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import Any, Optional, Union

from ._http import (
    INCOMPLETE,
    UNAUTHORIZED,
    below,
    headers_of,
    refusal,
    target_of,
    without_connection,
)
from .engine import Engine, Identity, Response
from .errors import ChatbotError
from .stream import Stream

Identify = Callable[[Any], Union[Optional[Identity], Awaitable[Optional[Identity]]]]


class App:
    """An ASGI application; any number of them may serve one engine."""

    def __init__(self, engine: Engine, identify: Identify):
        self._engine = engine
        self._identify = identify

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "websocket":
            return await send({"type": "websocket.close"})  # before it was accepted: a 403
        if scope["type"] != "http":
            raise RuntimeError(f"chatbot serves no {scope['type']}")
        try:
            response = await self._answer(scope, receive)
        except ChatbotError as error:
            response = refusal(error)
        start = {"type": "http.response.start", "status": response.status}
        headers = headers_of(response)
        if not scope.get("http_version", "1.1").startswith("1"):
            headers = without_connection(headers)
        await send({**start, "headers": [_encoded(*each) for each in headers]})
        if response.stream is None:
            await send({"type": "http.response.body", "body": response.body})
        else:
            await _stream(response.stream, receive, send)

    async def _answer(self, scope: Any, receive: Any) -> Response:
        caller = self._identify(scope)
        if inspect.isawaitable(caller):
            caller = await caller
        if caller is None:
            return UNAUTHORIZED
        body = await _body(receive, self._engine.max_body_bytes)
        if body is None:
            return INCOMPLETE
        target = target_of(self._engine.prefix, _path(scope), scope.get("query_string", b""))
        headers = dict(map(_decoded, scope["headers"]))
        serve = self._engine.serve
        return await asyncio.to_thread(serve, caller, scope["method"], target, headers, body)


def _decoded(header: Any) -> tuple[str, str]:
    name, value = header
    return name.decode("latin-1"), value.decode("latin-1")


def _encoded(name: str, value: str) -> tuple[bytes, bytes]:
    return name.lower().encode("latin-1"), value.encode("latin-1")


def _path(scope: Any) -> str:
    """The path below the mount point, which some frameworks have cut off already."""
    path, root = scope["path"], scope.get("root_path", "")
    return path[len(root) :] if root and below(path, root) else path


async def _body(receive: Any, limit: int) -> Optional[bytes]:
    """The body; if it is too large, only as much as the library needs to refuse it. None if the
    client disconnects before its end."""
    pieces, size, more = [], 0, True
    while more and size <= limit:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        pieces.append(message.get("body", b""))
        size += len(pieces[-1])
        more = message.get("more_body", False)
    return b"".join(pieces)


async def _stream(stream: Stream, receive: Any, send: Any) -> None:
    """Sends the stream until it ends or the client disconnects."""
    gone = asyncio.ensure_future(_gone(stream, receive))
    try:
        async for piece in stream.async_chunks():
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body"})
    except OSError:
        pass  # the client has gone
    finally:
        gone.cancel()
        stream.close()


async def _gone(stream: Stream, receive: Any) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    stream.cancel()
