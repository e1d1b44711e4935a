"""The endpoints as a WSGI application, for Flask and Django:

    endpoints = chatbot.wsgi.App(engine, identify)
    app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {"/api/chatbot": endpoints})

`identify` is called with the WSGI environment and answers the caller's Identity, or None for a
caller that is to log in (401). What Identity refuses is answered so. A stream keeps the server's
thread until it ends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any, Optional

from ._http import INCOMPLETE, UNAUTHORIZED, headers_of, refusal, target_of, without_connection
from .engine import Engine, Identity, Response
from .errors import ChatbotError


class App:
    """A WSGI application; any number of them may serve one engine."""

    def __init__(self, engine: Engine, identify: Callable[[Any], Optional[Identity]]):
        self._engine = engine
        self._identify = identify

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        try:
            response = self._answer(environ)
        except ChatbotError as error:
            response = refusal(error)
        phrase = HTTPStatus(response.status).phrase
        start_response(f"{response.status} {phrase}", without_connection(headers_of(response)))
        return [response.body] if response.stream is None else _Chunks(response.stream)

    def _answer(self, environ: Any) -> Response:
        caller = self._identify(environ)
        if caller is None:
            return UNAUTHORIZED
        body = _body(environ, self._engine.max_body_bytes)
        if body is None:
            return INCOMPLETE
        path = environ.get("PATH_INFO", "").encode("latin-1").decode(errors="replace")
        target = target_of(self._engine.prefix, path, _query(environ))
        method, headers = environ["REQUEST_METHOD"], _headers(environ)
        return self._engine.serve(caller, method, target, headers, body)


def _body(environ: Any, limit: int) -> Optional[bytes]:
    """The body; of one that is too large as much as the library needs to refuse it. None where the
    client has gone before its end."""
    length = environ.get("CONTENT_LENGTH")
    if not length:  # in chunks, of which only some servers know the end
        ends = environ.get("wsgi.input_terminated", False)
        return _read(environ["wsgi.input"], limit + 1) if ends else b""
    if not length.isdecimal():
        return None
    wanted = min(int(length), limit + 1)
    body = _read(environ["wsgi.input"], wanted)
    return body if len(body) == wanted else None


def _read(source: Any, size: int) -> bytes:
    """Until the end, or `size` bytes: some sources answer as much as is there."""
    body = b""
    while len(body) < size and (piece := source.read(size - len(body))):
        body += piece
    return body


class _Chunks:
    """Closed by the server, also when the client has gone."""

    def __init__(self, stream: Any):
        self._stream = stream
        self._pieces = stream.chunks()

    def __iter__(self) -> _Chunks:
        return self

    def __next__(self) -> bytes:
        return next(self._pieces)

    def close(self) -> None:
        self._stream.close()


def _query(environ: Any) -> bytes:
    return environ.get("QUERY_STRING", "").encode("latin-1")


def _headers(environ: Any) -> dict[str, str]:
    named = {
        name[5:].replace("_", "-"): value
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    if environ.get("CONTENT_TYPE"):
        named["Content-Type"] = environ["CONTENT_TYPE"]
    return named
