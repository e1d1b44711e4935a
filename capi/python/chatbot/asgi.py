"""The endpoints as an ASGI application: FastAPI and Starlette mount it in one line.

    app.mount("/api/chatbot", chatbot.asgi.App(engine, identify))

`identify` is called with the ASGI scope and answers the caller's Identity, or None for a caller
that is to log in (401); it may be a coroutine function, and may raise what its framework answers
with. Requests that write are answered on another thread; streams wait on the event loop.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import Any, Optional, Union

from ._http import MAX_BODY, TOO_LARGE, UNAUTHORIZED, path_of
from .engine import Engine, Identity, Response
from .stream import Stream

Identify = Callable[[Any], Union[Optional[Identity], Awaitable[Optional[Identity]]]]


class App:
    def __init__(self, engine: Engine, identify: Identify):
        self._engine = engine
        self._identify = identify

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            raise RuntimeError(f"chatbot serves no {scope['type']}")
        response = await self._answer(scope, receive)
        start = {"type": "http.response.start", "status": response.status}
        headers = [(name.lower().encode(), value.encode()) for name, value in response.headers]
        await send({**start, "headers": headers})
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
        body = await _body(receive)
        if body is None:
            return TOO_LARGE
        query = scope.get("query_string", b"").decode("latin-1")
        target = path_of(scope["path"]) + ("?" + query if query else "")
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        serve = self._engine.serve
        return await asyncio.to_thread(serve, caller, scope["method"], target, headers, body)


async def _body(receive: Any) -> Optional[bytes]:
    pieces, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return b""
        pieces.append(message.get("body", b""))
        size += len(pieces[-1])
        if size > MAX_BODY:
            return None
        if not message.get("more_body"):
            return b"".join(pieces)


async def _stream(stream: Stream, receive: Any, send: Any) -> None:
    """Sends until the end, or until the client has gone."""
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
