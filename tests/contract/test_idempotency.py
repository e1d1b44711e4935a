"""Idempotency-Key: a start that is sent twice starts once."""
from case import HostCase, together
from client import script

STORM = 50


class Idempotency(HostCase):
    def start(self, client, key, prompt, **query):
        headers = {"Idempotency-Key": key}
        return client.stream("POST", "/start/stream", {"prompt": prompt}, headers, **query)

    def refused(self, client, key, prompt, **query):
        headers = {"Idempotency-Key": key}
        return client.call("POST", "/start/stream", {"prompt": prompt}, headers, **query)

    def test_the_same_request_joins_the_round_from_its_beginning(self):
        client, prompt = self.person(), script(chunks=20, delayMs=5)
        first = self.start(client, "k-1", prompt)
        frames = first.take(3)
        again = self.start(client, "k-1", prompt).rest()
        frames += first.rest()
        self.assertEqual([frame.json for frame in again], [frame.json for frame in frames])
        late = self.start(client, "k-1", prompt).rest()
        self.assertEqual([frame.json for frame in late], [frame.json for frame in frames])
        self.assertEqual(len(client.listAll().json()["items"]), 1)

    def test_many_at_once_start_once(self):
        client, prompt = self.person(), script(chunks=5)
        bodies = together(
            *[lambda: self.start(client, "k-2", prompt).rest() for _ in range(STORM)]
        )
        self.assertEqual({len(frames) for frames in bodies}, {9})
        self.assertEqual({frames[0].item["id"] for frames in bodies}, {bodies[0][0].item["id"]})
        self.assertEqual(len(client.listAll().json()["items"]), 1)

    def test_another_body_is_refused(self):
        client = self.person()
        workflowId = self.start(client, "k-3", script(chunks=1)).rest()[0].item["workflowId"]
        for prompt, query in (("other", {}), (script(chunks=1), {"workflowId": workflowId})):
            answer = self.refused(client, "k-3", prompt, **query)
            self.assertEqual(answer.status, 422)
            self.assertEqual(answer.detail[0]["loc"], ["header", "Idempotency-Key"])
        self.assertEqual(len(client.listAll().json()["items"]), 1)

    def test_a_key_is_its_callers(self):
        client = self.person()
        ids = {
            self.start(each, "k-4", script(chunks=1)).rest()[0].item["workflowId"]
            for each in (client, self.colleague(client), self.person(user=client.user))
        }
        self.assertEqual(len(ids), 3)

    def test_what_is_no_key_is_refused(self):
        client = self.person()
        for key in ("k" * 256, "t\u00e4st"):  # an empty field is left out by some servers
            answer = self.refused(client, key, "x")
            self.assertEqual(answer.status, 400, key)
            self.assertTrue(answer.detail.startswith("Invalid Idempotency-Key"))

    def test_a_refused_start_keeps_no_key(self):
        client = self.person()
        workflowId, stream = client.begin()
        self.addCleanup(stream.close)
        prompt = script(chunks=1)
        self.assertEqual(self.refused(client, "k-5", prompt, workflowId=workflowId).status, 409)
        client.stop(workflowId)
        frames = self.start(client, "k-5", prompt, workflowId=workflowId).rest()
        self.assertEqual({frame.item["roundNumber"] for frame in frames}, {2})

    def test_it_holds_over_a_kill(self):
        client, prompt = self.person(), script(chunks=2)
        frames = self.start(client, "k-6", prompt).rest()
        self.host.kill()
        self.host.start()
        again = self.start(client, "k-6", prompt).rest()
        self.assertEqual([frame.json for frame in again], [frame.json for frame in frames])
