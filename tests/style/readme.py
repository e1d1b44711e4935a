"""The README's commands, files and endpoints are there, and are what the tests run."""

import re

import tree

BLOCKS = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINKS = re.compile(r"\]\(([^)#:]+)\)")
FIRST_PROGRAM_WITHIN = 200  # words


def commandOf(line):
    """The line's first word that is no variable's value; None for a comment."""
    words = [word for word in line.split() if not re.match(r"[A-Z_]+=", word)]
    return None if words[0] == "#" else words[0]


def faultsOfCommands(readme):
    """Each shell line runs a script of ours, or a tool that our scripts run."""
    scripts = "".join(tree.text(path) for path in ("run", "test", ".ci/run", "cmake/steps.sh"))
    for language, body in BLOCKS.findall(readme):
        for line in body.splitlines() if language == "sh" else []:
            command = commandOf(line)
            if command is None:
                continue
            if "/" in command and not (tree.root() / command).is_file():
                yield f"README.md: {command} does not exist"
            if "/" not in command and f"{command} " not in scripts:
                yield f"README.md: no script runs {command}"


def faultsOfLinks(readme):
    for link in LINKS.findall(readme):
        if not (tree.root() / link).exists():
            yield f"README.md: {link} does not exist"


def faultsOfOpening(readme):
    words = len(readme.split("```cpp")[0].split())
    if words > FIRST_PROGRAM_WITHIN:
        yield f"README.md: the first program comes after {words} words"


text = tree.text("README.md")
tree.report([*faultsOfCommands(text), *faultsOfLinks(text), *faultsOfOpening(text)])
