"""A complete chatbot backend in the server that you already have.

    with chatbot.Engine("threads.sqlite", responder="echo") as engine:
        alice = chatbot.Identity("alice", "acme", ["user"])
        for event in engine.start(alice, "Hello").stream:
            print(event.data)
"""

from ._callbacks import Document
from ._library import library as _c
from .engine import Engine, Identity, Response, Started, select
from .errors import (
    Busy,
    ChatbotError,
    Forbidden,
    InvalidArgument,
    NotFound,
    OutcomeUnknown,
    Unavailable,
)
from .stream import Event, Stream
from .turn import AsyncTurn, Turn

__version__ = _c.chatbot_version_string().decode()

__all__ = [
    "AsyncTurn",
    "Busy",
    "ChatbotError",
    "Document",
    "Engine",
    "Event",
    "Forbidden",
    "Identity",
    "InvalidArgument",
    "NotFound",
    "OutcomeUnknown",
    "Response",
    "Started",
    "Stream",
    "Turn",
    "Unavailable",
    "select",
]
