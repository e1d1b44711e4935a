"""docs/options.md lists the options as the library describes them.

options_page.py ROOT LIBRARY          compares
options_page.py ROOT LIBRARY record   writes the page anew
"""

import ctypes
import json
import pathlib
import sys

INTRODUCTION = """# Options

Each option stands in one table of the code, from which this page, the parser and the texts of its refusals are made.
By name and text they are set with `chatbot_options_set` in C, as keyword arguments of `chatbot.Engine` in Python, in
`Options.Settings` in Go, and with `setOption` in C++, where each is also a member of `EngineOptions`, `MountOptions` or
`OpenAiOptions`. `chatbot_options_describe` gives the same list as JSON. A time is in the unit that ends its name.
"""

FOOTER = """
This page is written by a tool:

    python3 tests/capi/options_page.py . build/dev/capi/libchatbot.so record
"""


def described(path):
    library = ctypes.CDLL(path)
    library.chatbot_bytes_data.restype = ctypes.c_char_p
    library.chatbot_bytes_data.argtypes = library.chatbot_bytes_free.argtypes = [ctypes.c_void_p]
    answer = ctypes.c_void_p()
    if library.chatbot_options_describe(ctypes.byref(answer), None) != 0:
        sys.exit("the options cannot be described")
    options = json.loads(library.chatbot_bytes_data(answer))
    library.chatbot_bytes_free(answer)
    return options


def cell(text):
    return text.replace("|", "\\|")


def default(option):
    if option["default"] is None:
        return "must be set"
    return f"`{option['default']}`" if option["default"] else "empty"


def table(heading, options):
    yield from ("", f"## {heading}", "", "| option | default | meaning, and what it takes |",
                "| --- | --- | --- |")
    for option in options:
        yield f"| `{option['name']}` | {default(option)} | {cell(option['description'])} |"


def page(options):
    ofModels = [option for option in options if option["name"].startswith("openai")]
    others = [option for option in options if option not in ofModels]
    lines = [*table("The engine and its endpoints", others),
             *table("The responder `openai`", ofModels)]
    return INTRODUCTION + "\n".join(lines) + "\n" + FOOTER


def main(root, library, mode="compare"):
    path = pathlib.Path(root) / "docs/options.md"
    wanted = page(described(library))
    if mode == "record":
        path.write_text(wanted, encoding="utf-8")
    elif not path.is_file() or path.read_text(encoding="utf-8") != wanted:
        print(f"docs/options.md is not what the library describes.{FOOTER}")
        return 1
    return 0


sys.exit(main(*sys.argv[1:]))
