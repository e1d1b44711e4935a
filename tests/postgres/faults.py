"""Three hosts on one PostgreSQL while servers, connections and hosts fail:

python3 faults.py PATH_TO_chatbot-host FOLDER_OF_initdb [part of a test's name ...]
"""
import signal
import sys
import threading
import time
import unittest
from pathlib import Path

from cluster import Cluster, Server
from case import often, together
from client import script
from host import LEASE, Host

OUTAGE = often(8, 30)


def texts(thread):
    return [each["item"]["message"] for each in thread["chatData"]["items"]
            if "message" in each["item"]]


def rest(stream):
    """All frames to the end, keepalives left out, however many there are."""
    return [frame for frame in iter(stream.next, None) if frame.kind != "keepalive"]


class ServerFaults(Cluster):
    def rounds(self, during, **plan):
        """A round at each host, `during` called in its middle; each is read at another host."""
        clients = self.clients()
        streams = [each.start(script(**plan)) for each in clients]
        first = [stream.take(1) for stream in streams]
        ids = [frames[0].item["workflowId"] for frames in first]
        readers = [clients[(at + 1) % 3].join(workflowId) for at, workflowId in enumerate(ids)]
        time.sleep(0.5)
        during()
        for at, workflowId in enumerate(ids):
            own = first[at] + rest(streams[at])
            other = rest(readers[at])
            thread = clients[at].detail(workflowId).json()
            self.assertEqual(thread["workflow"]["status"], "completed")
            self.checkWhole(own, thread)
            self.checkWhole(other, thread)
            self.assertEqual(other[-1].kind, "end")

    def test_the_server_is_restarted_in_the_middle_of_rounds(self):
        for how in ("fast", "immediate"):
            with self.subTest(how=how):

                def restart(how=how):
                    self.server.act(how)
                    self.server.act("restart")

                self.rounds(restart, chunks=40, delayMs=50)

    def test_connections_are_ended_one_by_one(self):
        def end():
            for _ in range(20):
                self.server.terminate()
                time.sleep(0.1)

        self.rounds(end, chunks=40, delayMs=50)

    def test_an_outage_is_answered_503_and_streams_go_on_afterwards(self):
        client = self.clients()[0]

        def outage():
            self.server.act("fast")
            down = time.monotonic()
            try:
                for call in (lambda: client.call("POST", "/start/stream", {"prompt": "hello"}),
                             client.listAll):
                    begun = time.monotonic()
                    answer = call()
                    self.assertEqual(answer.status, 503, answer)
                    self.assertGreater(int(answer.headers["Retry-After"]), 0)
                    self.assertLess(time.monotonic() - begun, 8)
                time.sleep(max(0, OUTAGE - (time.monotonic() - down)))
            finally:
                self.server.act("restart")

        self.rounds(outage, chunks=40, delayMs=50)


class HostFaults(Cluster):
    def beginAt(self, client, reader, **plan):
        """A round that goes on until it is ended from outside, read from another host."""
        plan = {"chunks": 100_000, "delayMs": 20, **plan}
        stream = client.start(script(**plan))
        workflowId = stream.take(1)[0].item["workflowId"]
        return workflowId, stream, reader.join(workflowId)

    def test_the_rounds_of_a_killed_host_are_ended_within_the_lease(self):
        clients = self.clients()
        workflowId, _, joined = self.beginAt(clients[0], clients[1])
        seen = joined.take(50)
        self.hosts[0].kill()
        killed = time.monotonic()
        rest = joined.rest()
        self.assertLess(time.monotonic() - killed, LEASE + 2)
        self.assertEqual(rest[-1].json, {"status": "error"})
        thread = clients[2].detail(workflowId).json()
        self.checkWhole(seen + rest, thread)
        self.assertIn("interrupted", texts(thread)[-1])
        # It comes back, and the thread goes on there.
        self.hosts[0].start()
        frames = clients[0].proceed(workflowId, script(chunks=1)).rest()
        self.assertEqual(frames[0].item["roundNumber"], 2)

    def test_a_host_that_stood_still_finds_its_rounds_over(self):
        clients = self.clients()
        workflowId, own, joined = self.beginAt(clients[0], clients[1])
        seen = joined.take(50)
        self.hosts[0].signal(signal.SIGSTOP)
        try:
            rest = joined.rest()
        finally:
            self.hosts[0].signal(signal.SIGCONT)
        self.assertEqual(rest[-1].json, {"status": "error"})
        thread = clients[1].detail(workflowId).json()
        self.checkWhole(seen + rest, thread)
        own.rest()  # it ends there, too
        time.sleep(1)
        self.assertEqual(clients[2].detail(workflowId).json(), thread)
        clients[0].run()  # and works again

    def test_of_two_starts_at_the_same_moment_one_wins(self):
        clients = self.clients()
        workflowId, _ = clients[0].run()
        prompt = {"prompt": script(startDelayMs=200, chunks=1)}
        for _ in range(20):
            start = threading.Barrier(2)

            def begin(client, start=start):
                start.wait()
                return client.call("POST", "/start/stream", prompt, workflowId=workflowId).status

            answers = together(lambda: begin(clients[1]), lambda: begin(clients[2]))
            self.assertEqual(sorted(answers), [200, 409])

    def test_a_stop_or_delete_elsewhere_reaches_rounds_and_streams_within_a_second(self):
        clients = self.clients()
        for act in (clients[1].stop, clients[1].delete):
            workflowId, own, joined = self.beginAt(clients[0], clients[2])
            joined.take(3)
            self.assertEqual(act(workflowId).status, 200)
            acted = time.monotonic()
            together(own.rest, joined.rest)
            self.assertLess(time.monotonic() - acted, 1)

    def test_text_that_one_host_writes_is_read_at_another(self):
        clients = self.clients()
        plan = {"chunks": 0, "logs": 0, "deltas": 300, "deltaText": "Straße \x00", "delayMs": 10}
        query = {"deltas": "true"}
        stream = clients[0].stream("POST", "/start/stream", {"prompt": script(**plan)}, **query)
        workflowId = stream.take(1)[0].item["workflowId"]
        text = ""
        for frame in clients[1].join(workflowId, **query).rest():
            if frame.kind == "delta":
                self.assertEqual(frame.json["offset"], len(text))
                text += frame.json["text"]
        message = texts(clients[2].detail(workflowId).json())[1]
        self.assertEqual(message, "Straße \x00" * 300)
        self.assertEqual(text, message[: len(text)])
        self.assertGreater(len(text), len(message) / 2)


def main():
    Host.binary = str(Path(sys.argv[1]).resolve())
    Host.patience = 5.0
    Server.bin = sys.argv[2]
    names = [f"-k{name}" for name in sys.argv[3:]]
    unittest.main(argv=[sys.argv[0], "-v", *names], warnings="ignore")


if __name__ == "__main__":
    main()
