"""Clients that leave or do not read: nobody else notices, and nothing is left behind."""
import os
import time
from pathlib import Path

from case import HostCase, together
from client import PREFIX, script
from events import EventStream
from host import awaitThat


class Readers(HostCase):
    def test_a_client_that_leaves_changes_nothing_for_the_others(self):
        client = self.person()
        with client.start(script(chunks=60, delayMs=10)) as stream:
            workflowId = stream.take(2)[0].item["workflowId"]
            for _ in range(5):
                leaver = client.join(workflowId)
                leaver.take(2)
                leaver.reset()
            whole = self.checkItems(stream.whole())
        self.assertEqual(len(whole), 64)

    def test_a_round_goes_on_when_its_own_client_leaves(self):
        client = self.person()
        stream = client.start(script(chunks=30, delayMs=10))
        workflowId = stream.take(2)[0].item["workflowId"]
        stream.reset()
        frames = self.checkEnd(client.join(workflowId, after=2).rest(), "completed")
        self.assertEqual(self.places(frames), list(range(3, 35)))

    def test_a_client_may_leave_before_its_first_byte(self):
        client = self.person()
        for _ in range(10):
            connection, response = client.send(
                "POST", "/api/chatbot/start/stream", {"prompt": script(chunks=50, delayMs=2)}
            )
            EventStream(connection, response).reset()
        self.assertEqual(client.listAll().json()["pagination"]["totalItems"], 10)

    def test_a_slow_reader_delays_nobody_and_misses_nothing(self):
        client = self.person()
        stream = client.start(script(chunks=100, chunkBytes=60000, delayMs=1))
        workflowId = stream.take(1)[0].item["workflowId"]
        slow = client.join(workflowId)
        whole = stream.whole()
        self.assertEqual(len(whole), 104)
        frames = self.checkEnd(slow.rest(), "completed")
        self.assertEqual([each.raw for each in frames], [each.raw for each in whole])


class Resources(HostCase):
    def test_clients_that_leave_streams_leave_nothing_behind(self):
        client = self.person()
        workflowId, stream = client.begin()
        count = self.descriptors()
        for _ in range(30):
            joined = client.join(workflowId)
            joined.take(1)
            joined.reset()
        client.stop(workflowId)
        stream.rest()
        awaitThat(lambda: self.descriptors() <= count, "the descriptors are given back")

    def descriptors(self):
        """Sockets, events and the like; files belong to the database, which keeps some open."""
        folder = Path(f"/proc/{self.host.process.pid}/fd")
        return sum(not target.startswith("/") for target in map(linkTarget, folder.iterdir()))

    def test_a_reader_that_goes_away_gives_its_place_back(self):
        """Within a keepalive's time at the latest: then the host finds that nobody listens."""
        client = self.person()
        workflowId, stream = client.begin()
        joined = [client.join(workflowId) for _ in range(99)]
        self.checkError(client.call("GET", f"/{workflowId}/stream"), 503)
        together(*[each.reset for each in joined])

        def isFree():
            connection, response = client.send("GET", f"{PREFIX}/{workflowId}/stream")
            connection.close()
            time.sleep(0.1)
            return response.status == 200

        awaitThat(isFree, "the places are free", 20)
        client.stop(workflowId)
        stream.close()


def linkTarget(path):
    try:
        return os.readlink(path)
    except FileNotFoundError:
        return "/"  # closed meanwhile
