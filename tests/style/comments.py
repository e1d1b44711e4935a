"""Comments: how many there are, that none reads as a riddle, and that no old word is left."""

import re

import code_text
import tree

# At least, at most, in parts of the lines that are not empty.
SHARES = {"src": (0.10, 0.20), "include": (0.40, 0.60)}

# A comment says what something is, not what it is not: "What was read of it" is a riddle.
RIDDLE = re.compile(r"(What|Who|Whoever|Whatever|Whose|Of|Those (that|who|which)|Nothing|One that|"
                    r"Ones that)\b")

# The glossary of CONTRIBUTING.md has the words that took their place.
OLD_WORDS = {
    r"[Pp]resence": "membership",
    r"(?<!-)\b[Rr]unners?\b": "instance",
    r"\b[Bb]eat(s|en|ing)?\b": "heartbeat",
    r"[Tt]ake-?overs?\b": "reclaim",
    r"[Oo]rphan": "unowned round",
    r"\bAsides?\b|\basides\b": "side output",
    r"\bAsking\b": "CompletionRequest",
    r"\bdesk_?\b": "timers",
    r"[Uu]pkeep": "maintenance",
    r"\bGlance\b|\bglance": "snapshot",
}
OLD_NAMES = {  # words that prose may use
    r"\b[gG]one\b": "dead",
    r"\bPlans?\b": "scripted answers",
    r"\b[rR]each\b": "access level",
    r"\bKnown\b": "AnnouncedState",
    r"\bsettle\b": "drain",
    r"\bPlace\b": "Position",
    r"\b(say|tell|note)\(": "log, publish, record",
}


def faultsOfShares():
    for folder, (least, most) in SHARES.items():
        counts = [code_text.commentLines(tree.text(path))
                  for path in tree.files(".h", ".cpp", under=folder)]
        share = sum(count[0] for count in counts) / sum(count[1] for count in counts)
        if not least <= share <= most:
            yield f"{folder}: {share:.1%} of the lines have comments, not {least:.0%} to {most:.0%}"


def faultsOfRiddles(path):
    for line, words in code_text.comments(tree.text(path)):
        if RIDDLE.match(words):
            yield f"{path}:{line}: a riddle: {words[:70]}"


def faultsOfWords(path):
    source = tree.text(path)
    for text, words in ((code_text.withoutQuoted(source), OLD_WORDS),
                        (code_text.withoutTexts(source), OLD_NAMES)):
        for pattern, better in words.items():
            found = sorted({match[0] for match in re.finditer(pattern, text)})
            if found:
                yield f"{path}: {', '.join(found)}: now {better}"
    for pattern, better in OLD_WORDS.items():
        if re.search(pattern, path.stem):
            yield f"{path}: its name: now {better}"


def faults():
    yield from faultsOfShares()
    for folder in ("src", "include", "capi"):
        for path in tree.files(".h", ".cpp", under=folder):
            yield from faultsOfRiddles(path)
            yield from faultsOfWords(path)


tree.report(list(faults()))
