"""Starts on a workflow whose round is running: reject, interrupt, enqueue."""
import time

from case import HostCase
from client import script


class Busy(HostCase):
    def start(self, client, workflowId, prompt, onBusy):
        return client.stream(
            "POST", "/start/stream", {"prompt": prompt}, workflowId=workflowId, onBusy=onBusy
        )

    def running(self, client):
        """A workflow in a round that waits to be stopped."""
        workflowId, stream = client.begin()
        self.addCleanup(stream.close)
        return workflowId

    def test_reject_is_the_standard(self):
        client = self.person()
        workflowId = self.running(client)
        before = client.detail(workflowId).json()
        for query in ({}, {"onBusy": "reject"}):
            body = {"prompt": "x"}
            answer = client.call("POST", "/start/stream", body, workflowId=workflowId, **query)
            self.assertEqual(answer.status, 409)
            self.assertEqual(answer.detail, f"Workflow {workflowId} is still running")
        self.assertEqual(client.detail(workflowId).json(), before)

    def test_another_word_is_refused(self):
        client = self.person()
        answer = client.call("POST", "/start/stream", {"prompt": "x"}, onBusy="maybe")
        self.assertEqual(answer.status, 400)
        self.assertEqual(
            answer.detail, "Invalid onBusy parameter: it must be reject, interrupt or enqueue"
        )
        self.assertEqual(client.listAll().json()["items"], [])

    def test_interrupt_stops_the_running_round_first(self):
        client = self.person()
        workflowId, stream = client.begin()
        frames = self.start(client, workflowId, script(chunks=1), "interrupt").rest()
        self.assertEqual({frame.item["roundNumber"] for frame in frames}, {2})
        self.assertEqual(stream.rest(), [])
        self.assertEqual(client.detail(workflowId).json()["workflow"]["status"], "completed")

    def test_enqueued_starts_run_after_it_in_their_order(self):
        client = self.person()
        workflowId = self.running(client)
        waiting = [
            self.start(client, workflowId, script(f"number {n}", chunks=2), "enqueue")
            for n in (2, 3, 4)
        ]
        self.assertEqual(len(client.detail(workflowId).json()["chatData"]["items"]), 1)
        self.checkOk(client.stop(workflowId))
        for number, stream in enumerate(waiting, 2):
            frames = stream.rest()
            self.assertEqual({frame.item["roundNumber"] for frame in frames}, {number})
            self.assertTrue(frames[0].item["message"].endswith(f"number {number}"))
            self.assertEqual(len(frames), 6)
        thread = client.detail(workflowId).json()
        self.assertEqual(thread["workflow"]["status"], "completed")
        rounds = [item["item"]["roundNumber"] for item in thread["chatData"]["items"]]
        self.assertEqual(rounds, sorted(rounds))

    def test_too_many_are_refused(self):
        client = self.person()
        workflowId = self.running(client)
        for _ in range(8):
            stream = self.start(client, workflowId, "next", "enqueue")
            self.addCleanup(stream.close)
        answer = client.call(
            "POST", "/start/stream", {"prompt": "x"}, workflowId=workflowId, onBusy="enqueue"
        )
        self.assertEqual(answer.status, 409)
        self.assertIn("too many starts wait for it", answer.detail)

    def test_a_delete_ends_the_streams_of_those_that_wait(self):
        client = self.person()
        workflowId = self.running(client)
        stream = self.start(client, workflowId, "next", "enqueue")
        self.checkOk(client.delete(workflowId))
        self.assertEqual(stream.rest(), [])
        self.assertEqual(client.detail(workflowId).status, 404)

    def test_a_start_that_waits_outlives_a_kill(self):
        client = self.person()
        workflowId = self.running(client)
        self.start(client, workflowId, script("after the kill", chunks=1), "enqueue")
        self.host.kill()
        self.host.start()
        deadline = time.monotonic() + 10
        while True:
            thread = self.checkOk(client.detail(workflowId))
            if thread["workflow"]["currentRound"] == 2 and (
                thread["workflow"]["status"] == "completed"
            ):
                break
            self.assertLess(time.monotonic(), deadline, thread["workflow"])
            time.sleep(0.01)
        texts = [item["item"].get("message") or "" for item in thread["chatData"]["items"]]
        self.assertIn("interrupted", texts[1])
        self.assertTrue(texts[2].endswith("after the kill"))
