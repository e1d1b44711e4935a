"""Files are short, finished, and each source file has its test."""

import re

import tree

CODE = (".c", ".h", ".cpp", ".py", ".mjs", ".js")
MAX_LINES = {"tests": 800}
MAX_LINES_ELSEWHERE = 500
MAX_LINES_OF = {"capi/include/chatbot.h": 800}  # the whole C API, as authors of bindings read it
# Of src: neither crumbs nor heaps.
MIN_MEDIAN_LINES = 90
MAX_MEDIAN_LINES = 150
MAX_LINES_OF_95_PERCENT = 400

UNFINISHED = re.compile(r"\b(TO[D]O|FIX[M]E|X[X]X|HA[C]K)\b")

# Source files that another test than the one of their own name covers.
COVERED_BY = {
    "capi/src/shared_engine.cpp": "tests/capi/engine_test.cpp",
    "src/database/database.cpp": "tests/database/migrations_test.cpp",
    "src/database/postgres/absent.cpp": "tests/store/store_test.cpp",
    "src/database/postgres/dialect.cpp": "tests/database/translation_test.cpp",
    "src/database/postgres/notifications.cpp": "tests/engine/others_test.cpp",
    "src/database/postgres/result.cpp": "tests/database/connection_test.cpp",
    "src/database/postgres/server.cpp": "tests/store/store_test.cpp",
    "src/database/sqlite/database.cpp": "tests/store/store_test.cpp",
    "src/database/sqlite/dialect.cpp": "tests/database/migrations_test.cpp",
    "src/engine/maintenance.cpp": "tests/engine/engine_test.cpp",
    "src/engine/peer_watch.cpp": "tests/engine/others_test.cpp",
    "src/engine/workflow_access.cpp": "tests/engine/draft_test.cpp",
    "src/http/schemas.cpp": "tests/http/openapi_test.cpp",
    "src/openai/absent.cpp": "tests/capi/library_test.cpp",
    "src/openai/curl_loop.cpp": "tests/openai/responder_test.cpp",
    "src/openai/network.cpp": "tests/openai/responder_test.cpp",
    "src/openai/option_table.cpp": "tests/openai/options_test.cpp",
    "src/run/rounds.cpp": "tests/run/turn_test.cpp",
    "src/store/draft_table.cpp": "tests/store/draft_test.cpp",
    "src/store/item_table.cpp": "tests/store/statements_test.cpp",
    "src/store/maintenance.cpp": "tests/store/store_test.cpp",
    "src/store/publisher.cpp": "tests/store/store_test.cpp",
    "src/store/round_queue_table.cpp": "tests/store/starts_test.cpp",
    "src/store/round_writer.cpp": "tests/store/store_test.cpp",
    "src/store/schema_postgres.cpp": "tests/store/schema_test.cpp",
    "src/store/schema_sqlite.cpp": "tests/store/schema_test.cpp",
    "src/store/scoped.cpp": "tests/store/statements_test.cpp",
    "src/store/search/message_words.cpp": "tests/store/message_index_test.cpp",
    "src/store/start_key_table.cpp": "tests/store/starts_test.cpp",
    "src/store/workflow_table.cpp": "tests/store/statements_test.cpp",
    "src/stream/draft_reader.cpp": "tests/stream/feed_test.cpp",
    "src/stream/log_reader.cpp": "tests/stream/stream_test.cpp",
    "src/stream/open_stream.cpp": "tests/stream/stream_test.cpp",
}


def lines(path):
    return tree.text(path).count("\n")


def faultsOfLength():
    for path in tree.files(*CODE):
        limit = MAX_LINES.get(path.parts[0], MAX_LINES_ELSEWHERE)
        limit = MAX_LINES_OF.get(str(path), limit)
        if lines(path) > limit:
            yield f"{path}: {lines(path)} lines, more than {limit}"


def faultsOfMeasures():
    lengths = sorted(lines(path) for path in tree.files(".h", ".cpp", under="src"))
    median = lengths[len(lengths) // 2]
    if not MIN_MEDIAN_LINES <= median <= MAX_MEDIAN_LINES:
        yield (f"src: the median file has {median} lines, not {MIN_MEDIAN_LINES} to "
               f"{MAX_MEDIAN_LINES}")
    most = lengths[len(lengths) * 95 // 100]
    if most > MAX_LINES_OF_95_PERCENT:
        yield f"src: 5 % of the files have {most} lines or more, beyond {MAX_LINES_OF_95_PERCENT}"


def faultsOfMarks():
    for path in tree.files(*CODE, ".txt", ".cmake", ".html", ".md"):
        for number, line in enumerate(tree.text(path).splitlines(), 1):
            if UNFINISHED.search(line):
                yield f"{path}:{number}: unfinished: {line.strip()}"


def testOf(source):
    """src/database/sqlite/connection.cpp is tested by tests/database/connection_test.cpp."""
    room = "capi" if source.parts[0] == "capi" else source.parts[1]
    return COVERED_BY.get(str(source), f"tests/{room}/{source.stem}_test.cpp")


def faultsOfTests():
    sources = tree.files(".cpp", under="src") + tree.files(".cpp", under="capi/src")
    for path in sources:
        if not (tree.root() / testOf(path)).is_file():
            yield f"{path}: no {testOf(path)}"
    for path in COVERED_BY:
        if not (tree.root() / path).is_file():
            yield f"{path}: listed as covered, but absent"


def faultsOfLists():
    """Each test file stands in a list of the build."""
    listed = tree.text("tests/CMakeLists.txt")
    for path in tree.files(".cpp", under="tests"):
        if not path.name.endswith("_test.cpp") or path.parts[1] == "capi":
            continue
        room, topic = path.parts[1], path.name.removesuffix("_test.cpp")
        calls = re.findall(rf"chatbot_(?:postgres_)?test\(\s*{room}\s([^)]*)\)", listed)
        if not any(topic in call.split() for call in calls):
            yield f"{path}: not in tests/CMakeLists.txt"


tree.report([*faultsOfLength(), *faultsOfMeasures(), *faultsOfMarks(), *faultsOfTests(),
             *faultsOfLists()])
