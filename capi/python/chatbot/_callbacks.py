"""Python functions that the library calls."""

from __future__ import annotations

import ctypes
import itertools
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple, Optional

from . import _library as c


class Document(NamedTuple):
    """A document for the model. Without a type it is sent as text if it is UTF-8."""

    name: str
    data: bytes
    mime_type: str = ""
    size: Optional[int] = None  # of one that is too large to be given


_functions: dict[int, Any] = {}  # those that the library may call, by the number that it gives back
_numbers = itertools.count(1)


@c.DESTROY
def _forget(number: int) -> None:
    _functions.pop(number, None)


def _given(function: Any) -> tuple[Any, int, Any]:
    """The arguments of a registration: the function, its number, and the one that forgets it."""
    number = next(_numbers)
    _functions[number] = function
    return function, number, _forget


@contextmanager
def _called_back() -> Iterator[None]:
    c.called.back = True
    try:
        yield
    finally:
        c.called.back = False


def log_function(options: Any, log: Optional[Callable[[int, str], None]]) -> None:
    """Sets the function that receives log lines, unless it is None."""
    if log is None:
        return

    def write(_: Any, level: int, line: Any, length: int) -> None:
        with _called_back():
            log(level, ctypes.string_at(line, length).decode(errors="replace"))

    c.library.chatbot_options_set_log(options, *_given(c.LOG(write)))


def document_loader(options: Any, load: Optional[Callable[[Any], Optional[Document]]]) -> None:
    """Sets the function that loads documents, unless it is None."""
    if load is None:
        return

    def give(_: Any, request: Any, length: int, target: int) -> None:
        with _called_back():
            found = load(json.loads(ctypes.string_at(request, length)))
        if found is None:
            return
        size = len(found.data) if found.size is None else found.size
        texts = (*c.text(found.name), *c.text(found.mime_type), size, *c.text(found.data))
        c.call("document_set", target, *texts)

    c.library.chatbot_options_set_documents(options, *_given(c.LOAD(give)))
