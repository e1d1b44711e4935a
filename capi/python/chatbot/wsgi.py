"""The endpoints as a WSGI application, for Flask and Django:

    app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {"/api/chatbot": chatbot.wsgi.App(engine, identify)})

`identify` is called with the WSGI environment and answers the caller's Identity, or None for a
caller that is to log in (401). A stream keeps the server's thread until it ends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any, Optional

from ._http import MAX_BODY, TOO_LARGE, UNAUTHORIZED, path_of
from .engine import Engine, Identity, Response


class App:
    def __init__(self, engine: Engine, identify: Callable[[Any], Optional[Identity]]):
        self._engine = engine
        self._identify = identify

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        response = self._answer(environ)
        phrase = HTTPStatus(response.status).phrase
        start_response(f"{response.status} {phrase}", response.headers)
        return [response.body] if response.stream is None else _Chunks(response.stream)

    def _answer(self, environ: Any) -> Response:
        caller = self._identify(environ)
        if caller is None:
            return UNAUTHORIZED
        length = int(environ.get("CONTENT_LENGTH") or 0)
        if length > MAX_BODY:
            return TOO_LARGE
        body = environ["wsgi.input"].read(length) if length else b""
        path = environ.get("PATH_INFO", "").encode("latin-1").decode(errors="replace")
        query = environ.get("QUERY_STRING", "")
        target = path_of(path) + ("?" + query if query else "")
        return self._engine.serve(caller, environ["REQUEST_METHOD"], target, _headers(environ), body)


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


def _headers(environ: Any) -> dict[str, str]:
    named = {
        name[5:].replace("_", "-"): value
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    if environ.get("CONTENT_TYPE"):
        named["Content-Type"] = environ["CONTENT_TYPE"]
    return named
