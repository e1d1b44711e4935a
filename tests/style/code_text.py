"""C and C++ source: its comments, and its code without them."""

import re

# A character as '"' before texts; the separators of numbers are no quotes.
TOKEN = re.compile(r"(?P<comment>//[^\n]*|/\*.*?\*/)"
                   r'|(?P<text>R"(?P<mark>\w*)\(.*?\)(?P=mark)"|"(?:[^"\\\n]|\\.)*")'
                   r"|(?P<character>(?<!\w)'(?:[^'\\\n]|\\.)+')", re.DOTALL)


def withoutComments(source):
    return TOKEN.sub(lambda found: "" if found["comment"] else found[0], source)


def withoutTexts(source):
    """Neither comments nor what stands between quotes."""
    return TOKEN.sub(lambda found: "" if found["comment"] else '""', source)


def withoutQuoted(source):
    """Comments stay; what stands between quotes goes."""
    return TOKEN.sub(lambda found: found[0] if found["comment"] else '""', source)


def comments(source):
    """Pairs of the first line's number and the words of each comment; lines of one that follow each
    other are one comment."""
    last, words = 0, []
    for match in TOKEN.finditer(source):
        if not match["comment"]:
            continue
        line = source.count("\n", 0, match.start()) + 1
        isWhole = not source[source.rfind("\n", 0, match.start()) + 1:match.start()].strip()
        text = re.sub(r"^(//[/!]?<?|/\*+)|\*/$", "", match[0]).strip()
        if words and isWhole and line == last + 1:
            words[-1][1] += " " + text
        else:
            words.append([line, text])
        last = line + match[0].count("\n") if isWhole else 0
    return words


def commentLines(source):
    """How many lines hold nothing but a comment, or one behind code; and how many are not empty."""
    lines = withComments = 0
    marked = TOKEN.sub(lambda found: re.sub(r"[^\n]", "\0", found[0]) if found["comment"] else found[0],
                       source)
    for line in marked.splitlines():
        lines += bool(line.strip())
        withComments += "\0" in line
    return withComments, lines
