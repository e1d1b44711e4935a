"""Lists in docs that the sources hold too are the same in both: rooms, tables, log lines."""

import ast
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "style"))

import tree  # noqa: E402

CODE = re.compile(r"`([^`]+)`")


def rowsOf(page, heading):
    """The rows of the first table below a heading, each a list of its cells' texts."""
    below = tree.text(page).split(f"\n## {heading}\n", 1)[1]
    table = re.search(r"(?:^\|.*\n)+", below, re.MULTILINE)[0]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table.splitlines()[2:]]


def names(cell):
    return set(CODE.findall(cell))


def constantsOf(path):
    """The dictionaries that stand in a program."""
    found = {}
    for statement in ast.parse(tree.text(path)).body:
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Dict):
            exec(ast.unparse(statement), {}, found)
    return found


def faultsOfRooms():
    order = constantsOf("tests/style/rooms.py")
    known = {room: others | order["KNOWS_PUBLICLY"].get(room, set())
             for room, others in order["KNOWS"].items()}
    told = {CODE.search(row[0])[1]: names(row[-1]) for row in rowsOf("docs/architecture.md", "Rooms")}
    for room in known.keys() | told.keys():
        if known.get(room) != told.get(room):
            yield f"docs/architecture.md: the room {room} knows {known.get(room)}, not {told.get(room)}"


def workflowColumns(kind):
    """Those of the table workflow, which are made from the table of fields."""
    fields = set(re.findall(r"field\(&Workflow::(\w+)", tree.text("src/model/fields.h")))
    record = re.search(r"struct Workflow \{(.*?)\n\};", tree.text("include/chatbot/model.h"), re.DOTALL)[1]
    texts = set(re.findall(r"^  std::string (\w+)", record, re.MULTILINE)) & fields
    folded = {f"{name}Folded" for name in texts} if kind == "postgres" else set()
    return fields | folded | {"instance"}


def tablesOf(kind):
    """The columns of each table that the scripts for a kind of database make."""
    scripts = "".join(tree.text(path) for path in tree.files(".cpp", under="src")
                      if kind in str(path))
    tables = {}
    for name, body in re.findall(r"CREATE TABLE (\w+) \(((?:[^()]|\([^()]*\))*)\)", scripts):
        lines = re.split(r",(?![^(]*\))", body)
        words = [line.split()[0] for line in lines if line.split()]
        tables[name] = {word for word in words if word != "PRIMARY"}
    tables["workflow"] = workflowColumns(kind)
    for name, change, column in re.findall(r"ALTER TABLE (\w+) (ADD|DROP) COLUMN (\w+)", scripts):
        tables[name] = tables[name] | {column} if change == "ADD" else tables[name] - {column}
    return tables


def faultsOfTables():
    told = {CODE.search(row[0])[1]: names(row[1]) for row in rowsOf("docs/formats.md", "Tables")}
    folded = {"workflow": set(re.findall(r"`(\w+Folded)`", tree.text("docs/formats.md")))}
    for kind in ("sqlite", "postgres"):
        tables = tablesOf(kind)
        for name, columns in tables.items():
            expected = told.get(name, set()) | (folded.get(name, set()) if kind == "postgres" else set())
            if columns != expected:
                yield f"docs/formats.md: {name} on {kind}: {columns ^ expected} differ"
        missing = told.keys() - tables.keys() - NOT_ON[kind]
        if missing:
            yield f"docs/formats.md: {kind} has no {missing}"


# Not made by the scripts of both: the one by the migrations themselves, others by one of them.
OF_MIGRATIONS = {"schema_version", "schema_history"}
NOT_ON = {"sqlite": {"message_text"} | OF_MIGRATIONS, "postgres": {"workflow_version"} | OF_MIGRATIONS}


def faultsOfLogLines():
    """Every line that the library logs is in the page, and the other way round."""
    told = {code for row in rowsOf("docs/operations.md", "Log") for code in CODE.findall(row[1])}
    sources = "\n".join(tree.text(path) for folder in ("src", "capi/src")
                        for path in tree.files(".cpp", ".h", under=folder))
    logged = set(re.findall(r'LogLevel::\w+,\s*"([^"]+)"', sources))
    for line in logged - told:
        yield f"docs/operations.md: does not tell of the log line {line!r}"
    for line in told - logged:
        yield f"docs/operations.md: nothing logs {line!r}"


def faultsOfFiles(heading, member):
    """A table of the page on architecture names each file that has such a member, and no other."""
    cells = " ".join(row[1] for row in rowsOf("docs/architecture.md", heading))
    told = set(re.findall(r"src/[\w/]+\.\w+", cells))
    found = {str(path) for path in tree.files(".h", ".cpp", under="src")
             if re.search(member, tree.text(path), re.MULTILINE)}
    for path in told ^ found:
        yield f"docs/architecture.md: {heading}: {path} is {'there' if path in found else 'not'}"


MUTEX = r"^ +(?:mutable )?std::(?:mutex|array<std::mutex, \d+>) \w+;"
THREAD = r"^ +std::(?:j?thread|vector<std::thread>) \w+;|\bstd::thread\("

tree.report([*faultsOfRooms(), *faultsOfTables(), *faultsOfLogLines(), *faultsOfFiles("Locks", MUTEX),
             *faultsOfFiles("Threads", THREAD)])
