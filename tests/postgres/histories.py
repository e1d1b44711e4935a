"""Random operations at three hosts on one PostgreSQL while hosts and servers fail; what was seen is
checked against what is there in the end:

python3 histories.py PATH_TO_chatbot-host FOLDER_OF_initdb [SECONDS [SEED]]
"""
import http.client
import random
import signal
import sys
import threading
import time
import unittest
from pathlib import Path

from cluster import Cluster, Server
from client import rawItems, script
from host import Host, awaitThat

LEASE = 10
WORKERS = 6
EXPECTED = (OSError, http.client.HTTPException, TimeoutError, AssertionError)


class Seen:
    """What the subscribers of all hosts were sent."""

    def __init__(self):
        self.lock = threading.Lock()
        self.items = {}  # by workflow, by place: bytes
        self.faults = []
        self.deletes = set()  # of workflows, whether they succeeded or not
        self.count = 0

    def fault(self, text):
        with self.lock:
            self.faults.append(text)

    def note(self, workflowId, frame, last):
        with self.lock:
            self.count += 1
            known = self.items.setdefault(workflowId, {}).setdefault(frame.place, frame.data)
        if known != frame.data:
            self.fault(f"two items at {frame.place} of {workflowId}")
        if last is not None and frame.place != last + 1:
            self.fault(f"{frame.place} after {last} of {workflowId}")


class Worker:
    """One user, who works at any host, one operation after the other."""

    def __init__(self, clients, seen, seed):
        self.clients, self.seen = clients, seen
        self.chance = random.Random(seed)
        self.workflows = []

    def read(self, stream, workflowId=None, last=None):
        """To its end, or for a while; returns the workflow and the place to go on from."""
        patience = self.chance.choice((3, 40, 1000))
        for frame in iter(stream.next, None):
            if frame.kind != "item":
                continue
            workflowId = workflowId or frame.item["workflowId"]
            self.seen.note(workflowId, frame, last)
            last = frame.place
            patience -= 1
            if patience == 0:
                break
        stream.close()
        return workflowId, last

    def plan(self):
        return script(chunks=self.chance.randrange(1, 60), delayMs=self.chance.choice((0, 5, 30)),
                      fail=self.chance.random() < 0.1)

    def step(self):
        client = self.chance.choice(self.clients)
        if not self.workflows or self.chance.random() < 0.3:
            self.workflows.append(self.read(client.start(self.plan())))
            return
        at = self.chance.randrange(len(self.workflows))
        workflowId, last = self.workflows[at]
        match self.chance.choice(("proceed", "join", "resume", "stop", "delete", "detail")):
            case "proceed":
                self.read(client.proceed(workflowId, self.plan()), workflowId)
            case "join":
                self.read(client.join(workflowId), workflowId, 0)
            case "resume":
                self.workflows[at] = self.read(client.join(workflowId, last), workflowId, last)
            case "stop":
                client.stop(workflowId)
            case "delete" if self.chance.random() < 0.3:
                self.seen.deletes.add(workflowId)
                client.delete(workflowId)
                self.workflows.pop(at)
            case _:
                client.detail(workflowId)

    def run(self, over):
        while not over.is_set():
            try:
                self.step()
            except EXPECTED:
                time.sleep(0.05)  # a host or the server is away; what it said before counts


class Chaos:
    def __init__(self, server, hosts, seed):
        self.server, self.hosts = server, hosts
        self.chance = random.Random(seed)
        self.done = []

    def step(self):
        host = self.chance.choice(self.hosts)
        what = self.chance.choice(("kill", "stand", "freeze", "restart", "crash", "cut", "cut"))
        self.done.append(what)
        if what == "kill":
            host.kill()
            time.sleep(self.chance.uniform(0, 2))
            host.start()
        elif what in ("stand", "freeze"):
            host.signal(signal.SIGSTOP)
            time.sleep(2 if what == "stand" else LEASE + 3)
            host.signal(signal.SIGCONT)
        elif what == "cut":
            self.server.terminate(self.chance.randrange(1, 8))
        else:
            self.server.act("fast" if what == "restart" else "immediate")
            time.sleep(self.chance.uniform(0, 1.5))
            self.server.act("restart")

    def run(self, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            time.sleep(self.chance.uniform(0.3, 2))
            self.step()


class Histories(Cluster):
    seconds, seed = 60.0, None

    def test_every_subscriber_is_sent_the_log_and_nothing_that_was_sent_is_lost(self):
        seed = self.seed if self.seed is not None else random.randrange(1 << 30)
        print(f"seed {seed}", flush=True)
        seen, over = Seen(), threading.Event()
        chaos = Chaos(self.server, self.hosts, seed)
        workers = [Worker(self.clients(f"user{n}"), seen, seed + n) for n in range(WORKERS)]
        threads = [threading.Thread(target=worker.run, args=(over,)) for worker in workers]
        for thread in threads:
            thread.start()
        try:
            chaos.run(self.seconds)
        finally:
            over.set()
            for thread in threads:
                thread.join()
        print(f"{seen.count} items were seen of {len(seen.items)} threads; {chaos.done}")
        self.assertEqual(seen.faults, [])
        self.assertGreater(len(seen.items), WORKERS)
        root = self.clients("root", ("sysadmin",))[0]
        for workflowId, items in seen.items.items():
            self.checkThread(root, workflowId, items, seen.deletes)

    def checkThread(self, root, workflowId, items, deletes):
        answer = root.detail(workflowId)
        if answer.status == 404:
            self.assertIn(workflowId, deletes)
            return
        awaitThat(lambda: root.detail(workflowId).json()["workflow"]["status"] != "running",
                  "its round is over", 2 * LEASE)
        answer = root.detail(workflowId)
        log = rawItems(answer.body)
        for place, data in items.items():
            self.assertEqual(log[place - 1], data, f"at {place} of {workflowId}")
        rounds = [each["item"]["roundNumber"] for each in answer.json()["chatData"]["items"]]
        self.assertEqual(rounds, sorted(rounds), "one round at a time")
        self.assertEqual(sorted(set(rounds)), list(range(1, max(rounds) + 1)))


def main():
    Host.binary = str(Path(sys.argv[1]).resolve())
    Host.patience = 5.0
    Server.bin = sys.argv[2]
    if len(sys.argv) > 3:
        Histories.seconds = float(sys.argv[3])
    if len(sys.argv) > 4:
        Histories.seed = int(sys.argv[4])
    unittest.main(argv=[sys.argv[0]], warnings="ignore")


if __name__ == "__main__":
    main()
