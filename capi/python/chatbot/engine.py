"""The engine: conversations on one database, and the endpoints for any server."""

from __future__ import annotations

import atexit
import ctypes
import json
import weakref
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from typing import Any, NamedTuple, Optional, Union

from . import _library as c
from ._callbacks import document_loader, log_function
from ._waiting import PerLoop, Readable, WaitSet, patiently
from .stream import Stream
from .turn import AsyncTurn, Turn

Json = dict[str, Any]
Rows = list[Json]  # `list` is a method below


class Identity:
    """A caller, as the host has authenticated it. May be kept and used from any thread."""

    def __init__(self, user_id: str, mandate_id: Optional[str] = None, roles: Iterable[str] = ()):
        if isinstance(roles, str):
            raise TypeError("roles must be a list of texts, not a text")
        document = {"userId": user_id, "mandateId": mandate_id, "roles": list(roles)}
        self._handle = c.made("identity_new", *c.text(json.dumps(document)))
        c.owned(self, "identity", self._handle)


class Response(NamedTuple):
    """The answer to a request: a body, or a stream of server-sent events in its place."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes
    stream: Optional[Stream]


class Started(NamedTuple):
    """The workflow as it was stored, and the stream of the round."""

    workflow: Json
    stream: Stream


_engines: weakref.WeakSet[Engine] = weakref.WeakSet()


@atexit.register
def _close_all() -> None:
    """The library's threads call into Python: they end before the interpreter does."""
    for engine in list(_engines):
        engine.close()


class Engine:
    """Opens `store`: an SQLite file, created if absent, or the URL of a PostgreSQL database.

    `options` are those of the C library by their names, such as maxRounds=100; `Engine.options()`
    lists them. `log` is called with a level (0 debug to 3 error) and a line, on any thread;
    `load_document` with a document's request, for the responder openai.

    All methods may be called from any thread and block for their own work only. Streams and turns
    keep the engine alive; `close` ends them. As a context manager it is closed at the end; one that
    is open when the interpreter ends is closed then.

    A process that forks, as servers with several workers do, opens its engine afterwards: in a
    child, what the parent has opened raises Unavailable.
    """

    def __init__(
        self,
        store: str,
        *,
        log: Optional[Callable[[int, str], None]] = None,
        load_document: Optional[Callable[[Json], Any]] = None,
        **options: Union[str, int, float, bool],
    ):
        handle = c.library.chatbot_options_new()
        try:
            for name, value in {"store": store, **options}.items():
                given = str(value).lower() if isinstance(value, bool) else str(value)
                c.call("options_set", handle, name.encode(), *c.text(given))
            log_function(handle, log)
            document_loader(handle, load_document)
            self._handle = c.made("engine_open", handle)
        finally:
            c.library.chatbot_options_free(handle)
        c.owned(self, "engine", self._handle)
        _engines.add(self)
        self._sets: PerLoop[WaitSet] = PerLoop()
        self._turns: PerLoop[Readable] = PerLoop()
        self.max_body_bytes = int(options.get("maxBodyBytes", _default("maxBodyBytes")))
        self.prefix = str(options.get("prefix", _default("prefix")))

    @staticmethod
    def options() -> Rows:
        """Name, type, default and description of each option."""
        return json.loads(c.answered("options_describe"))

    def close(self) -> None:
        """Ends all streams and rounds, and waits for callbacks that are running. May be repeated."""
        c.library.chatbot_engine_shutdown(self._handle)

    def __enter__(self) -> Engine:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def serve(
        self,
        caller: Identity,
        method: str,
        target: str,
        headers: Optional[Mapping[str, str]] = None,
        body: bytes = b"",
    ) -> Response:
        """Answers a request. `target` is path and query as they came."""
        response = c.made(
            "serve",
            self._handle,
            caller._handle,
            *c.text(method),
            *c.text(target),
            *c.text(json.dumps(dict(headers or {}))),
            *c.text(body),
        )
        try:
            return self._read(response)
        finally:
            c.library.chatbot_response_free(response)

    def _read(self, response: ctypes.c_void_p) -> Response:
        library = c.library
        headers = []
        value, length = ctypes.c_char_p(), ctypes.c_size_t()
        for index in range(library.chatbot_response_header_count(response)):
            name = library.chatbot_response_header(response, index, ctypes.byref(value))
            headers.append((name.decode("latin-1"), (value.value or b"").decode("latin-1")))
        body = library.chatbot_response_body(response, ctypes.byref(length))
        stream = library.chatbot_response_take_stream(response)
        return Response(
            library.chatbot_response_status(response),
            headers,
            ctypes.string_at(body, length.value) if length.value else b"",
            self._stream(ctypes.c_void_p(stream)) if stream else None,
        )

    def _stream(self, handle: ctypes.c_void_p) -> Stream:
        return Stream(handle, self._waits)

    def _waits(self) -> WaitSet:
        return self._sets.here(lambda: WaitSet(self._handle))

    def openapi(self) -> Json:
        """The OpenAPI document of the endpoints."""
        return json.loads(c.answered("openapi", self._handle))

    def start(
        self,
        caller: Identity,
        prompt: Union[str, Json],
        *,
        workflow_id: Optional[str] = None,
        on_busy: Optional[str] = None,
        idempotency_key: Optional[str] = None,
        deltas: bool = False,
    ) -> Started:
        """Starts a conversation, or its next round. `prompt` may be a whole UserInputRequest."""
        body = {"prompt": prompt} if isinstance(prompt, str) else prompt
        given = {"workflowId": workflow_id, "onBusy": on_busy, "idempotencyKey": idempotency_key}
        params = {name: value for name, value in given.items() if value is not None}
        workflow, stream = ctypes.c_void_p(), ctypes.c_void_p()
        c.call(
            "start",
            self._handle,
            caller._handle,
            *c.text(json.dumps(body)),
            *c.text(json.dumps(params)),
            c.DELTAS if deltas else 0,
            ctypes.byref(workflow),
            ctypes.byref(stream),
        )
        return Started(json.loads(c.taken(workflow)), self._stream(stream))

    def join(
        self, caller: Identity, workflow_id: str, place: str = "", *, deltas: bool = False
    ) -> Optional[Stream]:
        """A stream of the items after the position `place`, then of those that are appended; None if
        nothing is left and nothing more will come."""
        stream = ctypes.c_void_p()
        flags = c.DELTAS if deltas else 0
        arguments = (*c.text(workflow_id), *c.text(place), flags, ctypes.byref(stream))
        status = c.call("join", self._handle, caller._handle, *arguments)
        return None if status == c.END else self._stream(stream)

    def stop(self, caller: Identity, workflow_id: str) -> Json:
        """Stops the running round; answers the workflow as it is afterwards."""
        return self._json("stop", caller, *c.text(workflow_id))

    def rename(self, caller: Identity, workflow_id: str, name: str) -> Json:
        """Gives a conversation another name; answers the workflow as it is afterwards."""
        return self._json("rename", caller, *c.text(workflow_id), *c.text(name))

    def delete(self, caller: Identity, workflow_id: str) -> None:
        """Deletes a conversation with all that belongs to it; a running round is stopped first."""
        c.call("delete", self._handle, caller._handle, *c.text(workflow_id))

    def list(self, caller: Identity, params: Optional[Json] = None) -> Json:
        """A page of conversations, {"items", "pagination"}; all of them without `params`."""
        return self._json("list", caller, *c.text(json.dumps(params) if params else None))

    def detail(self, caller: Identity, workflow_id: str) -> Json:
        """A conversation with all its items, {"workflow", "chatData"}."""
        return self._json("detail", caller, *c.text(workflow_id))

    def _json(self, name: str, caller: Identity, *arguments: Any) -> Json:
        return json.loads(c.answered(name, self._handle, caller._handle, *arguments))

    def rules(self) -> Rows:
        """The access rules in force."""
        return json.loads(c.answered("access_rules", self._handle))

    def set_rules(self, rules: Rows) -> None:
        """Replaces the access rules, for calls and open streams, in every engine on the database."""
        c.call("access_set_rules", self._handle, *c.text(json.dumps(rules)))

    def allows(self, caller: Identity, table: str, operation: str, row: Json) -> bool:
        """Whether the caller may do `operation` to a row, {"mandateId", "_createdBy"}."""
        allowed = ctypes.c_int32()
        names = (table.encode(), operation.encode(), *c.text(json.dumps(row)))
        c.call("access_check", self._handle, caller._handle, *names, ctypes.byref(allowed))
        return allowed.value == 1

    def explain(self, caller: Identity, table: str, operation: str) -> Json:
        """The rule that decides: {"level", "role", "table", "rule"}."""
        return self._json("access_explain", caller, table.encode(), operation.encode())

    def take(self, timeout: Optional[float] = None) -> Optional[Turn]:
        """The oldest turn that waits, with responder="host"; None when none came within `timeout`
        seconds (None: however long), or the engine was closed."""
        turn = ctypes.c_void_p()
        place = ctypes.byref(turn)
        patiently(timeout, lambda wait: c.call("turn_take", self._handle, wait, place))
        return Turn(turn) if turn else None

    async def turns(self) -> AsyncIterator[AsyncTurn]:
        """The turns that wait, until the engine is closed. Any number of tasks may take them."""
        waits = self._turns.here(lambda: Readable(c.handle("turn_pollable", self._handle)))
        while True:
            turn = ctypes.c_void_p()
            status = c.call("turn_take", self._handle, 0, ctypes.byref(turn))
            if status == c.END:
                return
            if status == c.OK:
                yield AsyncTurn(Turn(turn))
            else:
                await waits.wait()


def _default(name: str) -> str:
    return next(each["default"] for each in Engine.options() if each["name"] == name)


def select(rows: Rows, params: Json, schema: Optional[dict[str, str]] = None) -> Json:
    """Pages, sorts and filters rows as the lists of conversations are: {"items", "pagination"}."""
    fields = c.text(json.dumps(schema) if schema else None)
    arguments = (*c.text(json.dumps(rows)), *fields, *c.text(json.dumps(params)))
    return json.loads(c.answered("select", *arguments))
