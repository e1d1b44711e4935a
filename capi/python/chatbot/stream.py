"""A conversation as it happens."""

from __future__ import annotations

import ctypes
import json
import weakref
from collections.abc import AsyncIterator, Iterator
from typing import Any, NamedTuple, Optional

from . import _library as c
from ._waiting import WaitSet

CHUNK = 16 * 1024  # bytes of server-sent events that are read at once


class Event(NamedTuple):
    """`kind` is "item", a chat item, or "delta", {"id", "offset", "text"}."""

    kind: str
    data: dict[str, Any]


class Stream:
    """Events as an iterator or an async iterator, or bytes of server-sent events.

    One reader at a time, of one kind; `cancel` from anywhere. An async read waits on the event
    loop, without a thread. A reader that leaves calls `close`, or uses the stream in a `with`.
    """

    def __init__(self, handle: ctypes.c_void_p, waits: WaitSet):
        self._handle = handle
        self._waits = waits
        self._free = weakref.finalize(self, c.library.chatbot_stream_free, handle)

    @property
    def place(self) -> str:
        """Of what was read last: for `Engine.join`, and as Last-Event-ID."""
        return c.library.chatbot_stream_place(self._handle).decode()

    @property
    def end_reason(self) -> str:
        """ "open" until the end; then "completed", "stopped", "error", "deleted", "expired",
        "denied", "cancelled" or "shutdown"."""
        return c.library.chatbot_stream_end_reason(self._handle).decode()

    def next(self, timeout: Optional[float] = None) -> Optional[Event]:
        """The next event; None when none came within `timeout` seconds (None: however long).
        Raises StopIteration after the last one."""
        kind, event = ctypes.c_int32(), ctypes.c_void_p()
        wait = c.FOREVER if timeout is None else int(timeout * 1000)
        places = (ctypes.byref(kind), ctypes.byref(event))
        status = c.call("stream_next", self._handle, wait, *places)
        if status == c.END:
            raise StopIteration
        if status == c.WOULD_BLOCK:
            return None
        return Event("delta" if kind.value == c.EVENT_DELTA else "item", json.loads(c.taken(event)))

    def read(self, timeout: Optional[float] = None) -> Optional[bytes]:
        """Whole frames of server-sent events; None when none came within `timeout` seconds, and
        b"" after the last one."""
        buffer, written = ctypes.create_string_buffer(CHUNK), ctypes.c_size_t()
        wait = c.FOREVER if timeout is None else int(timeout * 1000)
        places = (buffer, CHUNK, ctypes.byref(written))
        status = c.call("stream_read", self._handle, wait, *places)
        return None if status == c.WOULD_BLOCK else buffer.raw[: written.value]

    def __iter__(self) -> Iterator[Event]:
        return self

    def __next__(self) -> Event:
        while True:
            event = self.next()
            if event is not None:
                return event

    def __aiter__(self) -> AsyncIterator[Event]:
        return self

    async def __anext__(self) -> Event:
        try:
            while True:
                event = self.next(0)
                if event is not None:
                    return event
                await self._waits.ready(self._handle)
        except StopIteration:
            raise StopAsyncIteration from None

    def chunks(self) -> Iterator[bytes]:
        """Server-sent events until the end, for a server that sends them on."""
        while True:
            piece = self.read()
            if piece == b"":
                return
            if piece is not None:
                yield piece

    async def async_chunks(self) -> AsyncIterator[bytes]:
        """The same on an event loop."""
        while True:
            piece = self.read(0)
            if piece == b"":
                return
            if piece is None:
                await self._waits.ready(self._handle)
            else:
                yield piece

    def cancel(self) -> None:
        """Ends the stream, now and for ever. Any thread; never waits."""
        c.library.chatbot_stream_cancel(self._handle)

    def close(self) -> None:
        """Lets go of the stream, which nobody reads any more. May be repeated."""
        self._free()

    def __enter__(self) -> Stream:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
