"""What the pages for people name is there, and their snippets are run or are quotes of the tree.

The commands in their blocks of `sh` are run by run_pages.py, or elsewhere: see elsewhere.py.
"""

import re

import elsewhere
import markdown
import tree

MAX_LINES = {"README.md": 200}
MAX_LINES_ELSEWHERE = 250
FIRST_PROGRAM_WITHIN = 200  # words

LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
CODE = re.compile(r"`([^`\n]+)`")
FOLDERS = ("src", "include", "capi", "cmake", "examples", "tests", "docs", ".ci")
PLACEHOLDER = re.compile(r"<|\bNAME\b|\bROOM\b|\bTOPIC\b|\{")

# Programs that are built and run, or run, by these tests; other snippets are quotes.
RUN = {"README.md": {"cpp", "c", "python", "go"}}
QUOTED_FROM = (".h", ".cpp", ".c", ".py", ".go", ".txt", ".cmake", ".in")


def withoutBlocks(page):
    return markdown.BLOCK.sub("", tree.text(page))


def anchorOf(heading):
    """As GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.replace("`", "").lower()).replace(" ", "-")


def faultsOfLinks(page):
    for link in LINK.findall(withoutBlocks(page)):
        if re.match(r"\w+:", link):
            continue
        file, _, anchor = link.partition("#")
        target = (page.parent / file) if file else page
        if not (tree.root() / target).exists():
            yield f"{page}: the link {link} leads nowhere"
        elif anchor and anchor not in map(anchorOf, HEADING.findall(tree.text(target))):
            yield f"{page}: {target} has no heading #{anchor}"


def isThere(page, path):
    """From the project's root, from the page's own folder, or among the tests."""
    folders = (tree.root(), tree.root() / page.parent, tree.root() / "tests")
    return any(list(folder.glob(path)) for folder in folders)


def faultsOfPaths(page):
    """`src/store/writer.cpp`, `src/store/` and `tests/*/CMakeLists.txt` are there."""
    for code in CODE.findall(withoutBlocks(page)):
        path = code.split("#")[0].split(":")[0].rstrip("/")
        isPath = path.split("/")[0] in FOLDERS and "/" in code and " " not in path
        if isPath and not PLACEHOLDER.search(path) and not isThere(page, path):
            yield f"{page}: `{code}` does not exist"


def faultsOfLength(page):
    lines = tree.text(page).count("\n")
    limit = MAX_LINES.get(str(page), MAX_LINES_ELSEWHERE)
    if lines > limit:
        yield f"{page}: {lines} lines, more than {limit}"


def faultsOfOpening():
    words = len(tree.text("README.md").split("```cpp")[0].split())
    if words > FIRST_PROGRAM_WITHIN:
        yield f"README.md: the first program comes after {words} words"


def inOneLine(text):
    return " ".join(text.split())


def sourceTexts():
    """All sources as one text, in which white space does not count."""
    return "\n".join(inOneLine(tree.text(path)) for path in tree.files(*QUOTED_FROM))


def faultsOfSnippets(page, sources):
    """A snippet is a program that a test runs, or stands in a source file just so. Three dots in a
    line of their own stand for what was left out."""
    for language, line, text in markdown.blocks(page, "cpp", "c", "python", "go", "cmake"):
        if language in RUN.get(str(page), ()):
            continue
        if language in ("cpp", "c") and "int main(" in text:
            continue  # see CMakeLists.txt
        for part in re.split(r"^\s*(?://|#)?\s*(?:\.\.\.|…)\s*$", text, flags=re.MULTILINE):
            if inOneLine(part) not in sources:
                yield f"{page}:{line}: is neither a program nor a quote of a source file"


def faultsOfElsewhere():
    for command, (file, fragment) in elsewhere.RUN_BY.items():
        if fragment not in tree.text(file):
            yield f"elsewhere.py: {file} does not hold {fragment!r} for {command!r}"
    for page, test in elsewhere.PAGES_RUN_BY.items():
        if page not in tree.text(test):
            yield f"elsewhere.py: {test} does not name {page}"


def faults():
    yield from faultsOfOpening()
    yield from faultsOfElsewhere()
    for page in tree.files(".md"):
        yield from faultsOfLinks(page)
        yield from faultsOfPaths(page)
        yield from faultsOfLength(page)
    sources = sourceTexts()
    for page in markdown.pages():
        yield from faultsOfSnippets(page, sources)


tree.report(list(faults()))
