"""SIGKILL at random moments of a load: every item that a client was sent is there afterwards."""
import http.client
import random
import threading
import time

from case import HostCase, often, together
from client import rawItems, script

KILLS = often(3, 10)
CLIENTS = 6
SEED = 20260120


class Load:
    """Clients that stream until the host is killed, which one of them does at frame `fatal`."""

    def __init__(self, host, clients, fatal, chance):
        self.host = host
        self.clients = clients
        self.fatal = fatal
        self.delay = chance.uniform(0, 0.005)
        self.lock = threading.Lock()
        self.received = 0
        self.dead = threading.Event()
        self.sent = {}  # by workflow: what its clients were sent, place to bytes
        self.ended = {}  # by workflow: the status that the end frame told
        self.plans = [
            script(
                chunks=chance.randrange(1, 60),
                chunkBytes=chance.choice((10, 200, 5000)),
                delayMs=chance.choice((0, 0, 1)),
                fail=chance.random() < 0.2,
            )
            for _ in range(20)
        ]

    def count(self):
        with self.lock:
            self.received += 1
            if self.received == self.fatal:
                time.sleep(self.delay)  # so that it hits the host at any point of its work
                self.dead.set()
                self.host.kill()

    def note(self, workflowId, frame):
        with self.lock:
            if frame.kind == "item":
                known = self.sent.setdefault(workflowId, {})
                if known.setdefault(frame.place, frame.data) != frame.data:
                    raise AssertionError(f"two items at place {frame.place} of {workflowId}")
            elif frame.kind == "end":
                self.ended[workflowId] = frame.json["status"]

    def read(self, stream):
        """Reads what there is, beyond the host's death as far as it was sent."""
        workflowId = None
        for frame in iter(stream.next, None):
            if frame.kind == "item":
                workflowId = frame.item["workflowId"]
            self.note(workflowId, frame)
            self.count()
        return workflowId

    def work(self, client, number):
        """Starts, goes on with and joins workflows, one after the other."""
        chance, workflowId = random.Random(number), None
        while not self.dead.is_set():
            try:
                prompt = chance.choice(self.plans)
                if workflowId and chance.random() < 0.5:
                    workflowId = self.read(client.proceed(workflowId, prompt))
                elif workflowId and chance.random() < 0.3:
                    self.read(client.join(workflowId))
                else:
                    workflowId = self.read(client.start(prompt))
            except (OSError, AssertionError, http.client.HTTPException) as error:
                if not self.dead.is_set():
                    raise error

    def run(self):
        together(
            *[
                lambda client=client, number=number: self.work(client, number)
                for number, client in enumerate(self.clients)
            ]
        )


class Kill(HostCase):
    def test_nothing_that_was_sent_is_lost(self):
        chance = random.Random(SEED)
        clients = [self.person() for _ in range(CLIENTS)]
        sent = {}
        for number in range(KILLS):
            load = Load(self.host, clients, chance.randrange(1, 1500), chance)
            load.run()
            sent.update(load.sent)
            self.host.start()
            with self.subTest(kill=number, frames=load.fatal):
                self.checkSent(sent)
                self.checkEnded(load.ended)
        self.assertGreater(len(sent), KILLS)
        self.host.stop()
        self.assertEqual(self.host.database.faults(), [])
        self.host.start()

    def checkSent(self, sent):
        root = self.allSeeing()
        for workflowId, frames in sent.items():
            answer = self.checkStatus(root.detail(workflowId), 200)
            items = rawItems(answer.body)
            for place, data in frames.items():
                self.assertEqual(items[place - 1 : place], [data])
            workflow = answer.json()["workflow"]
            self.assertIn(workflow["status"], ("completed", "error"))
            self.checkLast(answer.json(), workflow)

    def checkLast(self, thread, workflow):
        """A status and the items that led to it are of one moment."""
        last = thread["chatData"]["items"][-1]
        if workflow["status"] == "completed":
            self.assertEqual(last["type"], "stat")
        else:
            self.assertEqual((last["type"], last["item"]["type"]), ("log", "error"))

    def checkEnded(self, ended):
        for workflowId, status in ended.items():
            self.assertIn(status, ("completed", "error"))
            self.checkStatus(self.allSeeing().detail(workflowId), 200)
