"""Python functions that the library calls."""

from __future__ import annotations

import ctypes
import json
from collections.abc import Callable
from typing import Any, NamedTuple, Optional

from . import _library as c


class Document(NamedTuple):
    """A document for the model. Without a type it is text if it is UTF-8."""

    name: str
    data: bytes
    mime_type: str = ""
    size: Optional[int] = None  # of one that is too large to be given


def log_function(options: Any, log: Optional[Callable[[int, str], None]]) -> Any:
    """Sets it, and answers what must live as long as the engine."""
    if log is None:
        return None

    def write(_: Any, level: int, line: Any, length: int) -> None:
        log(level, ctypes.string_at(line, length).decode(errors="replace"))

    function = c.LOG(write)
    c.library.chatbot_options_set_log(options, function, None, c.DESTROY())
    return function


def document_loader(options: Any, load: Optional[Callable[[Any], Optional[Document]]]) -> Any:
    """The same for the loader of documents."""
    if load is None:
        return None

    def give(_: Any, request: Any, length: int, target: int) -> None:
        found = load(json.loads(ctypes.string_at(request, length)))
        if found is None:
            return
        size = len(found.data) if found.size is None else found.size
        texts = (*c.text(found.name), *c.text(found.mime_type), size, *c.text(found.data))
        c.call("document_set", target, *texts)

    function = c.LOAD(give)
    c.library.chatbot_options_set_documents(options, function, None, c.DESTROY())
    return function
