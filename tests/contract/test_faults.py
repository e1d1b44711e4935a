"""500 and 503: what a client is told when something inside does not work."""
import re

from case import HostCase
from client import script


class Faults(HostCase):
    def test_500_says_nothing_of_the_fault_but_an_id_for_the_log(self):
        client = self.person()
        workflowId, _ = client.run("a private word")
        sql = "UPDATE workflow SET status = 'nonsense' WHERE id = ?"
        self.host.edit((sql, [(workflowId,)]))
        for answer in (client.detail(workflowId), client.listAll(), client.stop(workflowId)):
            self.checkError(answer, 500)
            match = re.fullmatch(r"Internal error\W+([0-9A-Za-z-]{6,})\W*", answer.detail)
            self.assertIsNotNone(match, answer)
            lines = [line for line in self.host.log().splitlines() if match[1] in line]
            self.assertTrue(lines, f"{match[1]} is not in the log: {self.host.log()}")
            self.assertIn("status", " ".join(lines), "the log says what was wrong")
        self.assertNotIn("private", self.host.log(), "what users write is not logged")
        self.assertEqual(self.checkOk(self.person().listAll())["items"], [])
        sql = "UPDATE workflow SET status = 'completed' WHERE id = ?"
        self.host.edit((sql, [(workflowId,)]))
        self.checkOk(client.detail(workflowId))

    def test_503_when_a_user_has_too_many_open_streams(self):
        """100 for a user by default. A refusal changes nothing; a place that is left is free."""
        client = self.person()
        workflowId, first = client.begin()
        streams = [first] + [client.join(workflowId) for _ in range(99)]
        before = self.everything()
        for answer in (
            client.call("GET", f"/{workflowId}/stream"),
            client.call("POST", "/start/stream", {"prompt": "one more"}),
        ):
            self.checkError(answer, 503)
            self.assertRegex(answer.headers["Retry-After"], r"^[1-9][0-9]*$")
        self.assertEqual(self.everything(), before)
        colleague = self.colleague(client, ("admin",))
        colleague.join(workflowId).close()
        client.stop(workflowId)
        for stream in streams:
            stream.rest()
        client.run(script(chunks=1))
