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
from client import Refused, rawItems, script
from host import LEASE, Host, awaitThat

WORKERS = 6
UNKNOWN = "whether a transaction was committed cannot be known"


class Span:
    """What one stream has shown of a workflow: of a round from its first item on, or from anywhere."""

    def __init__(self, workflowId, isRound):
        self.workflowId, self.isRound = workflowId, isRound
        self.first = self.last = None
        self.isWhole = False  # to the round's end

    def check(self, rounds):
        """Against the round of each item in the log."""
        if self.last is None:
            return
        if self.isWhole and self.last < len(rounds):
            assert rounds[self.last] > rounds[self.last - 1], f"{self} ended early"
        if self.isRound:
            assert self.first == 1 or rounds[self.first - 2] < rounds[self.first - 1], f"{self} began late"
            assert rounds[self.first - 1] == rounds[self.last - 1], f"{self} is of several rounds"

    def __str__(self):
        return f"{self.workflowId} {self.first} to {self.last}"


class Seen:
    """What the clients of all hosts were sent."""

    def __init__(self):
        self.lock = threading.Lock()
        self.items = {}  # by workflow, by place: bytes
        self.spans = []
        self.faults = []
        self.unknown = 0  # requests that were answered 500
        self.deletes = set()  # of workflows, whether they succeeded or not
        self.count = 0

    def fault(self, text):
        with self.lock:
            self.faults.append(text)

    def note(self, span, frame):
        with self.lock:
            self.count += 1
            known = self.items.setdefault(span.workflowId, {}).setdefault(frame.place, frame.data)
        if known != frame.data:
            self.fault(f"two items at {frame.place} of {span.workflowId}")
        if span.last is not None and frame.place != span.last + 1:
            self.fault(f"{frame.place} after {span.last} of {span.workflowId}")
        span.first = span.first or frame.place
        span.last = frame.place

    def answered(self, status, allowed):
        if status == 500:
            self.unknown += 1
        elif status not in (503, *allowed):
            self.fault(f"{status}, but not one of {allowed}")


class Worker:
    """One user, who works at any host, one operation after the other."""

    def __init__(self, clients, seen, chaos, seed):
        self.clients, self.seen, self.chaos = clients, seen, chaos
        self.chance = random.Random(seed)
        self.workflows = []

    def read(self, stream, workflowId=None, last=None, isRound=False):
        """To its end, or for a while; returns the workflow and the place to go on from."""
        patience = self.chance.choice((3, 40, 1000))
        span = Span(workflowId, isRound)
        span.last = last
        self.seen.spans.append(span)
        ended = False
        for frame in iter(stream.next, None):
            ended = frame.kind == "end"
            if frame.kind != "item":
                continue
            span.workflowId = span.workflowId or frame.item["workflowId"]
            self.seen.note(span, frame)
            patience -= 1
            if patience == 0:
                break
        # The stream of a start ends without a frame that says so.
        span.isWhole = patience > 0 and (ended or (isRound and not stream.cut))
        stream.close()
        return span.workflowId, span.last

    def plan(self):
        return script(chunks=self.chance.randrange(1, 60), delayMs=self.chance.choice((0, 5, 30)),
                      fail=self.chance.random() < 0.1)

    def tryTo(self, allowed, work):
        """What a host answers that is not a stream must be one of `allowed`, or 503."""
        try:
            return work()
        except Refused as refused:
            self.seen.answered(refused.answer.status, allowed)
            return None

    def call(self, allowed, method, *arguments):
        self.seen.answered(method(*arguments).status, allowed)

    def step(self):
        client = self.chance.choice(self.clients)
        if not self.workflows or self.chance.random() < 0.3:
            begun = self.tryTo((), lambda: self.read(client.start(self.plan()), isRound=True))
            if begun and begun[0]:
                self.workflows.append(begun)
            return
        at = self.chance.randrange(len(self.workflows))
        workflowId, last = self.workflows[at]
        match self.chance.choice(("proceed", "join", "resume", "stop", "delete", "detail")):
            case "proceed":
                self.tryTo((404, 409), lambda: self.read(
                    client.proceed(workflowId, self.plan()), workflowId, isRound=True))
            case "join":
                self.tryTo((404,), lambda: self.read(client.join(workflowId), workflowId, 0))
            case "resume":
                self.workflows[at] = self.tryTo((204, 404), lambda: self.read(
                    client.join(workflowId, last), workflowId, last)) or (workflowId, last)
            case "stop":
                self.call((200, 404), client.stop, workflowId)
            case "delete" if self.chance.random() < 0.3:
                self.seen.deletes.add(workflowId)
                self.call((200, 404), client.delete, workflowId)
                self.workflows.pop(at)
            case _:
                self.call((200, 404), client.detail, workflowId)

    def run(self, over):
        while not over.is_set():
            try:
                self.step()
            except TimeoutError as late:
                if not self.chaos.stoodStill():
                    self.seen.fault(str(late))
            except (OSError, http.client.HTTPException):
                time.sleep(0.05)  # a host is away; what it said before counts
            except AssertionError as fault:
                self.seen.fault(str(fault))


class Chaos:
    def __init__(self, server, hosts, seed):
        self.server, self.hosts = server, hosts
        self.chance = random.Random(seed)
        self.done = []
        self.wentOnAt = -100.0  # monotonic: when a host that stood still has gone on

    def stoodStill(self):
        """Whether a host may have kept a client waiting for longer than clients wait."""
        return time.monotonic() - self.wentOnAt < 60

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
            self.wentOnAt = time.monotonic()
            time.sleep(2 if what == "stand" else LEASE + 3)
            host.signal(signal.SIGCONT)
            self.wentOnAt = time.monotonic()
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
        workers = [Worker(self.clients(f"user{n}"), seen, chaos, seed + n)
                   for n in range(WORKERS)]
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
        logs = "".join(log for host in self.hosts for log in host.logs())
        self.assertTrue(seen.unknown == 0 or UNKNOWN in logs, f"{seen.unknown} answers were 500")
        self.assertGreater(len(seen.items), WORKERS)
        root = self.clients("root", ("sysadmin",))[0]
        for workflowId, items in seen.items.items():
            spans = [span for span in seen.spans if span.workflowId == workflowId]
            self.checkThread(root, workflowId, items, spans, seen.deletes)

    def checkThread(self, root, workflowId, items, spans, deletes):
        answer = root.detail(workflowId)
        if answer.status == 404:
            self.assertIn(workflowId, deletes)
            return
        awaitThat(lambda: root.detail(workflowId).json()["workflow"]["status"] != "running",
                  "its round is over", LEASE + 10)
        answer = root.detail(workflowId)
        log = rawItems(answer.body)
        for place, data in items.items():
            self.assertEqual(log[place - 1], data, f"at {place} of {workflowId}")
        found = answer.json()["chatData"]["items"]
        rounds = [each["item"]["roundNumber"] for each in found]
        self.assertEqual(rounds, sorted(rounds), "one round at a time")
        self.assertEqual(sorted(set(rounds)), list(range(1, max(rounds) + 1)))
        for span in spans:
            span.check(rounds)
        for number in set(rounds):
            self.checkRound([each for each in found if each["item"]["roundNumber"] == number])

    def checkRound(self, items):
        """One turn has answered it: two would have said the same twice."""
        said = [(each["item"]["message"], each["item"]["status"])
                for each in items if each["type"] == "message"]
        self.assertEqual(len(said), len(set(said)), said)
        self.assertLessEqual(sum(each["type"] == "stat" for each in items), 1)


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
