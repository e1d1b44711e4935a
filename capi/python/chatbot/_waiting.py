"""Waiting: on an event loop without a thread, and in a call that signals can interrupt."""

from __future__ import annotations

import asyncio
import ctypes
import itertools
import math
import threading
import time
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Generic, Optional, TypeVar

from . import _library as c

if TYPE_CHECKING:
    from .stream import Stream

READY_AT_ONCE = 256
SLICE = 200  # ms until Python may handle a signal, such as Ctrl-C, in a call that waits

Made = TypeVar("Made")


def patiently(timeout: Optional[float], attempt: Callable[[int], int]) -> int:
    """Calls `attempt` with milliseconds to wait until it answers something, or the time is up.

    Python handles signals in its main thread, between calls; others wait in one call.
    """
    wait = c.FOREVER if timeout is None else max(0, math.ceil(timeout * 1000))
    if 0 <= wait <= SLICE or threading.current_thread() is not threading.main_thread():
        return attempt(wait)
    end = math.inf if timeout is None else time.monotonic() + timeout
    while True:
        left = (end - time.monotonic()) * 1000
        status = attempt(math.ceil(max(0, min(SLICE, left))))
        if status != c.WOULD_BLOCK or left <= SLICE:
            return status


class PerLoop(Generic[Made]):
    """One object for each event loop that asks."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Made]
        self._made = weakref.WeakKeyDictionary()

    def here(self, make: Callable[[], Made]) -> Made:
        loop = asyncio.get_running_loop()
        with self._lock:
            if loop not in self._made:
                self._made[loop] = make()
            return self._made[loop]


def settle(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


class Readable:
    """A descriptor of the library's that tasks of one loop wait for."""

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
            settle(future)


class WaitSet:
    """All streams of an engine that tasks of one loop wait for, behind one descriptor.

    A stream is in the set while its reader waits: what is ready is taken out, so that the
    descriptor is quiet until somebody waits again.
    """

    def __init__(self, engine: ctypes.c_void_p):
        self._handle = c.made("waitset_new", engine)
        self._pollable = c.handle("waitset_pollable", self._handle)
        c.owned(self, "waitset", self._handle)
        self._tokens = itertools.count(1)
        self._waiting: dict[int, tuple[Stream, asyncio.Future[None]]] = {}
        self._ready = (ctypes.c_uint64 * READY_AT_ONCE)()

    async def ready(self, stream: Stream) -> None:
        """Returns when there is something to read, or the stream was closed."""
        loop = asyncio.get_running_loop()
        if not self._waiting:
            loop.add_reader(self._pollable, self._wake)
        token, future = next(self._tokens), loop.create_future()
        self._waiting[token] = (stream, future)
        try:
            if stream._enter(self._handle, token, future):
                await self._signal(stream, future)
        finally:
            del self._waiting[token]
            if not self._waiting:
                loop.remove_reader(self._pollable)

    async def _signal(self, stream: Stream, future: asyncio.Future[None]) -> None:
        try:
            await future
        finally:
            stream._leave(self._handle)

    def _wake(self) -> None:
        count = ctypes.c_size_t()
        places = (self._ready, READY_AT_ONCE, ctypes.byref(count))
        c.call("waitset_wait", self._handle, 0, *places)
        for token in self._ready[: count.value]:
            stream, future = self._waiting[token]
            stream._leave(self._handle)
            settle(future)
