"""DELETE /{workflowId}."""
from case import HostCase
from client import PREFIX, script
from host import awaitThat


class Delete(HostCase):
    def test_the_answer_byte_for_byte(self):
        client = self.person()
        workflowId, _ = client.run()
        answer = client.delete(workflowId)
        self.checkOk(answer)
        text = "Chatbot workflow and associated data deleted successfully"
        self.assertEqual(answer.body.decode(), f'{{"id":"{workflowId}","message":"{text}"}}')

    def test_afterwards_it_is_404_for_every_operation(self):
        client = self.person()
        workflowId, _ = client.run()
        client.delete(workflowId)
        body = {"prompt": "again", "workflowId": workflowId}
        for answer in (
            client.detail(workflowId),
            client.stop(workflowId),
            client.rename(workflowId, "name"),
            client.delete(workflowId),
            client.call("GET", f"/{workflowId}/stream"),
            client.call("POST", "/start/stream", body),
        ):
            self.checkAbsent(answer, workflowId)
        self.assertEqual(client.listAll().json()["items"], [])

    def test_others_stay_as_they_are(self):
        client = self.person()
        kept, _ = client.run()
        before = client.listAll().body, client.detail(kept).body
        gone, _ = client.run()
        client.delete(gone)
        self.assertEqual((client.listAll().body, client.detail(kept).body), before)

    def test_a_running_round_is_cancelled_and_all_streams_end(self):
        client = self.person()
        stream = client.start(script(chunks=5000, delayMs=2))
        workflowId = stream.take(3)[0].item["workflowId"]
        joined = client.join(workflowId)
        joined.take(3)
        self.checkOk(client.delete(workflowId))
        self.checkItems(stream.whole())
        frames = joined.whole()
        self.checkItems(self.checkEnd(frames, "deleted"))
        self.checkAbsent(client.detail(workflowId), workflowId)

    def test_the_checks_come_in_their_order(self):
        client, stranger = self.person(), self.person()
        viewer = self.colleague(client, ("viewer",))
        chatbot, other = client.run()[0], client.run()[0]
        self.host.edit(("UPDATE workflow SET workflowMode = 'Actionplan' WHERE id = ?", [(other,)]))
        before = self.everything()
        notChatbot = f"Workflow {other} is not a chatbot workflow"
        self.checkAbsent(stranger.delete(other), other)
        self.checkAbsent(stranger.delete(chatbot), chatbot)
        self.checkError(viewer.delete(other), 400, notChatbot)
        self.checkError(client.delete(other), 400, notChatbot)
        denied = "You don't have permission to delete this workflow"
        self.checkError(viewer.delete(chatbot), 403, denied)
        self.assertEqual(self.everything(), before)

    def test_a_workflow_that_cannot_be_deleted_goes_on_running(self):
        client, stranger = self.person(), self.person()
        viewer = self.colleague(client, ("viewer",))
        with client.start(script(chunks=30, delayMs=5)) as stream:
            workflowId = stream.take(1)[0].item["workflowId"]
            self.checkError(viewer.delete(workflowId), 403)
            self.checkAbsent(stranger.delete(workflowId), workflowId)
            self.assertEqual(len(stream.whole()), 34)


class Traces(HostCase):
    def test_nothing_of_it_is_left_in_the_database(self):
        client = self.person()
        workflowId, frames = client.run(script("a word to look for", chunks=2))
        kept, _ = client.run()
        client.delete(workflowId)
        waiting = "SELECT 1 FROM message_pending"
        awaitThat(lambda: not self.host.rows(waiting), "what waits for the index is done")
        self.host.stop()
        tables = self.host.database.tables()
        rows = [row for name in tables for row in self.host.rows(f'SELECT * FROM "{name}"')]
        self.host.start()
        text = repr(rows)
        self.assertIn(kept, text)
        for trace in (workflowId, "a word to look for", *[each.item["id"] for each in frames]):
            self.assertNotIn(trace, text)

    def test_the_id_may_be_written_with_escapes(self):
        """A path is decoded once: %2d is a hyphen."""
        client = self.person()
        workflowId, _ = client.run()
        connection, response = client.send("DELETE", PREFIX + "/" + workflowId.replace("-", "%2d"))
        body = response.read()
        connection.close()
        self.assertEqual(response.status, 200, body)
