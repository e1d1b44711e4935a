"""A store that is full: 503, nothing is lost, and it works again when there is room."""
import os
import resource
import subprocess
import tempfile
import unittest
from pathlib import Path

from case import HostCase
from client import rawItems, script
from host import Host

PROMPT_BYTES = 100_000


class Full(HostCase):
    """What is the same whatever keeps the database from growing."""

    def checkFull(self, makeRoom):
        client = self.person()
        kept = {}
        refused = None
        for _ in range(200):
            answer = self.tryToStart(client, kept)
            if answer is not None:
                refused = answer
                break
        self.assertIsNotNone(refused, "the store never was full")
        self.checkError(refused, 503)
        self.assertRegex(refused.headers["Retry-After"], r"^[1-9][0-9]*$")
        listed = [each["id"] for each in self.checkOk(client.listAll())["items"]]
        self.assertEqual(sorted(listed), sorted(kept), "a refused start leaves nothing behind")
        self.checkKept(client, kept)
        makeRoom()
        workflowId, frames = client.run(script(chunks=3))
        self.checkItems(frames)
        self.assertEqual(client.detail(workflowId).json()["workflow"]["status"], "completed")
        self.checkKept(client, kept)
        self.host.stop()
        self.assertEqual(self.host.rows("PRAGMA integrity_check"), [("ok",)])
        self.host.start()
        self.checkKept(client, kept)

    def tryToStart(self, client, kept):
        """Notes what was sent; the refusal, if it was one."""
        body = {"prompt": script("x" * PROMPT_BYTES, chunks=1, logs=0)}
        answer = client.call("POST", "/start/stream", body)
        if answer.status != 200:
            return answer
        frames = [part for part in answer.body.split(b"\n\n") if part.startswith(b"id: ")]
        items = [part.split(b"\ndata: ", 1)[1] for part in frames]
        kept[workflowOf(items[0])] = items
        return None

    def checkKept(self, client, kept):
        for workflowId, items in kept.items():
            answer = self.checkStatus(client.detail(workflowId), 200)
            self.assertEqual(rawItems(answer.body)[: len(items)], items)


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


def workflowOf(item):
    marker = b'"workflowId":"'
    return item.split(marker, 1)[1][:36].decode()
