"""What the tests share: a host for each test class, callers of their own for each test."""
import itertools
import os
import tempfile
import unittest
from concurrent.futures import ThreadPoolExecutor

import shapes
from client import Client, compact
from host import DEFAULTS, Host

SANITIZERS = ("AddressSanitizer", "ThreadSanitizer", "LeakSanitizer", "runtime error:")

# Whether tests take the time that chance needs, or that the contract names: see the label `slow`.
LONG = "CHATBOT_TEST_LONG" in os.environ


def often(usually, many):
    return many if LONG else usually


def together(*functions):
    """Runs the functions at once and returns their results; an exception of one is raised."""
    with ThreadPoolExecutor(len(functions)) as pool:
        return [future.result() for future in [pool.submit(each) for each in functions]]


class HostCase(unittest.TestCase):
    """Tests of one running host. It must end cleanly after them."""

    options = DEFAULTS  # of the host
    slow = False  # True: waits for a long time of the contract, which is left to long runs
    numbers = itertools.count(1)

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="chatbot-contract-")
        cls.addClassCleanup(folder.cleanup)
        cls.host = Host(folder.name, cls.options)
        cls.addClassCleanup(cls.endHost)
        cls.host.start(**cls.startOptions())

    @classmethod
    def startOptions(cls):
        """How the host's process is started, beside the usual."""
        return {}

    @classmethod
    def endHost(cls):
        cls.host.close()
        for log in cls.host.logs():
            if any(report in log for report in SANITIZERS):
                raise AssertionError(log[-4000:])

    @classmethod
    def person(cls, roles=("user",), user=None, mandate=None):
        """A caller; of a user and a tenant that nobody else is, unless they are given."""
        number = next(cls.numbers)
        user, mandate = user or f"user-{number}", mandate or f"tenant-{number}"
        return Client(cls.host, user, mandate, roles)

    def colleague(self, client, roles=("user",), user=None):
        """Another caller of the same tenant."""
        user = user or f"user-{next(self.numbers)}"
        return Client(self.host, user, client.mandate, roles)

    def allSeeing(self):
        return Client(self.host, "root", "operators", ("sysadmin",))

    def everything(self):
        """All that the host stores, as its clients see it."""
        root = self.allSeeing()
        answer = root.listAll()
        ids = sorted(each["id"] for each in answer.json()["items"])
        return answer.body, [root.detail(each).body for each in ids]

    # What a test says about an answer.

    def checkStatus(self, answer, status):
        self.assertEqual(answer.status, status, answer)
        return answer

    def checkOk(self, answer):
        self.checkStatus(answer, 200)
        self.assertEqual(answer.headers["Content-Type"], "application/json")
        self.assertEqual(compact(answer.json()).encode(), answer.body, "not compact JSON")
        return answer.json()

    def checkError(self, answer, status, detail=None):
        """An error as CONTRACT 3 says: {"detail": …} with application/json and nothing else."""
        self.checkStatus(answer, status)
        self.assertEqual(answer.headers["Content-Type"], "application/json")
        self.assertEqual(list(answer.json()), ["detail"])
        self.assertEqual(compact(answer.json()).encode(), answer.body, "not compact JSON")
        if detail is not None:
            self.assertEqual(answer.detail, detail)
        return answer

    def checkAbsent(self, answer, workflowId):
        return self.checkError(answer, 404, f"Workflow with ID {workflowId} not found")

    def checkModel(self, model, value):
        self.assertEqual(shapes.faults(model, value), [])
        return value

    def checkItems(self, frames, firstPlace=1):
        """Items of one stream: each of its model, their places without a gap."""
        for place, frame in enumerate(frames, firstPlace):
            self.assertEqual((frame.kind, frame.id), ("item", str(place)), frame)
            self.assertEqual(list(frame.json), ["type", "createdAt", "item"])
            self.assertTrue(shapes.isReal(frame.json["createdAt"]), frame)
            self.checkModel(shapes.ITEMS[frame.type], frame.item)
        return frames

    def checkEnd(self, frames, status):
        """The last frame tells the end; the frames before it are returned."""
        self.assertEqual(frames[-1].raw, b'event: end\ndata: {"status":"%s"}\n\n' % status.encode())
        return frames[:-1]

    def places(self, frames):
        return [frame.place for frame in frames]
