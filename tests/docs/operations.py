"""operations.py HOST [SERVER]: the commands of docs/operations.md do what the page says.

Without SERVER those for SQLite, with the URL of a PostgreSQL server those for PostgreSQL. Ends with
77 where a program that the page names is not installed."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests/contract"))

from client import Client, script  # noqa: E402
from database import SqliteFile  # noqa: E402
from host import Host  # noqa: E402

PAGE = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
BACKUP, RESTORE, CREATE, DUMP = range(len(BLOCKS))
SKIPPED = 77


def shell(block, folder, **environment):
    """Runs a block of the page in a folder; what it prints."""
    command = ["sh", "-eu", "-c", BLOCKS[block]]
    done = subprocess.run(command, cwd=folder, env={**os.environ, **environment}, text=True,
                          capture_output=True, timeout=120, check=False)
    assert done.returncode == 0, f"{BLOCKS[block]}{done.stdout}{done.stderr}"
    return done.stdout


def skipWithout(*programs):
    missing = [program for program in programs if shutil.which(program) is None]
    if missing:
        print("not installed:", *missing)
        sys.exit(SKIPPED)


class Load:
    """A client that starts one round after the other while the block runs."""

    def __init__(self, client):
        self.client = client
        self.isOver = threading.Event()
        self.thread = threading.Thread(target=self.work)
        self.rounds = 0

    def work(self):
        while not self.isOver.is_set():
            self.client.run(script(chunks=20))
            self.rounds += 1

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.isOver.set()
        self.thread.join()
        assert self.rounds > 0, "the load has failed"


def person(host):
    return Client(host, "alice", "acme", ["user"])


def bodies(client, workflowIds):
    return {each: client.detail(each).body for each in workflowIds}


def checkWhole(path):
    """Each workflow has all items up to its newest place, and no other."""
    counts = SqliteFile(path).rows(
        "SELECT w.lastSeq, count(i.seq), max(i.seq) FROM workflow w "
        "LEFT JOIN item i ON i.workflowId = w.id GROUP BY w.id")
    assert counts, "the backup is empty"
    assert all(row[0] == row[1] == row[2] for row in counts), counts


def checkSqlite(folder):
    host = Host(folder).start()
    try:
        client = person(host)
        known = bodies(client, [client.run(script(chunks=5))[0] for _ in range(5)])
        running, stream = client.begin()
        with Load(person(host)):
            assert shell(BACKUP, folder).split() == ["ok"]
        stream.close()
        checkWhole(folder / "backup.sqlite")
        after, _ = client.run(script(chunks=1))
        host.stop()
        shell(RESTORE, folder)
        host.start()
        assert bodies(client, known) == known, "the restored threads differ"
        assert client.detail(after).status == 404, "a thread is newer than the backup"
        assert client.detail(running).json()["workflow"]["status"] == "error"
        client.run(script(chunks=1))
        host.stop()
    finally:
        host.close()


class Url:
    """A database that a host is started on."""

    def __init__(self, socket, name):
        self.text = f"postgresql:///{name}?host={socket}&user=chatbot"

    def __str__(self):
        return self.text


def onServer(socket, *command):
    environment = {**os.environ, "PGHOST": socket, "PGUSER": "postgres"}
    subprocess.run(command, env=environment, check=True, timeout=60)


def removeAll(socket):
    for name in ("chatbot", "restored"):
        onServer(socket, "dropdb", "--if-exists", "--force", name)
    onServer(socket, "dropuser", "--if-exists", "chatbot")


def checkPostgres(folder, socket):
    host, restored = Host(folder), Host(folder)
    host.database, restored.database = Url(socket, "chatbot"), Url(socket, "restored")
    restored.runs = 1  # its output has files of its own
    removeAll(socket)
    try:
        shell(CREATE, folder, PGHOST=socket, PGUSER="postgres")
        onServer(socket, "createdb", "--owner=chatbot", "restored")
        client = person(host.start())
        known = bodies(client, [client.run(script(chunks=5))[0] for _ in range(5)])
        with Load(person(host)):
            shell(DUMP, folder, CHATBOT_URL=str(host.database), RESTORED_URL=str(restored.database))
        host.stop()
        client = person(restored.start())
        assert bodies(client, known) == known, "the restored threads differ"
        client.run(script(chunks=1))
        restored.stop()
    finally:
        host.close()
        restored.close()
        removeAll(socket)


def main():
    Host.binary, *server = sys.argv[1:]
    Host.patience = 5
    with tempfile.TemporaryDirectory(prefix="chatbot-docs-") as name:
        if server:
            skipWithout("createuser", "createdb", "dropdb", "dropuser", "pg_dump", "pg_restore")
            checkPostgres(Path(name), parse_qs(urlsplit(server[0]).query)["host"][0])
        else:
            skipWithout("sqlite3")
            checkSqlite(Path(name))
    print("ok")


main()
