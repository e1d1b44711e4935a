"""What both kinds of servers share."""

from __future__ import annotations

from .engine import Response

MAX_BODY = 1024 * 1024
PREFIX = "/api/chatbot"

UNAUTHORIZED = Response(
    401, [("Content-Type", "application/json")], b'{"detail":"Not authenticated"}', None
)
TOO_LARGE = Response(
    413, [("Content-Type", "application/json")], b'{"detail":"The body is too large"}', None
)


def path_of(path: str) -> str:
    """The path that the library knows, wherever the host has mounted the endpoints."""
    return path if path.startswith(PREFIX) else PREFIX + path
