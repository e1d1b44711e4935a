"""The C library: where it is, and its functions as ctypes calls.

ctypes releases the GIL during each call, so a call that waits blocks no other thread.
"""

from __future__ import annotations

import _thread
import ctypes
import os
import threading
import weakref
from ctypes import POINTER, c_char_p, c_int32, c_int64, c_size_t, c_uint32, c_uint64, c_void_p
from pathlib import Path
from typing import Any, Optional

from .errors import error_for

OK, WOULD_BLOCK, END, CANCELLED, WOKEN = range(5)
EVENT_ITEM, EVENT_DELTA = 1, 2
DELTAS = 1
FOREVER = -1

STATUS, OBJECT, TEXT, SIZE = c_int32, c_void_p, c_char_p, c_size_t
BYTES = [TEXT, SIZE]  # a text and its length
OUT = POINTER(c_void_p)  # a place for an object that the caller will own
HANDLE = POINTER(c_int64 if ctypes.sizeof(c_void_p) == 8 else c_int32)

NOTIFY = ctypes.CFUNCTYPE(None, c_void_p)
DESTROY = ctypes.CFUNCTYPE(None, c_void_p)
LOG = ctypes.CFUNCTYPE(None, c_void_p, c_int32, POINTER(ctypes.c_char), c_size_t)
LOAD = ctypes.CFUNCTYPE(None, c_void_p, POINTER(ctypes.c_char), c_size_t, c_void_p)

# The result and the parameters of each function.
FUNCTIONS = {
    "version": (c_uint32, []),
    "version_string": (TEXT, []),
    "has_feature": (c_int32, [TEXT]),
    "status_name": (TEXT, [STATUS]),
    "bytes_data": (c_void_p, [OBJECT]),
    "bytes_size": (SIZE, [OBJECT]),
    "bytes_free": (None, [OBJECT]),
    "error_status": (STATUS, [OBJECT]),
    "error_http_status": (c_int32, [OBJECT]),
    "error_message": (TEXT, [OBJECT]),
    "error_detail_json": (TEXT, [OBJECT]),
    "error_free": (None, [OBJECT]),
    "options_new": (OBJECT, []),
    "options_set": (STATUS, [OBJECT, TEXT, *BYTES, OUT]),
    "options_set_log": (STATUS, [OBJECT, LOG, c_void_p, DESTROY]),
    "options_set_documents": (STATUS, [OBJECT, LOAD, c_void_p, DESTROY]),
    "document_set": (STATUS, [OBJECT, *BYTES, *BYTES, c_uint64, *BYTES, OUT]),
    "options_describe": (STATUS, [OUT, OUT]),
    "options_free": (None, [OBJECT]),
    "engine_open": (STATUS, [OBJECT, OUT, OUT]),
    "engine_shutdown": (STATUS, [OBJECT]),
    "engine_free": (None, [OBJECT]),
    "identity_new": (STATUS, [*BYTES, OUT, OUT]),
    "identity_free": (None, [OBJECT]),
    "serve": (STATUS, [OBJECT, OBJECT, *BYTES, *BYTES, *BYTES, *BYTES, OUT, OUT]),
    "openapi": (STATUS, [OBJECT, OUT, OUT]),
    "response_status": (c_int32, [OBJECT]),
    "response_header_count": (SIZE, [OBJECT]),
    "response_header": (TEXT, [OBJECT, SIZE, POINTER(c_char_p)]),
    "response_body": (c_void_p, [OBJECT, POINTER(c_size_t)]),
    "response_take_stream": (OBJECT, [OBJECT]),
    "response_free": (None, [OBJECT]),
    "start": (STATUS, [OBJECT, OBJECT, *BYTES, *BYTES, c_int32, OUT, OUT, OUT]),
    "stop": (STATUS, [OBJECT, OBJECT, *BYTES, OUT, OUT]),
    "rename": (STATUS, [OBJECT, OBJECT, *BYTES, *BYTES, OUT, OUT]),
    "delete": (STATUS, [OBJECT, OBJECT, *BYTES, OUT]),
    "list": (STATUS, [OBJECT, OBJECT, *BYTES, OUT, OUT]),
    "detail": (STATUS, [OBJECT, OBJECT, *BYTES, OUT, OUT]),
    "join": (STATUS, [OBJECT, OBJECT, *BYTES, *BYTES, c_int32, OUT, OUT]),
    "stream_read": (STATUS, [OBJECT, c_int64, c_void_p, SIZE, POINTER(c_size_t), OUT]),
    "stream_next": (STATUS, [OBJECT, c_int64, POINTER(c_int32), OUT, OUT]),
    "stream_place": (TEXT, [OBJECT]),
    "stream_end_reason": (TEXT, [OBJECT]),
    "stream_pollable": (STATUS, [OBJECT, HANDLE, OUT]),
    "stream_set_notify": (STATUS, [OBJECT, NOTIFY, c_void_p, DESTROY]),
    "stream_cancel": (None, [OBJECT]),
    "stream_free": (None, [OBJECT]),
    "waitset_new": (STATUS, [OBJECT, OUT, OUT]),
    "waitset_add": (STATUS, [OBJECT, OBJECT, c_uint64, OUT]),
    "waitset_remove": (None, [OBJECT, OBJECT]),
    "waitset_wait": (STATUS, [OBJECT, c_int64, POINTER(c_uint64), SIZE, POINTER(c_size_t), OUT]),
    "waitset_wake": (None, [OBJECT]),
    "waitset_pollable": (STATUS, [OBJECT, HANDLE, OUT]),
    "waitset_free": (None, [OBJECT]),
    "turn_take": (STATUS, [OBJECT, c_int64, OUT, OUT]),
    "turn_pollable": (STATUS, [OBJECT, HANDLE, OUT]),
    "turn_input": (STATUS, [OBJECT, OUT, OUT]),
    "turn_append": (STATUS, [OBJECT, *BYTES, OUT]),
    "turn_delta": (STATUS, [OBJECT, *BYTES, OUT]),
    "turn_rename": (STATUS, [OBJECT, *BYTES, OUT]),
    "turn_finish": (STATUS, [OBJECT, *BYTES, OUT]),
    "turn_is_cancelled": (c_int32, [OBJECT]),
    "turn_cancel_pollable": (STATUS, [OBJECT, HANDLE, OUT]),
    "turn_on_cancel": (STATUS, [OBJECT, NOTIFY, c_void_p, DESTROY]),
    "turn_free": (None, [OBJECT]),
    "access_set_rules": (STATUS, [OBJECT, *BYTES, OUT]),
    "access_rules": (STATUS, [OBJECT, OUT, OUT]),
    "access_check": (STATUS, [OBJECT, OBJECT, TEXT, TEXT, *BYTES, POINTER(c_int32), OUT]),
    "access_explain": (STATUS, [OBJECT, OBJECT, TEXT, TEXT, OUT, OUT]),
    "select": (STATUS, [*BYTES, *BYTES, *BYTES, OUT, OUT]),
}

SONAME = "libchatbot.so.0.1"


def _path() -> str:
    """`CHATBOT_LIBRARY`, or else the library in the wheel, or else the system's."""
    named = os.environ.get("CHATBOT_LIBRARY")
    if named:
        return named
    brought = Path(__file__).parent / SONAME
    return str(brought) if brought.exists() else SONAME


called = threading.local()  # `back`: this thread is in a function that the library has called


def _load() -> Any:
    library = ctypes.CDLL(_path())
    for name, (result, arguments) in FUNCTIONS.items():
        function = getattr(library, "chatbot_" + name)
        function.restype, function.argtypes = result, arguments
    return library


library = _load()


def call(name: str, *arguments: Any) -> int:
    """Calls a function that answers a status and takes an error; a failure is raised."""
    error = c_void_p()
    status: int = getattr(library, "chatbot_" + name)(*arguments, ctypes.byref(error))
    if status < 0:
        raise error_for(library, status, error)
    return status


def made(name: str, *arguments: Any) -> c_void_p:
    """The object that such a function has made."""
    out = c_void_p()
    call(name, *arguments, ctypes.byref(out))
    return out


def answered(name: str, *arguments: Any) -> bytes:
    """The bytes that such a function has answered."""
    return taken(made(name, *arguments))


def taken(out: c_void_p) -> bytes:
    try:
        return ctypes.string_at(library.chatbot_bytes_data(out), library.chatbot_bytes_size(out))
    finally:
        library.chatbot_bytes_free(out)


def owned(owner: object, kind: str, handle: c_void_p) -> Any:
    """Frees the handle when `owner` is collected, or when the result is called.

    Not at the interpreter's exit: threads that it does not wait for may be in a call on it.
    """
    free = weakref.finalize(owner, _free, getattr(library, f"chatbot_{kind}_free"), handle)
    free.atexit = False
    return free


def _free(function: Any, handle: c_void_p) -> None:
    """Frees a handle, within a callback of the library on a thread of its own: a callback must not
    call the library, but garbage may be collected there."""
    if getattr(called, "back", False):
        _thread.start_new_thread(function, (handle,))
    else:
        function(handle)


def text(value: Optional[str | bytes]) -> tuple[bytes, int]:
    """A text and its length, as the library takes them."""
    given = b"" if value is None else value.encode() if isinstance(value, str) else bytes(value)
    return given, len(given)


def handle(name: str, owner: c_void_p) -> int:
    """The descriptor that the library keeps for `owner`: to be polled, but never read or closed."""
    out = HANDLE._type_()  # type: ignore[attr-defined]
    call(name, owner, ctypes.byref(out))
    return out.value
