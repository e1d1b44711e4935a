"""POST /start/stream: what a start makes, and what it must not."""
import time

import shapes
from case import HostCase, together
from client import compact, script

NAMES = {
    "Hello there\nand more": "Hello there",
    "\n  \n  spaced out  \nmore": "spaced out",
    "w" * 70: "w" * 60,
    "ä" * 70: "ä" * 60,
    "\U0001f44d" * 61: "\U0001f44d" * 60,
    "abcdefg " * 20: " ".join(["abcdefg"] * 7),
    "word " * 20: " ".join(["word"] * 12),
    "x" * 60: "x" * 60,
    "one\ttwo\x00three": "one two three",
    "first\r\nsecond": "first",
}

TEXTS = (
    "plain",
    "Grüße, 世界, \U0001f44d\U0001f3fd, e\u0301",
    'quotes " and \\ backslash / slash',
    "line\nfeed\r\ncarriage\rreturn\ttab",
    "NUL \x00 and \x01\x1b\x7f\x85 controls",
    "\u2028 \u2029 \ufeff \u202e \uffff \U0010ffff",
    "x\n\nevent: end\ndata: {}\n\nid: 99\n\n: keepalive\n\n",
    "<script>alert(1)</script> %00 %s {} '; DROP TABLE workflow; --",
)


class NewWorkflow(HostCase):
    def test_a_new_workflow_has_the_fields_of_its_model(self):
        client, before = self.person(), time.time()
        workflowId, _ = client.run("Say hello")
        workflow = self.checkOk(client.detail(workflowId))["workflow"]
        self.checkModel(shapes.WORKFLOW, workflow)
        expected = {
            "id": workflowId,
            "mandateId": client.mandate,
            "_createdBy": client.user,
            "name": "Say hello",
            "status": "completed",
            "workflowMode": "Chatbot",
            "currentRound": 1,
            "maxSteps": 10,
        }
        self.assertEqual({name: workflow[name] for name in expected}, expected)
        self.assertLessEqual(before - 1, workflow["_createdAt"])
        self.assertLessEqual(workflow["_createdAt"], workflow["lastActivity"])
        self.assertLessEqual(workflow["startedAt"], workflow["lastActivity"])
        self.assertLessEqual(workflow["lastActivity"], time.time() + 1)

    def test_its_first_item_is_the_message_of_the_user(self):
        client = self.person()
        workflowId, frames = client.run("Say hello")
        message = frames[0].item
        expected = {
            "workflowId": workflowId,
            "role": "user",
            "message": "Say hello",
            "status": "first",
            "sequenceNr": 1,
            "roundNumber": 1,
            "documents": [],
            "success": True,
        }
        self.assertEqual({name: message[name] for name in expected}, expected)
        self.assertEqual(message["publishedAt"], frames[0].json["createdAt"])

    def test_it_is_running_until_its_round_has_ended(self):
        client = self.person()
        workflowId, stream = client.begin()
        self.assertEqual(client.detail(workflowId).json()["workflow"]["status"], "running")
        client.stop(workflowId)
        stream.close()

    def test_its_name_is_the_first_line_of_the_prompt(self):
        client = self.person()
        for prompt, name in NAMES.items():
            with self.subTest(prompt=prompt):
                workflowId, _ = client.run(prompt)
                self.assertEqual(client.detail(workflowId).json()["workflow"]["name"], name)

    def test_the_prompt_is_kept_as_it_was_sent(self):
        client = self.person()
        for text in TEXTS:
            with self.subTest(text=text):
                prompt = script(text, chunks=1)
                workflowId, frames = client.run(prompt)
                self.checkItems(frames)
                self.assertEqual(frames[0].item["message"], prompt)
                self.assertEqual(frames[0].data, compact(frames[0].json).encode())
                items = client.detail(workflowId).json()["chatData"]["items"]
                self.assertEqual(items, [frame.json for frame in frames])

    def test_unknown_keys_are_ignored_and_set_nothing(self):
        client = self.person()
        protected = {
            "id": "mine",
            "name": "chosen",
            "mandateId": "elsewhere",
            "_createdBy": "somebody",
            "createdBy": "somebody",
            "roles": ["sysadmin"],
            "status": "stopped",
            "workflowMode": "Other",
            "currentRound": 7,
            "maxSteps": 99,
            "unknown": {"deep": [1, None]},
        }
        workflowId, _ = client.run("Say hello", **protected)
        workflow = client.detail(workflowId).json()["workflow"]
        self.assertEqual(workflow["mandateId"], client.mandate)
        self.assertEqual(workflow["_createdBy"], client.user)
        self.assertEqual(workflow["name"], "Say hello")
        self.assertEqual(workflow["status"], "completed")
        self.assertEqual((workflow["currentRound"], workflow["maxSteps"]), (1, 10))

    def test_files_and_language_are_taken(self):
        client = self.person()
        workflowId, frames = client.run("Read", listFileId=["f-1", "f-2"], userLanguage="de")
        self.checkItems(frames)
        self.assertEqual(client.detail(workflowId).json()["workflow"]["status"], "completed")

    def test_a_null_workflow_id_starts_a_new_workflow(self):
        client = self.person()
        workflowId, _ = client.run(workflowId=None)
        self.assertEqual(client.listAll().json()["items"][0]["id"], workflowId)


class FurtherRound(HostCase):
    def test_a_further_round_counts_on_and_keeps_the_rest(self):
        client = self.person()
        workflowId, first = client.run("First words")
        before = client.detail(workflowId).json()["workflow"]
        with client.proceed(workflowId, script(chunks=1)) as stream:
            second = self.checkItems(stream.rest(), len(first) + 1)
        after = client.detail(workflowId).json()["workflow"]
        self.assertEqual({frame.item["roundNumber"] for frame in second}, {2})
        self.assertEqual(second[0].item["sequenceNr"], len(first) + 1)
        self.assertEqual((after["currentRound"], after["status"]), (2, "completed"))
        for name in ("id", "name", "_createdAt", "_createdBy", "mandateId"):
            self.assertEqual(after[name], before[name])
        self.assertGreater(after["lastActivity"], before["lastActivity"])

    def test_the_workflow_may_be_named_by_the_body(self):
        client = self.person()
        workflowId, _ = client.run()
        with client.start(script(chunks=0), workflowId=workflowId) as stream:
            self.assertEqual(stream.rest()[0].item["workflowId"], workflowId)

    def test_the_id_of_the_query_wins_over_that_of_the_body(self):
        client = self.person()
        one, two = client.run()[0], client.run()[0]
        untouched = client.detail(two).body
        body = {"prompt": script(chunks=0), "workflowId": two}
        with client.stream("POST", "/start/stream", body, workflowId=one) as stream:
            self.assertEqual(stream.rest()[0].item["workflowId"], one)
        self.assertEqual(client.detail(two).body, untouched)

    def test_an_unknown_id_in_the_query_is_not_saved_by_the_body(self):
        client = self.person()
        workflowId, _ = client.run()
        before, absent = self.everything(), "01890000-0000-7000-8000-000000000000"
        body = {"prompt": "again", "workflowId": workflowId}
        self.checkAbsent(client.call("POST", "/start/stream", body, workflowId=absent), absent)
        self.assertEqual(self.everything(), before)

    def test_an_empty_id_in_the_query_leaves_the_word_to_the_body(self):
        client = self.person()
        workflowId, _ = client.run()
        body = {"prompt": script(chunks=0), "workflowId": workflowId}
        with client.stream("POST", "/start/stream", body, workflowId="") as stream:
            self.assertEqual(stream.rest()[0].item["roundNumber"], 2)

    def test_an_unknown_workflow_is_404_and_makes_nothing(self):
        client = self.person()
        before, absent = self.everything(), "01890000-0000-7000-8000-000000000001"
        body = {"prompt": "again", "workflowId": absent}
        self.checkAbsent(client.call("POST", "/start/stream", body), absent)
        self.assertEqual(self.everything(), before)

    def test_a_running_workflow_takes_no_second_round(self):
        client = self.person()
        workflowId, stream = client.begin()
        before = self.everything()
        answer = client.call("POST", "/start/stream", {"prompt": "again"}, workflowId=workflowId)
        self.checkError(answer, 409, f"Workflow {workflowId} is still running")
        self.assertEqual(self.everything(), before)
        client.stop(workflowId)
        stream.close()

    def test_of_starts_at_the_same_time_one_wins(self):
        client = self.person()
        workflowId, _ = client.run()
        plan = {"prompt": script(chunks=0, startDelayMs=120000)}

        def start():
            connection, response = client.send(
                "POST", f"/api/chatbot/start/stream?workflowId={workflowId}", plan
            )
            return response.status, connection

        results = together(*[start] * 8)
        self.assertEqual(sorted(status for status, _ in results), [200] + [409] * 7)
        items = client.detail(workflowId).json()["chatData"]["items"]
        self.assertEqual([each["item"]["roundNumber"] for each in items].count(2), 1)
        client.stop(workflowId)
        for _, connection in results:
            connection.close()

    def test_after_a_stopped_and_after_a_failed_round_another_may_start(self):
        client = self.person()
        workflowId, stream = client.begin()
        client.stop(workflowId)
        stream.rest()
        client.proceed(workflowId, script(fail=True, chunks=1)).rest()
        self.assertEqual(client.detail(workflowId).json()["workflow"]["status"], "error")
        frames = client.proceed(workflowId, script(chunks=1)).rest()
        self.assertEqual({frame.item["roundNumber"] for frame in frames}, {3})
        self.assertEqual(client.detail(workflowId).json()["workflow"]["status"], "completed")
