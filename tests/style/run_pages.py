"""run_pages.py ROOT BUILD HOST POSTGRES: runs what the pages for people show in blocks of `sh`.

The blocks of a page run one after the other, each as a script that must succeed, in a folder that
looks like the project's with build/dev built, and where a host serves chatbot.sqlite. What the pages
call 127.0.0.1:8080 and the database chat of PostgreSQL are that host and a database that is made for
the page, on the server with the URL POSTGRES (empty: blocks that name PostgreSQL are left out).
Commands and pages that elsewhere.py names are skipped.
"""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import elsewhere
import markdown
import tree

BUILD, HOST, POSTGRES = sys.argv[2:5]
ANNOUNCEMENT = re.compile(r"^chatbot-host: http://(127\.0\.0\.1:\d+)/$", re.MULTILINE)
SERVER = re.compile(r"\b(postgres(ql)?://|psql|pg_\w+|createdb)")
URL_OF_CHAT = re.compile(r"postgres(?:ql)?://[^/\s'\"]*/chat\b")
OPTIONS = ("--trust-identity-headers", "--rate-limit", "0", "--responder", "echo")


class Host:
    """chatbot-host on a database, while it is needed."""

    def __init__(self, folder, database):
        output = Path(folder) / "host.output"
        with open(output, "wb") as file:
            self.process = subprocess.Popen([HOST, "--listen", "127.0.0.1:0", "--db", database, *OPTIONS],
                                            cwd=folder, stdin=subprocess.DEVNULL, stdout=file)
        self.address = self.announced(output)

    def announced(self, output):
        for _ in range(4000):
            found = ANNOUNCEMENT.search(output.read_text())
            if found:
                return found[1]
            assert self.process.poll() is None, "the host has ended"
            time.sleep(0.005)
        raise AssertionError("the host does not listen")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(20)


class Database:
    """The database chat on the tests' server."""

    def __init__(self):
        host = re.search(r"host=([^&]*)", POSTGRES)
        user = re.search(r"user=([^&]*)", POSTGRES)
        self.variables = {"PGHOST": host[1], "PGUSER": user[1], "PGDATABASE": "chat"} if host else {}

    def __enter__(self):
        self.order("DROP DATABASE IF EXISTS chat WITH (FORCE)")
        self.order("CREATE DATABASE chat")
        return self

    def __exit__(self, *_):
        self.order("DROP DATABASE IF EXISTS chat WITH (FORCE)")

    def order(self, statement):
        subprocess.run(["psql", "-q", "-d", POSTGRES, "-c", statement], check=True)


def isElsewhere(command):
    return any(re.fullmatch(pattern, command) for pattern in elsewhere.RUN_BY)


def scripts(page):
    """Pairs of a block's first line and of what is to be run of it."""
    for _, line, text in markdown.blocks(page, "sh"):
        if not all(map(isElsewhere, markdown.commands(text))):
            lines = markdown.joined(text).splitlines()
            kept = [part for part in lines if not isElsewhere(markdown.withoutComment(part))]
            yield line, "\n".join(kept)


def prepare(folder):
    """Links to what the project has; builds may add to build, and nothing to the project."""
    for path in tree.root().resolve().iterdir():
        if path.name not in ("build", ".git"):
            (folder / path.name).symlink_to(path)
    (folder / "build").mkdir()
    (folder / "build/dev").symlink_to(Path(BUILD).resolve())


def run(script, folder, address, variables):
    path = f"{Path(HOST).resolve().parent}:{os.environ['PATH']}"
    script = URL_OF_CHAT.sub("postgresql:///chat", script.replace("127.0.0.1:8080", address))
    return subprocess.run(["bash", "-euo", "pipefail", "-c", script], cwd=folder, text=True, timeout=120,
                          env={**os.environ, **variables, "PATH": path}, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def faultsOfBlocks(page, blocks, database, variables):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepare(folder)
        with Host(folder, database) as host:
            for line, script in blocks:
                result = run(script, folder, host.address, variables)
                print(f"{page}:{line}: {'ok' if result.returncode == 0 else 'FAILED'}")
                if result.returncode:
                    yield f"{page}:{line}:\n{script}\n{result.stdout}"


def faultsOfPage(page):
    blocks = [*scripts(page)]
    onFile = [block for block in blocks if not SERVER.search(block[1])]
    onServer = [block for block in blocks if SERVER.search(block[1])]
    if onFile:
        yield from faultsOfBlocks(page, onFile, "chatbot.sqlite", {})
    if onServer and POSTGRES:
        with Database() as database:
            os.environ.update(database.variables)
            yield from faultsOfBlocks(page, onServer, "postgresql:///chat", database.variables)


pages = [page for page in markdown.pages() if str(page) not in elsewhere.PAGES_RUN_BY]
tree.report([fault for page in pages for fault in faultsOfPage(page)])
