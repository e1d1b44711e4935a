"""declarations.py HEADER: the Python package declares the functions of chatbot.h, each as it is."""

import ctypes
import re
import sys
from pathlib import Path

from chatbot import _library as c

FUNCTION = re.compile(r"CHATBOT_API\s+([^;]*?)\b(chatbot_\w+)\(([^;]*)\)\s*CHATBOT_NOEXCEPT;")
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)

VALUES = {
    "void": None,
    "int32_t": ctypes.c_int32,
    "chatbot_status": ctypes.c_int32,
    "uint32_t": ctypes.c_uint32,
    "int64_t": ctypes.c_int64,
    "uint64_t": ctypes.c_uint64,
    "size_t": ctypes.c_size_t,
    "chatbot_notify_fn": c.NOTIFY,
    "chatbot_destroy_fn": c.DESTROY,
    "chatbot_log_fn": c.LOG,
    "chatbot_load_fn": c.LOAD,
}
POINTERS = {
    "char*": (ctypes.c_char_p, ctypes.c_void_p),  # a text, or bytes by their address
    "char**": (ctypes.POINTER(ctypes.c_char_p),),
    "void*": (ctypes.c_void_p,),
    "int32_t*": (ctypes.POINTER(ctypes.c_int32),),
    "uint64_t*": (ctypes.POINTER(ctypes.c_uint64),),
    "size_t*": (ctypes.POINTER(ctypes.c_size_t),),
    "intptr_t*": (c.HANDLE,),
}


def typeOf(declared):
    """The type's words without const and the parameter's name."""
    words = re.sub(r"\bconst\b", "", declared).replace("*", " * ").split()
    stars = words.count("*")
    return words[0] + "*" * stars


def allowed(declared):
    kind = typeOf(declared)
    if kind in VALUES:
        return (VALUES[kind],)
    if kind in POINTERS:
        return POINTERS[kind]
    return (ctypes.POINTER(ctypes.c_void_p),) if kind.endswith("**") else (ctypes.c_void_p,)


def declared(header):
    for result, name, arguments in FUNCTION.findall(COMMENT.sub("", header)):
        given = [] if arguments.strip() == "void" else arguments.split(",")
        yield name.removeprefix("chatbot_"), result, given


def faults(header):
    functions = {name: (result, given) for name, result, given in declared(header)}
    if len(functions) < 60:
        yield f"only {len(functions)} functions were found in the header"
    for name in functions.keys() ^ c.FUNCTIONS.keys():
        yield f"{name}: in the header or in the package alone"
    for name in functions.keys() & c.FUNCTIONS.keys():
        result, given = functions[name]
        answers, takes = c.FUNCTIONS[name]
        if answers not in allowed(result):
            yield f"{name}: answers {answers}, not {result.strip()}"
        if len(takes) != len(given):
            yield f"{name}: takes {len(takes)} arguments, not {len(given)}"
            continue
        for place, (one, other) in enumerate(zip(takes, given)):
            if one not in allowed(other):
                yield f"{name}: argument {place} is {one}, not {other.strip()}"


found = list(faults(Path(sys.argv[1]).read_text(encoding="utf-8")))
print("\n".join(found) or "no fault")
sys.exit(1 if found else 0)
