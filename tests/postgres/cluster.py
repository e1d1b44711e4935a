"""A PostgreSQL server and three hosts on it, for tests that break them."""
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "contract"))

from client import Client  # noqa: E402
from database import PostgresSchema  # noqa: E402
from host import Host  # noqa: E402


class Server:
    """A server of its own; server.sh says how."""

    bin = ""  # the folder of initdb and pg_ctl

    def __init__(self):
        # The path of a socket must be short, and its folder one that the server may write.
        self.folder = Path(tempfile.mkdtemp(prefix="chatbot-pg-", dir="/tmp"))
        self.folder.rmdir()
        self.url = f"postgresql:///postgres?host={self.folder}&user=postgres"
        self.act("start")

    def act(self, action):
        """start, stop (for good), fast or immediate (a shutdown), restart (after one)."""
        subprocess.run(["sh", HERE / "server.sh", action, self.bin, self.folder], check=True,
                       stdout=subprocess.DEVNULL)

    def terminate(self, count=1):
        """Ends some of the hosts' connections."""
        self.query("SELECT pg_terminate_backend(pid) FROM (SELECT pid FROM pg_stat_activity "
                   f"WHERE application_name = 'chatbot' ORDER BY random() LIMIT {count}) AS victims")

    def query(self, sql):
        subprocess.run(["psql", self.url, "-X", "-q", "-c", sql], check=True,
                       stdout=subprocess.DEVNULL)


class Cluster(unittest.TestCase):
    """Tests of three hosts on one database."""

    HOSTS = 3

    @classmethod
    def setUpClass(cls):
        cls.server = Server()
        cls.addClassCleanup(cls.server.act, "stop")

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="chatbot-cluster-")
        self.addCleanup(folder.cleanup)
        self.database = PostgresSchema(self.server.url)
        self.hosts = []
        for number in range(self.HOSTS):
            own = Path(folder.name) / str(number)
            own.mkdir()
            host = Host(own)
            host.database = self.database
            self.addCleanup(host.close)
            self.hosts.append(host.start())

    def clients(self, user="ann", roles=("user",)):
        """The same caller at each host."""
        return [Client(host, user, "m1", roles) for host in self.hosts]

    def checkWhole(self, frames, thread):
        """A stream from its beginning shows the log, each item once and in order."""
        items = [frame for frame in frames if frame.kind == "item"]
        self.assertEqual([frame.place for frame in items], list(range(1, len(items) + 1)))
        logged = [each["item"]["id"] for each in thread["chatData"]["items"]]
        self.assertEqual([frame.item["id"] for frame in items], logged)
