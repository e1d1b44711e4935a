"""A statement of the store that names a table of tenants' rows has the place of the scope."""

import re

import tree

# What is kept of each tenant, but for the full-text index, which is made anew as a whole.
TABLES = "workflow|workflow_removed|item|draft|round_queue|start_key"
NAMES_TABLE = re.compile(rf"\b(?:FROM|JOIN|INTO|UPDATE)\s+(?:{TABLES})\b")
LITERALS = re.compile(r'"(?:[^"\\\n]|\\.)*"(?:\s*"(?:[^"\\\n]|\\.)*")*')
SCHEMA = re.compile(r'R"sql\(.*?\)sql"', re.DOTALL)


def statements(text):
    for literal in LITERALS.findall(SCHEMA.sub("", text)):
        yield re.sub(r'"\s*"', "", literal)


def faults():
    seen = 0
    for path in tree.files(".cpp", ".h", under="src"):
        if path.parts[1] in ("access", "query", "model"):
            continue
        for statement in statements(tree.text(path)):
            if not NAMES_TABLE.search(statement):
                continue
            seen += 1
            if "{scope}" not in statement:
                yield f"{path}: without {{scope}}: {statement}"
    if seen < 30:
        yield f"only {seen} statements were found"


tree.report(list(faults()))
