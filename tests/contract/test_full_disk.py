"""A store that is full: 503, nothing is lost, and it works again when there is room."""
import os
import resource
import subprocess
import tempfile
import unittest
from pathlib import Path

from case import HostCase
from client import PREFIX, Answer, rawItems, script
from events import EventStream
from host import Host

PROMPT_BYTES = 100_000
SILENCE = 2.0  # seconds without a byte, from a round that takes none


class Full(HostCase):
    """What is the same whatever keeps the database from growing."""

    def setUp(self):
        self.client = self.person()
        self.kept = {}  # by workflow: the items that its client was sent
        self.cutOff = []  # workflows whose round the store could not take to its end yet

    def checkFull(self, makeRoom):
        refused = self.fill()
        self.assertRegex(refused.headers["Retry-After"], r"^[1-9][0-9]*$")
        listed = [each["id"] for each in self.checkOk(self.client.listAll())["items"]]
        self.assertEqual(sorted(listed), sorted(self.kept), "a refused start leaves nothing behind")
        self.checkKept()
        makeRoom()
        workflowId, frames = self.client.run(script(chunks=3))
        self.checkItems(frames)
        self.assertEqual(self.client.detail(workflowId).json()["workflow"]["status"], "completed")
        self.checkCutOff()
        self.checkKept()
        self.host.stop()
        self.assertEqual(self.host.database.faults(), [])
        self.host.start()
        self.checkKept()

    def fill(self):
        """Starts workflows until one is refused; the refusal."""
        body = {"prompt": script("x" * PROMPT_BYTES, chunks=1, logs=0)}
        for _ in range(200):
            connection, response = self.client.send("POST", f"{PREFIX}/start/stream", body)
            if response.status != 200:
                return self.checkError(Answer(response, response.read()), 503)
            with EventStream(connection, response) as stream:
                self.follow(stream)
        raise AssertionError("the store never was full")

    def follow(self, stream):
        """Reads to the end, or until it is clear that the store cannot take the end."""
        stream.connection.sock.settimeout(SILENCE)
        try:
            stream.rest()
        except TimeoutError:
            self.cutOff.append(stream.frames[0].item["workflowId"])
        self.kept[stream.frames[0].item["workflowId"]] = [frame.data for frame in stream.frames]

    def checkKept(self):
        for workflowId, items in self.kept.items():
            answer = self.checkStatus(self.client.detail(workflowId), 200)
            self.assertEqual(rawItems(answer.body)[: len(items)], items)

    def checkCutOff(self):
        """Their rounds have waited for room, and come to their end."""
        for workflowId in self.cutOff:
            with self.client.join(workflowId) as stream:
                self.checkItems(self.checkEnd(stream.rest(), "completed"))


class FileTooLarge(Full):
    """The process may not make a file larger than that, as under a quota."""

    LIMIT = 1_500_000

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.host.stop()
        # Python ignores SIGXFSZ, and so does the host here: a write then fails with EFBIG.
        cls.host.start(restore_signals=False)
        cls.limit(cls.LIMIT)

    @classmethod
    def limit(cls, size):
        _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.prlimit(cls.host.process.pid, resource.RLIMIT_FSIZE, (size, hard))

    def test_it_answers_503_until_there_is_room_again(self):
        self.checkFull(lambda: self.limit(resource.RLIM_INFINITY))


class DiskFull(Full):
    """A small file system of its own, which only root can mount."""

    @classmethod
    def setUpClass(cls):
        if os.geteuid() != 0:
            raise unittest.SkipTest("mounting a file system takes root")
        folder = tempfile.TemporaryDirectory(prefix="chatbot-contract-")
        cls.addClassCleanup(folder.cleanup)
        cls.disk = Path(folder.name) / "disk"
        cls.disk.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(cls.disk)]
        if subprocess.run(command, capture_output=True, check=False).returncode != 0:
            raise unittest.SkipTest("mounting a file system is not allowed here")
        cls.addClassCleanup(subprocess.run, ["umount", str(cls.disk)], check=False)
        cls.ballast = cls.disk / "ballast"
        cls.ballast.write_bytes(b"x" * 2**21)
        cls.host = Host(folder.name, cls.options, cls.disk / "chatbot.sqlite")
        cls.addClassCleanup(cls.endHost)
        cls.host.start()

    def test_it_answers_503_until_there_is_room_again(self):
        self.checkFull(self.ballast.unlink)
