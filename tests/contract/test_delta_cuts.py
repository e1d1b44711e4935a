"""Connections that break anywhere: who comes back at the last whole frame misses and repeats nothing."""
import random

from case import often, together
from client import script
from deltas import DeltaCase, Transcript, start
from events import EventStream

SEEDS = range(20261122, 20261122 + often(12, 32))
KILLS = 6
PIECES = ("x", "\u00e9", "\u20ac\u20ac", "\U0001f600 e\u0301", '"\\\n\n\r\n', "id: 7\n\ndata: {}\n\n", "word ")


class CutClient:
    """Reads a round to its end; its connections break after a random number of bytes."""

    def __init__(self, client, seed):
        self.client = client
        self.chance = random.Random(seed)
        self.transcript = Transcript()
        self.cuts = self.cutsInDrafts = 0

    def prompt(self):
        chance = self.chance
        return script(
            chunks=chance.choice((0, 0, 2)),
            logs=chance.randrange(3),
            deltas=chance.randrange(1, 120),
            deltaText="".join(chance.choices(PIECES, k=chance.randrange(1, 6))),
            delayMs=chance.choice((0, 0.5, 2, 5)),
            fail=chance.random() < 0.2,
        )

    def begin(self):
        self.read(start(self.client, self.prompt()))
        return self

    def follow(self):
        while self.transcript.status is None:
            self.comeBack()
        return self

    def comeBack(self):
        self.cuts += 1
        path = f"/{self.workflowId()}/stream?deltas=true"
        last = self.transcript.last
        headers = {} if last is None else {"Last-Event-ID": last}
        connection, response = self.client.send("GET", "/api/chatbot" + path, headers=headers)
        if response.status == 204:
            return self.end(connection)
        assert response.status == 200, response.read()
        return self.read(EventStream(connection, response))

    def end(self, connection):
        """The end's own frame was cut, so another answer tells it."""
        connection.close()
        self.transcript.status = self.client.detail(self.workflowId()).json()["workflow"]["status"]

    def workflowId(self):
        if self.transcript.items:
            return self.transcript.workflowId
        (workflow,) = self.client.listAll().json()["items"]
        return workflow["id"]

    def read(self, stream):
        most = self.chance.choice((100, 500, 1000, 2000, 15000))
        stream.cutAfter(self.chance.randrange(1, most))
        while frame := stream.next():
            self.transcript.take([frame])
        self.cutsInDrafts += self.transcript.open is not None


class Cuts(DeltaCase):
    def test_whatever_is_cut_the_text_is_whole(self):
        def run(seed):
            return seed, CutClient(self.person(), seed).begin().follow()

        cuts = []
        for first in range(0, len(SEEDS), 4):
            for seed, reader in together(*[lambda s=s: run(s) for s in SEEDS[first : first + 4]]):
                with self.subTest(seed=seed):
                    self.checkWhole(reader.client, reader.workflowId(), reader.transcript)
                cuts.append(reader.cutsInDrafts)
        self.assertGreater(sum(cuts), len(SEEDS) // 3, "hardly any cut was within a draft")

    def test_a_kill_is_one_more_cut(self):
        for seed in SEEDS[:KILLS]:
            with self.subTest(seed=seed):
                reader = CutClient(self.person(), seed).begin()
                while reader.transcript.status is None and reader.cuts < 3:
                    reader.comeBack()
                self.host.kill()
                self.host.start()
                reader.transcript.forgetDraft()
                reader.follow()
                self.checkRecovered(reader.client, reader.workflowId(), reader.transcript)
