"""The example host as a child process, on a database of its own."""
import re
import signal
import subprocess
import time
from pathlib import Path

from database import PostgresSchema, SqliteFile

START_DEADLINE = 20.0
LEASE = 4.0  # of hosts on a server, for which 10 s are usual
DEFAULTS = ("--trust-identity-headers", "--rate-limit", "0")
STOP_DEADLINE = 2.0  # CONTRACT: SIGTERM ends it within 2 s

ANNOUNCEMENT = re.compile(r"^chatbot-host: http://127\.0\.0\.1:(\d+)/$", re.MULTILINE)


def awaitThat(condition, what, deadline=10.0):
    """Returns the condition's value as soon as it is true."""
    end = time.monotonic() + deadline
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not within {deadline} s: {what}")
        time.sleep(0.005)


class Host:
    """One host program; start() after stop() or kill() opens the same database again."""

    binary = ""  # path of chatbot-host, set by main.py
    server = ""  # the URL of a PostgreSQL server; without one, hosts have SQLite files
    patience = 1.0  # how many times longer than CONTRACT allows its end may take

    def __init__(self, folder, options=DEFAULTS, database=None):
        self.folder = Path(folder)
        self.database = self.databaseAt(database)
        self.options = tuple(options)
        self.runs = 0
        self.wasKilled = False
        self.process = None
        self.port = 0

    def databaseAt(self, path):
        if self.server and not path:
            return PostgresSchema(self.server)
        return SqliteFile(path or self.folder / "chatbot.sqlite")

    def start(self, **popenOptions):
        self.runs += 1
        arguments = [self.binary, "--listen", "127.0.0.1:0", "--db", str(self.database)]
        arguments += ["--responder", "script", *self.options]
        if str(self.database).startswith("postgres"):
            arguments += ["--set", f"leaseMs={LEASE * 1000:.0f}"]
        with open(self.outputPath, "wb") as output, open(self.logPath, "wb") as log:
            self.process = subprocess.Popen(
                arguments, stdin=subprocess.DEVNULL, stdout=output, stderr=log, **popenOptions
            )
        self.port = int(awaitThat(self.announcement, "the host listens", START_DEADLINE).group(1))
        if self.wasKilled and self.server:
            awaitThat(self.isRecovered, "the lease of the killed host is over", LEASE + 6)
        self.wasKilled = False
        return self

    def isRecovered(self):
        """On SQLite a lock tells at once that a host has died, elsewhere its lease does."""
        return not self.rows("SELECT id FROM workflow WHERE status = 'running' LIMIT 1")

    @property
    def outputPath(self):
        return self.folder / f"stdout.{self.runs}"

    @property
    def logPath(self):
        return self.folder / f"stderr.{self.runs}"

    def announcement(self):
        if self.process.poll() is not None:
            raise AssertionError(f"the host ended with {self.process.returncode}: {self.log()}")
        return ANNOUNCEMENT.search(self.outputPath.read_text())

    def log(self):
        """What this run of the host has written to stderr."""
        return self.logPath.read_text(errors="replace")

    def logs(self):
        """What each run has written to stderr."""
        return [path.read_text(errors="replace") for path in self.folder.glob("stderr.*")]

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self, deadline=STOP_DEADLINE):
        """Its exit code."""
        patience = deadline * self.patience
        try:
            return self.process.wait(patience)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"the host still runs after {patience} s") from None

    def stop(self):
        """Ends the host as an operator does; anything but exit 0 in time is a failure."""
        self.signal(signal.SIGTERM)
        code = self.wait()
        if code != 0:
            raise AssertionError(f"the host ended with {code}: {self.log()[-2000:]}")

    def kill(self):
        self.wasKilled = True
        self.process.kill()
        self.process.wait()

    def close(self):
        """Stops the host if it runs, whatever happened before."""
        if self.process is None or self.process.poll() is not None:
            return
        try:
            self.stop()
        finally:
            self.process.kill()
            self.process.wait()

    def edit(self, *statements):
        """Changes the database behind the host's back, while it is stopped: (sql, rows) each."""
        self.stop()
        self.database.edit(statements)
        self.start()

    def rows(self, sql, parameters=()):
        """Reads the host's database."""
        return self.database.rows(sql, parameters)
