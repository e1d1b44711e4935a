"""A conversation as it happens."""

from __future__ import annotations

import asyncio
import ctypes
import json
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, NamedTuple, Optional

from . import _library as c
from ._waiting import WaitSet, patiently, settle

CHUNK = 16 * 1024  # bytes of server-sent events that are read at once


class Event(NamedTuple):
    """`kind` is "item", a chat item; "delta", {"id", "offset", "text"}; or "end", {"reason"}."""

    kind: str
    data: dict[str, Any]


class Stream:
    """Events as an iterator or an async iterator, or bytes of server-sent events.

    One reader at a time, of one kind; `cancel` and `close` from any thread. An async read waits on
    the event loop, without a thread. A reader that leaves calls `close`, or uses the stream in a
    `with`; a stream that nobody refers to any more is closed, too.
    """

    def __init__(self, handle: ctypes.c_void_p, waits: Callable[[], WaitSet]):
        self._handle: Optional[ctypes.c_void_p] = handle  # None: closed
        self._waits = waits  # the wait set of the loop that runs; keeps the engine
        self._reading = threading.Lock()  # held in a read
        self._changing = threading.Lock()  # of the handle, never held for long
        self._waiter: Optional[asyncio.Future[None]] = None
        self._last = ("", "cancelled")  # place and reason, once closed
        self._free = c.owned(self, "stream", handle)

    @property
    def place(self) -> str:
        """Of what was read last: for `Engine.join`, and as Last-Event-ID."""
        with self._changing:
            return self._last[0] if self._handle is None else self._place()

    @property
    def end_reason(self) -> str:
        """ "open" until the end; then "completed", "stopped", "error", "deleted", "expired",
        "denied", "cancelled" or "shutdown"."""
        with self._changing:
            return self._last[1] if self._handle is None else self._reason()

    def _place(self) -> str:
        return c.library.chatbot_stream_place(self._handle).decode()

    def _reason(self) -> str:
        return c.library.chatbot_stream_end_reason(self._handle).decode()

    def next(self, timeout: Optional[float] = None) -> Optional[Event]:
        """The next event; None when none came within `timeout` seconds (None: however long). After
        the last one, an event of the kind "end"."""
        kind, event = ctypes.c_int32(), ctypes.c_void_p()
        places = (ctypes.byref(kind), ctypes.byref(event))
        status = self._read("stream_next", timeout, places)
        if status == c.END:
            return Event("end", {"reason": self.end_reason})
        if status == c.WOULD_BLOCK:
            return None
        return Event("delta" if kind.value == c.EVENT_DELTA else "item", json.loads(c.taken(event)))

    def read(self, timeout: Optional[float] = None) -> Optional[bytes]:
        """Whole frames of server-sent events; None when none came within `timeout` seconds, and
        b"" after the last one."""
        buffer, written = ctypes.create_string_buffer(CHUNK), ctypes.c_size_t()
        status = self._read("stream_read", timeout, (buffer, CHUNK, ctypes.byref(written)))
        return None if status == c.WOULD_BLOCK else buffer.raw[: written.value]

    def _read(self, name: str, timeout: Optional[float], places: tuple[Any, ...]) -> int:
        with self._reading:
            if self._handle is None:
                return c.END
            return patiently(timeout, lambda wait: c.call(name, self._handle, wait, *places))

    def __iter__(self) -> Iterator[Event]:
        return self

    def __next__(self) -> Event:
        event = None
        while event is None:
            event = self.next()
        if event.kind == "end":
            raise StopIteration
        return event

    def __aiter__(self) -> AsyncIterator[Event]:
        return self

    async def __anext__(self) -> Event:
        event = self.next(0)
        while event is None:
            await self._waits().ready(self)
            event = self.next(0)
        if event.kind == "end":
            raise StopAsyncIteration
        return event

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
                await self._waits().ready(self)
            else:
                yield piece

    def cancel(self) -> None:
        """Ends the stream, now and for ever. Never waits."""
        with self._changing:
            c.library.chatbot_stream_cancel(self._handle)

    def close(self) -> None:
        """Lets go of the stream: a read that waits ends. May be repeated."""
        self.cancel()
        with self._reading, self._changing:
            if self._handle is not None:
                reason = self._reason()
                self._last = (self._place(), "cancelled" if reason == "open" else reason)
            self._handle = None
            self._free()
            waiter = self._waiter
        if waiter is not None:
            waiter.get_loop().call_soon_threadsafe(settle, waiter)

    def __enter__(self) -> Stream:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _enter(self, waits: ctypes.c_void_p, token: int, waiter: asyncio.Future[None]) -> bool:
        """Enters a wait set, for a task that waits; False: it is closed."""
        with self._changing:
            if self._handle is None:
                return False
            c.call("waitset_add", waits, self._handle, token)
            self._waiter = waiter
            return True

    def _leave(self, waits: ctypes.c_void_p) -> None:
        with self._changing:
            self._waiter = None
            c.library.chatbot_waitset_remove(waits, self._handle)
