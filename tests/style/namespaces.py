"""Namespaces match rooms: the room of a private name can be read off the name.

A file of src/<room> opens `chatbot` for the public API, `chatbot::<room>` and anonymous namespaces. A
private header opens `chatbot` for specialisations of public templates alone, and a public one opens
a room's namespace for names that stand for private classes alone.
"""

import re

import code_text as code
import tree

NAMESPACE = re.compile(r"\b(?:inline\s+)?namespace(?:\s+([\w:]+))?\s*\{")
USING = re.compile(r"\busing\s+namespace\s+([\w:]+)")
DECLARATIONS = re.compile(r"(?:\s*(?:class|struct|enum class)\s+\w+(?:\s*:\s*[\w:]+)?;)*\s*")
SPECIALISATIONS = re.compile(r"(?:\s*template\s*<>(?:[^;{}]|\{[^{}]*\})*;?)*\s*")


def bodyAt(text, start):
    """What stands between the brace before `start` and its partner."""
    depth = 1
    for match in re.compile(r"[{}]").finditer(text, start):
        depth += 1 if match[0] == "{" else -1
        if depth == 0:
            return text[start:match.start()]
    return text[start:]


def namespaces(text, outer=()):
    """Pairs of a namespace's whole name and its body; an anonymous one is called ''."""
    end = 0
    for match in NAMESPACE.finditer(text):
        if match.start() < end:
            continue  # within the one before
        body = bodyAt(text, match.end())
        end = match.end() + len(body)
        names = (*outer, *match[1].split("::")) if match[1] else (*outer, "")
        yield "::".join(names), body
        yield from namespaces(body, names)


def faultsOfSource(path):
    room = f"chatbot::{path.parts[1]}"
    for name, body in namespaces(code.withoutTexts(tree.text(path))):
        if name.removesuffix("::") not in ("", "chatbot", room):
            yield f"{path}: opens the namespace {name}"
        if path.suffix == ".h" and name == "chatbot" and not SPECIALISATIONS.fullmatch(body):
            yield f"{path}: a private header declares names in chatbot"


def faultsOfPublicHeader(path):
    for name, body in namespaces(code.withoutTexts(tree.text(path))):
        if name == "chatbot":
            continue
        isRoom = name.startswith("chatbot::") and (tree.root() / "src" / name[9:]).is_dir()
        if not isRoom or not DECLARATIONS.fullmatch(body):
            yield f"{path}: defines names in {name}"


def faults():
    for path in tree.files(".h", ".cpp", under="src"):
        yield from faultsOfSource(path)
        for name in USING.findall(code.withoutTexts(tree.text(path))):
            yield f"{path}: takes in the whole namespace {name}"
    for path in tree.files(".h", under="include"):
        yield from faultsOfPublicHeader(path)


tree.report(list(faults()))
