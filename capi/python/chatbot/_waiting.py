"""Waiting on an event loop, without a thread."""

from __future__ import annotations

import asyncio
import ctypes
import itertools
import weakref

from . import _library as c

READY_AT_ONCE = 256


class Readable:
    """A descriptor of the library's that tasks of one loop at a time wait for."""

    def __init__(self, handle: int):
        self._handle = handle
        self._waiting: set[asyncio.Future[None]] = set()

    async def wait(self) -> None:
        """Returns when it is readable; others may have been quicker."""
        loop = asyncio.get_running_loop()
        if not self._waiting:
            loop.add_reader(self._handle, self._wake)
        future = loop.create_future()
        self._waiting.add(future)
        try:
            await future
        finally:
            self._waiting.discard(future)
            if not self._waiting:
                loop.remove_reader(self._handle)

    def _wake(self) -> None:
        for future in self._waiting:
            if not future.done():
                future.set_result(None)


class WaitSet:
    """All streams of an engine that tasks wait for, behind one descriptor of their loop.

    A stream is in the set while its reader waits: what is ready is taken out, so that the
    descriptor is quiet until somebody waits again.
    """

    def __init__(self, engine: ctypes.c_void_p):
        self._handle = c.made("waitset_new", engine)
        weakref.finalize(self, c.library.chatbot_waitset_free, self._handle)
        self._tokens = itertools.count(1)
        self._waiting: dict[int, tuple[ctypes.c_void_p, asyncio.Future[None]]] = {}
        self._ready = (ctypes.c_uint64 * READY_AT_ONCE)()

    async def ready(self, stream: ctypes.c_void_p) -> None:
        """Returns when there is something to read."""
        loop = asyncio.get_running_loop()
        if not self._waiting:
            loop.add_reader(c.handle("waitset_pollable", self._handle), self._wake)
        token, future = next(self._tokens), loop.create_future()
        self._waiting[token] = (stream, future)
        try:
            c.call("waitset_add", self._handle, stream, token)
            await future
        finally:
            self._leave(token)
            if not self._waiting:
                loop.remove_reader(c.handle("waitset_pollable", self._handle))

    def _leave(self, token: int) -> None:
        stream, _ = self._waiting.pop(token)
        c.library.chatbot_waitset_remove(self._handle, stream)

    def _wake(self) -> None:
        count = ctypes.c_size_t()
        places = (self._ready, READY_AT_ONCE, ctypes.byref(count))
        c.call("waitset_wait", self._handle, 0, *places)
        for token in self._ready[: count.value]:
            stream, future = self._waiting[token]
            c.library.chatbot_waitset_remove(self._handle, stream)
            if not future.done():
                future.set_result(None)
