"""No room includes from a room above it, and hosts see the library as strangers do."""

import re

import tree

INCLUDES = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]', re.MULTILINE)

# Each room, and those that it knows beside itself: it may include all of their headers.
KNOWS = {
    "base": set(),
    "model": {"base"},
    "access": {"base", "model"},
    "query": {"base", "model"},
    "database": {"base"},
    "store": {"base", "model", "access", "query", "database"},
    "stream": {"base", "model", "store"},
    "run": {"base", "model", "store", "stream"},
    "openai": {"base"},
    "engine": {"base", "model", "access", "query", "store", "stream", "run"},
    "http": {"base", "model", "engine"},
    "capi": {"base"},
}

# Rooms of which it knows the public header alone, beside those below the ones that it knows.
KNOWS_PUBLICLY = {"openai": {"run"}, "capi": {"http", "openai", "engine"}}

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
    return folder if folder in KNOWS else None


def below(room):
    """All rooms that it rests on."""
    known = KNOWS[room] | KNOWS_PUBLICLY.get(room, set())
    return known.union(*map(below, known))


def mayInclude(room, other, isPublic):
    return other in (below(room) if isPublic else KNOWS[room])


def includesOf(path):
    return [(mark, name) for mark, name in INCLUDES.findall(tree.text(path))]


def faultsOfRooms():
    sources = [p for folder in ("src", "include", "capi")
               for p in tree.files(".h", ".cpp", ".c", under=folder)]
    for path in sources:
        room = roomOfFile(path)
        if room not in KNOWS:
            yield f"{path}: belongs to no room"
            continue
        for _, name in includesOf(path):
            other = roomOfInclude(name)
            if not other or other == room:
                continue
            if not mayInclude(room, other, name.startswith("chatbot/")):
                yield f"{path}: {room} includes {name} of {other}"


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
