"""No room includes from a room above it, and hosts see the library as strangers do."""

import re

import tree

INCLUDES = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]', re.MULTILINE)

# Each room, and the rooms that it may include from beside itself.
MAY_INCLUDE = {
    "base": set(),
    "model": {"base"},
    "access": {"base", "model"},
    "query": {"base", "model"},
    "database": {"base", "access"},
    "store": {"base", "model", "access", "query", "database"},
    "stream": {"base", "model", "access", "store"},
    "run": {"base", "model", "access", "store", "stream"},
    "openai": {"base", "model", "store", "run"},
    "engine": {"base", "model", "access", "query", "database", "store", "stream", "run"},
    "http": {"base", "model", "access", "query", "store", "stream", "run", "engine"},
}
MAY_INCLUDE["capi"] = set(MAY_INCLUDE)

# Rooms of which only the public header may be included, by the room that includes it.
PUBLIC_ONLY = {"openai": {"model", "store", "run"}}

# The rooms of public headers that are not called like their room.
ROOM_OF_HEADER = {"condition": "base", "environment": "base", "error": "base", "log": "base",
                  "store_options": "database"}


def roomOfPublicHeader(name):
    stem = name.removesuffix(".h")
    return ROOM_OF_HEADER.get(stem, stem)


def roomOfFile(path):
    if path.parts[0] == "src":
        return path.parts[1]
    if path.parts[0] == "capi":
        return "capi"
    return roomOfPublicHeader(path.name)


def roomOfInclude(name):
    """The room that an included header belongs to, or None for one that is not ours."""
    folder, _, header = name.partition("/")
    if name == "chatbot.h":
        return "capi"
    if folder == "chatbot":
        return roomOfPublicHeader(header)
    return folder if folder in MAY_INCLUDE else None


def includesOf(path):
    return [(mark, name) for mark, name in INCLUDES.findall(tree.text(path))]


def faultsOfRooms():
    sources = [p for folder in ("src", "include", "capi")
               for p in tree.files(".h", ".cpp", ".c", under=folder)]
    for path in sources:
        room = roomOfFile(path)
        if room not in MAY_INCLUDE:
            yield f"{path}: belongs to no room"
            continue
        for _, name in includesOf(path):
            other = roomOfInclude(name)
            if not other or other == room:
                continue
            isPublic = name.startswith("chatbot/")
            if other not in MAY_INCLUDE[room]:
                yield f"{path}: {room} includes {name} of {other}"
            elif other in PUBLIC_ONLY.get(room, set()) and not isPublic:
                yield f"{path}: {room} includes the private {name} of {other}"


def faultsOfPublicHeaders():
    """They show nothing but the standard library and each other."""
    for path in tree.files(".h", under="include") + tree.files(".h", under="capi/include"):
        for mark, name in includesOf(path):
            ours = mark == '"' and name.startswith("chatbot/")
            standard = mark == "<" and re.fullmatch(r"[a-z_]+|std(def|int|bool)\.h", name)
            if not ours and not standard:
                yield f"{path}: a public header includes {name}"


def faultsOfExamples():
    """An example knows of the library what any user of it knows; a host, the C API alone."""
    for path in tree.files(".h", ".cpp", ".c", under="examples"):
        isPart = str(path).startswith("examples/parts/")
        for _, name in includesOf(path):
            isPublic = name == "chatbot.h" or isPart and name.startswith("chatbot/")
            if roomOfInclude(name) and not isPublic:
                yield f"{path}: an example includes {name}"


tree.report([*faultsOfRooms(), *faultsOfPublicHeaders(), *faultsOfExamples()])
