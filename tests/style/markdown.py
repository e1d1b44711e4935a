"""The pages for people, and the blocks of code in them."""

import re
from pathlib import Path

import tree

BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMENT = re.compile(r"\s+#\s.*$")


def pages():
    """Those whose every command is run: the README, the pages beside it and the ones in docs."""
    beside = [Path(name) for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")]
    return [p for p in beside if (tree.root() / p).is_file()] + (
        tree.files(".md", under="docs") if (tree.root() / "docs").is_dir() else [])


def blocks(page, *languages):
    """Triples of a block's language, first line and text."""
    text = tree.text(page)
    for match in BLOCK.finditer(text):
        if not languages or match[1] in languages:
            yield match[1], text.count("\n", 0, match.start(2)) + 1, match[2]


def joined(script):
    """Continued lines of a shell script as one."""
    return re.sub(r"\s*\\\n\s*", " ", script)


def withoutComment(line):
    return "" if line.lstrip().startswith("#") else COMMENT.sub("", line).strip()


def commands(script):
    """The commands of a shell script, without comments."""
    return [command for command in map(withoutComment, joined(script).splitlines()) if command]
