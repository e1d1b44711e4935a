"""The failures of the library, as exceptions."""

from __future__ import annotations

import ctypes
import json
from typing import Any, Optional


class ChatbotError(Exception):
    """A call that was refused or has failed; unless it is OutcomeUnknown, it has changed nothing.

    `code` is the name of the status, such as "CHATBOT_NOT_FOUND"; `http_status` what a server would
    answer; `detail` more for programs, as FastAPI lists the faults of a body, or None.
    """

    def __init__(self, code: str, http_status: int, message: str, detail: Optional[Any] = None):
        super().__init__(message)
        self.code = code
        self.http_status = http_status
        self.detail = detail


class InvalidArgument(ChatbotError):
    """An argument that does not fit; the message names it."""


class NotFound(ChatbotError):
    """There is no such thing, or not for this caller."""


class Forbidden(ChatbotError):
    """The access rules do not allow it."""


class Busy(ChatbotError):
    """A round is still running."""


class Unavailable(ChatbotError):
    """The store cannot be reached or is full, a limit is reached, or the engine is shut down."""


class OutcomeUnknown(ChatbotError):
    """A database server was lost at a commit: the change may be done or not.

    It must not simply be repeated; a start with an idempotency key may be.
    """


CLASSES = {
    -1: InvalidArgument,
    -2: NotFound,
    -3: Forbidden,
    -5: Busy,
    -7: Unavailable,
    -14: OutcomeUnknown,
}


def error_for(library: Any, status: int, error: ctypes.c_void_p) -> ChatbotError:
    """The exception for a status and its error, which is freed."""
    code = library.chatbot_status_name(status).decode()
    kind = CLASSES.get(status, ChatbotError)
    if not error:
        return kind(code, 500, code)
    try:
        detail = library.chatbot_error_detail_json(error)
        return kind(
            code,
            library.chatbot_error_http_status(error),
            library.chatbot_error_message(error).decode(),
            json.loads(detail)["detail"] if detail else None,
        )
    finally:
        library.chatbot_error_free(error)
