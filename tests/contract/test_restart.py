"""Closing and coming back: everything is found again, and interrupted rounds are ended."""
from case import HostCase
from client import script


class Restart(HostCase):
    def make(self, client):
        """Workflows in every state, and all that a client can see of them."""
        ids = [
            client.run(script("completed", chunks=3, logs=2))[0],
            client.run(script("failed", fail=True))[0],
            client.run("Grüße \x00 \U0001f600")[0],
        ]
        client.proceed(ids[0], script("second", chunks=2)).rest()
        client.rename(ids[1], "Renamed")
        stopped, stream = client.begin()
        client.stop(stopped)
        stream.rest()
        return [*ids, stopped]

    def seen(self, client, ids):
        return client.listAll().body, [client.detail(each).body for each in ids]

    def test_everything_is_found_again(self):
        client = self.person()
        ids = self.make(client)
        before = self.seen(client, ids)
        self.host.stop()
        self.host.start()
        self.assertEqual(self.seen(client, ids), before)
        self.host.kill()
        self.host.start()
        self.assertEqual(self.seen(client, ids), before)

    def test_a_place_in_a_stream_outlives_the_host(self):
        client = self.person()
        workflowId, frames = client.run(script(chunks=5))
        self.host.stop()
        self.host.start()
        rest = self.checkEnd(client.join(workflowId, after=3).rest(), "completed")
        self.assertEqual([each.raw for each in rest], [each.raw for each in frames[3:]])

    def test_a_further_round_after_a_restart_counts_on(self):
        client = self.person()
        workflowId, frames = client.run(script(chunks=2))
        self.host.stop()
        self.host.start()
        second = client.proceed(workflowId, script(chunks=2)).rest()
        self.checkItems(second, len(frames) + 1)
        self.assertEqual({frame.item["roundNumber"] for frame in second}, {2})

    def test_deleted_stays_deleted(self):
        client = self.person()
        workflowId, _ = client.run()
        client.delete(workflowId)
        self.host.kill()
        self.host.start()
        self.checkAbsent(client.detail(workflowId), workflowId)


class Interrupted(HostCase):
    def interrupt(self, client):
        """A workflow whose host was killed in the middle: its id and what its client was sent."""
        stream = client.start(script(chunks=5000, delayMs=2))
        first = stream.take(6)
        self.host.kill()
        stream.rest()
        self.host.start()
        return first[0].item["workflowId"], [f for f in stream.frames if f.kind == "item"]

    def checkInterrupted(self, thread, seen):
        self.assertEqual(thread["workflow"]["status"], "error")
        items = thread["chatData"]["items"]
        self.assertEqual(items[: len(seen)], [frame.json for frame in seen])
        last = items[-1]
        self.assertEqual((last["type"], last["item"]["type"]), ("log", "error"))
        self.assertIn("interrupted", last["item"]["message"])
        self.assertEqual(last["item"]["roundNumber"], thread["workflow"]["currentRound"])
        logs = [each for each in items if each["type"] == "log" and each["item"]["type"] == "error"]
        self.assertEqual(len(logs), 1)

    def test_the_round_is_ended_as_an_error_that_says_so(self):
        client = self.person()
        workflowId, seen = self.interrupt(client)
        self.checkInterrupted(self.checkOk(client.detail(workflowId)), seen)
        self.assertIn(workflowId, self.host.log(), "the operator is told")

    def test_its_reader_takes_up_where_it_was_and_sees_the_end(self):
        client = self.person()
        workflowId, seen = self.interrupt(client)
        frames = self.checkEnd(client.join(workflowId, after=seen[-1].place).rest(), "error")
        self.checkItems(frames, seen[-1].place + 1)
        self.assertIn("interrupted", frames[-1].item["message"])

    def test_another_round_may_follow(self):
        client = self.person()
        workflowId, _ = self.interrupt(client)
        count = len(client.detail(workflowId).json()["chatData"]["items"])
        frames = client.proceed(workflowId, script(chunks=1)).rest()
        self.checkItems(frames, count + 1)
        workflow = client.detail(workflowId).json()["workflow"]
        self.assertEqual((workflow["status"], workflow["currentRound"]), ("completed", 2))

    def test_many_rounds_of_many_tenants_are_ended(self):
        clients = [self.person() for _ in range(10)]
        begun = [client.begin() for client in clients]
        finished = [client.run()[0] for client in clients]
        before = [client.detail(each).body for client, each in zip(clients, finished)]
        self.host.kill()
        for _, stream in begun:
            stream.close()
        self.host.start()
        for client, (workflowId, _) in zip(clients, begun):
            self.checkInterrupted(client.detail(workflowId).json(), [])
        after = [client.detail(each).body for client, each in zip(clients, finished)]
        self.assertEqual(after, before)

    def test_a_second_restart_changes_nothing_more(self):
        client = self.person()
        workflowId, _ = self.interrupt(client)
        before = client.listAll().body, client.detail(workflowId).body
        self.host.kill()
        self.host.start()
        self.assertEqual((client.listAll().body, client.detail(workflowId).body), before)

    def test_a_workflow_of_another_mode_is_left_alone(self):
        """It is another program's; nothing of it is changed but by that program."""
        client = self.person()
        workflowId, _ = client.run()
        sql = "UPDATE workflow SET workflowMode = 'Other', status = 'running' WHERE id = ?"
        self.host.edit((sql, [(workflowId,)]))
        self.host.stop()
        sql = "SELECT status, lastSeq FROM workflow WHERE id = ?"
        before = self.host.rows(sql, (workflowId,))
        self.host.start()
        self.host.stop()
        self.assertEqual(self.host.rows(sql, (workflowId,)), before)
        self.host.start()
