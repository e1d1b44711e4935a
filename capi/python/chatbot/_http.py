"""Requests and headers, for ASGI and WSGI alike."""

from __future__ import annotations

import json
from urllib.parse import quote

from .engine import Response
from .errors import ChatbotError

IN_PATH = "/:@!$&'()*+,;=~"
PRINTABLE = "".join(map(chr, range(0x21, 0x7F)))
JSON = [("Content-Type", "application/json")]

UNAUTHORIZED = Response(401, JSON, b'{"detail":"Not authenticated"}', None)
INCOMPLETE = Response(400, JSON, b'{"detail":"The body is not whole"}', None)


def refusal(error: ChatbotError) -> Response:
    body = {"detail": error.detail or str(error)}
    return Response(error.http_status, JSON, json.dumps(body).encode(), None)


def headers_of(response: Response) -> list[tuple[str, str]]:
    """The headers, with the length of a body; a stream has none."""
    if response.stream is not None:
        return response.headers
    return [*response.headers, ("Content-Length", str(len(response.body)))]


def without_connection(headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The headers that WSGI (PEP 3333) and HTTP/2 allow: the connection is the server's."""
    return [each for each in headers if each[0].lower() != "connection"]


def below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder + "/")


def target_of(prefix: str, path: str, query: bytes) -> str:
    """The target for the library, wherever the host has mounted the endpoints. `path` is decoded;
    `query` is as the client sent it, and may have bytes that should have been encoded."""
    full = path if below(path, prefix) else prefix + path
    return quote(full, safe=IN_PATH) + ("?" + quote(query, safe=PRINTABLE) if query else "")
