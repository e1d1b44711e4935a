"""A round that the host answers."""

from __future__ import annotations

import asyncio
import ctypes
import json
import threading
from typing import Any, Optional, Union

from . import _library as c
from ._waiting import Readable

Items = Union[dict[str, Any], list[dict[str, Any]]]


class Turn:
    """What a host does to answer a round: append, write text, complete or fail.

    One call at a time; `cancelled` from anywhere. Each answers False once the round is over
    (stopped, deleted, followed by another, or the engine closed): then nothing was changed. A turn
    that is dropped unfinished ends its round as failed; as a context manager it is completed at the
    end, or fails with what was raised.
    """

    def __init__(self, handle: ctypes.c_void_p):
        self._handle: Optional[ctypes.c_void_p] = handle  # None: let go of
        self._changing = threading.Lock()  # of the handle
        self._free = c.owned(self, "turn", handle)
        self.input: dict[str, Any] = json.loads(c.answered("turn_input", handle))
        self._finished = False

    @property
    def prompt(self) -> str:
        """What the user has written."""
        return self.input["prompt"]

    @property
    def history(self) -> list[dict[str, Any]]:
        """The messages of earlier rounds, oldest first."""
        return [item["item"] for item in self.input["history"]]

    @property
    def cancelled(self) -> bool:
        """Whether the round was stopped or deleted. Any thread."""
        with self._changing:
            return c.library.chatbot_turn_is_cancelled(self._handle) == 1

    def append(self, items: Items) -> bool:
        """Appends a chat item, {"type": "message" | "log" | "stat", "item": {…}}, or a list of
        them, all or none."""
        return self._did("turn_append", *c.text(json.dumps(items)))

    def message(self, text: str = "", **fields: Any) -> bool:
        """Appends a message; without a text, what was written with `delta`."""
        return self.append({"type": "message", "item": {"message": text, **fields}})

    def log(self, text: str, **fields: Any) -> bool:
        """Appends a log: what the responder is doing."""
        return self.append({"type": "log", "item": {"message": text, **fields}})

    def delta(self, text: str) -> bool:
        """Adds to the text of the message that is being written."""
        return self._did("turn_delta", *c.text(text))

    def rename(self, name: str) -> bool:
        """Gives the conversation another name."""
        return self._did("turn_rename", *c.text(name))

    def complete(self) -> bool:
        """Ends the round. Text that was written and not yet appended becomes the answer."""
        self._finished = True
        return self._did("turn_finish", None, 0)

    def fail(self, reason: str) -> bool:
        """Ends the round as failed; clients see the reason."""
        self._finished = True
        return self._did("turn_finish", *c.text(reason))

    def _did(self, name: str, *arguments: Any) -> bool:
        return c.call(name, self._handle, *arguments) == c.OK

    def __enter__(self) -> Turn:
        return self

    def __exit__(self, kind: Optional[type], *_: object) -> None:
        if not self._finished:
            self.complete() if kind is None else self.fail("The answer could not be given")
        with self._changing:
            self._handle = None
            self._free()


class AsyncTurn:
    """A Turn's methods for tasks: what writes to the database does so on another thread."""

    def __init__(self, turn: Turn):
        self.turn = turn
        self.input, self.prompt, self.history = turn.input, turn.prompt, turn.history
        self._over: Optional[Readable] = None

    @property
    def cancelled(self) -> bool:
        """Whether the round was stopped or deleted."""
        return self.turn.cancelled

    async def wait_cancelled(self) -> None:
        """Returns when the round is over, for a task that is to end with it."""
        if self._over is None:
            self._over = Readable(c.handle("turn_cancel_pollable", self.turn._handle))
        await self._over.wait()

    async def append(self, items: Items) -> bool:
        """See Turn."""
        return await asyncio.to_thread(self.turn.append, items)

    async def message(self, text: str = "", **fields: Any) -> bool:
        """See Turn."""
        return await asyncio.to_thread(self.turn.message, text, **fields)

    async def log(self, text: str, **fields: Any) -> bool:
        """See Turn."""
        return await asyncio.to_thread(self.turn.log, text, **fields)

    async def delta(self, text: str) -> bool:
        """See Turn."""
        return self.turn.delta(text)  # in memory: it is stored later

    async def rename(self, name: str) -> bool:
        """See Turn."""
        return await asyncio.to_thread(self.turn.rename, name)

    async def complete(self) -> bool:
        """See Turn."""
        return await asyncio.to_thread(self.turn.complete)

    async def fail(self, reason: str) -> bool:
        """See Turn."""
        return await asyncio.to_thread(self.turn.fail, reason)

    async def __aenter__(self) -> AsyncTurn:
        return self

    async def __aexit__(self, *raised: Any) -> None:
        await asyncio.to_thread(self.turn.__exit__, *raised)
