"""Commands of the pages that the tests of the pages do not run, and where they are run."""

# A pattern of the whole command: a file that runs it, and what it holds.
RUN_BY = {
    r"\./run( --listen 127\.0\.0\.1:\d+)?": (".ci/serve.py", '"run"'),
    r"curl -N --json '\{.*\}' \S+/start/stream": (".ci/serve.py", '"curl", "-sN", "--json"'),
    r"OPENAI_BASE_URL=\S+ OPENAI_MODEL=\S+ (OPENAI_API_KEY=\S+ )?\./run( --listen \S+)?":
        ("tests/contract/test_openai.py", "OPENAI_BASE_URL"),
    r"\./test": (".ci/run", "./test"),
    r"\./test [\w.]+": ("test", "--tests-regex"),
    r"\.ci/run( --all)?": (".ci/run", "All checks"),
    r"cmake --preset (dev|asan|tsan|fuzz|release)": ("cmake/steps.sh", "cmake --preset"),
    r"cmake --build --preset (dev|asan|tsan|fuzz|release)":
        ("cmake/steps.sh", "cmake --build --preset"),
    r"ctest --preset (dev|asan|tsan)( .*)?": ("cmake/steps.sh", "ctest --preset"),
    r"cmake -S \. -B build/install( -D\w+=\w+)*": (".ci/run", "cmake -S . -B build/package"),
    r"cmake --build build/install": (".ci/run", "cmake --build build/package"),
    r"sudo cmake --install build/install": (".ci/run", "cmake --install build/package"),
}

# Pages of which another test runs every block.
PAGES_RUN_BY = {"docs/operations.md": "tests/docs/operations.py"}
