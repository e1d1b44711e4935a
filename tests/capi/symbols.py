"""What the shared library shows and what it uses.

symbols.py ROOT exports LIBRARY    exported = the list capi/exports.txt = declared in chatbot.h
symbols.py ROOT uses LIBRARY OBJECT...    our own objects neither print nor end the process,
                                          and do nothing when they are loaded
symbols.py ROOT release LIBRARY OBJECT... the same, and without assertions
"""

import pathlib
import re
import shutil
import subprocess
import sys

# An embedded library does none of this: it reports to its host.
FORBIDDEN = re.compile(r"^_*(v?f?printf|puts|putchar|fputs|fwrite|perror|stdout|stderr"
                       r"|exit|_exit|_Exit|quick_exit|abort|atexit|signal|setenv"
                       r"|_ZSt4(cout|cerr|clog))(_chk)?$")


def nm(*arguments):
    """(symbol, class, type) of each symbol, without its version; U is the class of those used."""
    output = subprocess.run(["nm", "--format=sysv", *arguments], check=True, capture_output=True,
                            text=True).stdout
    rows = (line.split("|") for line in output.splitlines())
    return [(row[0].strip().split("@")[0], row[2].strip(), row[3].strip())
            for row in rows if len(row) == 7]


def differences(name, found, wanted):
    yield from (f"{name}: {symbol} is missing" for symbol in sorted(wanted - found))
    yield from (f"{name}: {symbol} is too much" for symbol in sorted(found - wanted))


def exportFaults(root, library):
    listed = (root / "capi/exports.txt").read_text().split()
    header = (root / "capi/include/chatbot.h").read_text()
    declared = set(re.findall(r"CHATBOT_API [^;]*?\b(chatbot_\w+)\(", header))
    exported = {symbol for symbol, _, _ in nm("-D", "--defined-only", library)}
    walked = (root / "tests/capi/walkthrough.c").read_text()
    walked += (root / "tests/capi/check.h").read_text()
    if listed != sorted(set(listed)):
        yield "capi/exports.txt: not sorted"
    yield from differences("exported", exported, set(listed))
    yield from differences("declared", declared, set(listed))
    yield from (f"the walkthrough does not use {name}" for name in listed
                if f"{name}(" not in walked)


def runsAtLoad(path, symbols):
    """Whether it has static constructors, or destructors, of its own: not a sanitizer's."""
    sections = subprocess.run(["readelf", "--wide", "--sections", path], check=True,
                              capture_output=True, text=True).stdout
    isSanitized = any("san.module_ctor" in symbol for symbol, _, _ in symbols)
    return not isSanitized and re.search(r"\.(init|fini)_array", sections) is not None


def assertFaults(objects):
    yield from (f"{path}: asserts" for path in objects
                if any(symbol == "__assert_fail" for symbol, _, _ in nm(path)))


def useFaults(library, objects):
    for symbol, kind, _ in nm(library):
        if symbol.startswith("sqlite3_") and kind != "U":
            yield f"{library}: defines {symbol}"
    for path in objects:
        symbols = nm(path)
        if runsAtLoad(path, symbols):
            yield f"{path}: has static constructors"
        for symbol, kind, form in symbols:
            if kind == "U" and FORBIDDEN.match(symbol):
                yield f"{path}: uses {symbol}"
            if kind != "U" and form == "TLS":
                yield f"{path}: {symbol} is thread-local"


if not shutil.which("nm"):
    print("no nm")
    sys.exit(77)
root, check, library, *objects = sys.argv[1:]
root = pathlib.Path(root)
faults = [*(exportFaults(root, library) if check == "exports" else useFaults(library, objects))]
if check == "release":
    faults += assertFaults(objects)
print("\n".join(faults) or "no fault")
sys.exit(1 if faults else 0)
