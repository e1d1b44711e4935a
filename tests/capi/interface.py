"""The interface of the C library stays what programs were built with.

interface.py ROOT constants         the constants of chatbot.h are those of capi/constants.txt
interface.py ROOT shape             chatbot.h shows no structs, says noexcept, and names a thread rule
                                    for each function
interface.py ROOT abi LIBRARY       functions and their types are those of capi/abi.xml, by abidiff
interface.py ROOT record LIBRARY    writes these lists and capi/exports.txt anew

LIBRARY has debug information: types are read from it.
"""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

RECORD = """
Programs that were built with what is changed or gone would break. Undo it; or, before 1.0, raise
CHATBOT_VERSION_MINOR and say so in CHANGELOG.md. What is new needs a note "Since X.Y.Z." in
chatbot.h once X.Y.Z is later than 0.1.0. Then record the interface:
    python3 tests/capi/interface.py . record build/dev/capi/libchatbot.so
"""
THREAD_RULE = re.compile(r"\b(any thread|one at a time|owner)\b", re.IGNORECASE)
SKIPPED = 77

root = pathlib.Path(sys.argv[1])
header = (root / "capi/include/chatbot.h").read_text()


def functions():
    return sorted(re.findall(r"CHATBOT_API [^;]*?\b(chatbot_\w+)\(", header))


def constants():
    """"NAME VALUE" of each enumerator; each has its value written out."""
    for body in re.findall(r"\benum\s*{(.*?)}", plain(), flags=re.DOTALL):
        for enumerator in filter(None, map(str.strip, body.split(","))):
            name, _, value = enumerator.partition("=")
            yield f"{name.strip()} {int(value)}"


def constantFaults():
    recorded = (root / "capi/constants.txt").read_text().splitlines()
    found = list(constants())
    yield from (f"constant changed or gone: {each}" for each in recorded if each not in found)
    yield from (f"constant not recorded: {each}" for each in found if each not in recorded)


# Declarations that bindings cannot follow, or whose size changes unseen.
UNWANTED = {
    r"\bstruct \w+\s*{": "a struct that is not opaque",
    r"\bunion\b": "a union",
    r"\.\.\.": "a variable number of arguments",
    r"\b(inline|static)\b": "an inline function",
    r"\bCHATBOT_API (?![^;]*\()": "a variable",
    r"\benum \w+\s*{": "an enumeration as a type",
    r"\b(bool|long|short|unsigned)\b": "a type without a fixed width",
}


def plain():
    """The header without comments and without the preprocessor's lines."""
    return re.sub(r"/\*.*?\*/|^#.*?$", "", header, flags=re.DOTALL | re.MULTILINE)


def shapeFaults():
    yield from (f"chatbot.h has {what}" for pattern, what in UNWANTED.items()
                if re.search(pattern, plain()))
    yield from (f"chatbot.h includes {name}" for name in re.findall(r"#include (.*)", header)
                if name not in ("<stddef.h>", "<stdint.h>"))
    for declaration in re.findall(r"CHATBOT_API [^;]*\([^;]*;", plain()):
        if not re.search(r"\)\s+CHATBOT_NOEXCEPT;$", declaration):
            yield f"not noexcept: {declaration}"
    yield from commentFaults()


def version(text):
    return tuple(map(int, text.split(".")))


def commentFaults():
    """A thread rule stands in a function's comment, or at the head of its section for all."""
    current = tuple(int(re.search(rf"VERSION_{part} (\d+)", header).group(1))
                    for part in ("MAJOR", "MINOR", "PATCH"))
    heading, comment = "", ""
    for text, function in re.findall(r"/\*(.*?)\*/|CHATBOT_API [^;]*?\b(chatbot_\w+)\([^;]*;",
                                     header, flags=re.DOTALL):
        if text.startswith("* @name"):
            heading = text
        if text:
            comment = "" if text.startswith("* @}") else text
            continue
        if not THREAD_RULE.search(heading.splitlines()[0] + comment):
            yield f"{function}: no thread rule"
        for since in re.findall(r"\bSince (\d+\.\d+\.\d+)\.", comment):
            if version(since) > current:
                yield f"{function}: since {since}, which is to come"
        comment = ""


def describe(library, path):
    """Writes what the library's functions are, and their types; what is private stays opaque."""
    subprocess.run(["abidw", "--exported-interfaces-only", "--headers-dir",
                    str(root / "capi/include"), "--drop-private-types", "--no-corpus-path",
                    "--no-comp-dir-path", "--no-show-locs", "--no-elf-needed", "--no-architecture",
                    "--type-id-style", "hash", "--out-file", path, library], check=True)


def abiFaults(library):
    baseline = root / "capi/abi.xml"
    with tempfile.NamedTemporaryFile(suffix=".xml") as found:
        describe(library, found.name)
        for option, meaning in ((["--no-added-syms"], "changed or gone"), ([], "not recorded")):
            difference = subprocess.run(["abidiff", *option, str(baseline), found.name],
                                        capture_output=True, text=True)
            if difference.returncode != 0:
                yield f"functions {meaning}:\n{difference.stdout}{difference.stderr}"
                return


def hasTypes(library):
    sections = subprocess.run(["readelf", "-S", library], capture_output=True, text=True).stdout
    return ".debug_info" in sections


def record(library):
    (root / "capi/exports.txt").write_text("".join(f"{name}\n" for name in functions()))
    (root / "capi/constants.txt").write_text("".join(f"{each}\n" for each in constants()))
    describe(library, root / "capi/abi.xml")


def main(check, library=None):
    if library and not (shutil.which("abidw") and hasTypes(library)):
        print("no abidw, or a library without debug information")
        return SKIPPED
    if check == "record":
        record(library)
        return 0
    checks = {"constants": constantFaults, "shape": shapeFaults,
              "abi": lambda: abiFaults(library)}
    faults = list(checks[check]())
    print("\n".join(faults) or "no fault")
    if faults and check != "shape":
        print(RECORD)
    return 1 if faults else 0


sys.exit(main(*sys.argv[2:]))
