"""POST /{workflowId}/stop."""
import time

import shapes
from case import HostCase
from client import script


class Stop(HostCase):
    def test_a_stop_answers_the_workflow_as_stopped(self):
        client = self.person()
        workflowId, stream = client.begin()
        workflow = self.checkOk(client.stop(workflowId))
        self.checkModel(shapes.WORKFLOW, workflow)
        self.assertEqual((workflow["id"], workflow["status"]), (workflowId, "stopped"))
        self.assertEqual(client.detail(workflowId).json()["workflow"], workflow)
        stream.close()

    def test_all_open_streams_end(self):
        client = self.person()
        workflowId, stream = client.begin()
        joined = [client.join(workflowId), client.join(workflowId, after=1)]
        begun = time.monotonic()
        client.stop(workflowId)
        self.assertEqual(stream.rest(), [], "start/stream ends without a further frame")
        self.assertEqual(len(self.checkEnd(joined[0].rest(), "stopped")), 1)
        self.assertEqual(len(self.checkEnd(joined[1].rest(), "stopped")), 0)
        self.assertLess(time.monotonic() - begun, 2)

    def test_what_was_appended_before_stays_and_nothing_follows(self):
        client = self.person()
        with client.start(script(chunks=5000, delayMs=2)) as stream:
            workflowId = stream.take(5)[0].item["workflowId"]
            self.checkOk(client.stop(workflowId))
            seen = self.checkItems(stream.whole())
        items = client.detail(workflowId).json()["chatData"]["items"]
        self.assertEqual(items, [frame.json for frame in seen])
        # While another round runs, the stopped one would have had time to append.
        client.run(script(chunks=50, delayMs=5))
        items = client.detail(workflowId).json()["chatData"]["items"]
        self.assertEqual(items, [frame.json for frame in seen])

    def test_a_stopped_round_does_not_write_into_the_next_one(self):
        client = self.person()
        with client.start(script(chunks=5000, delayMs=2)) as stream:
            workflowId = stream.take(5)[0].item["workflowId"]
            client.stop(workflowId)
            place = len(stream.whole())
        place = max(place, len(client.detail(workflowId).json()["chatData"]["items"]))
        frames = client.proceed(workflowId, script(chunks=30, delayMs=5)).rest()
        self.checkItems(frames, place + 1)
        self.assertEqual({frame.item["roundNumber"] for frame in frames}, {2})
        self.assertEqual(len(frames), 34)

    def test_stopping_what_does_not_run_changes_nothing(self):
        client = self.person()
        ended = {"completed": client.run()[0], "error": client.run(script(fail=True))[0]}
        stopped, stream = client.begin()
        client.stop(stopped)
        stream.rest()
        for status, workflowId in {**ended, "stopped": stopped}.items():
            before = client.detail(workflowId)
            workflow = self.checkOk(client.stop(workflowId))
            self.assertEqual(workflow["status"], status)
            self.assertEqual(workflow, before.json()["workflow"])
            self.assertEqual(client.detail(workflowId).body, before.body)

    def test_a_stop_needs_no_body_and_ignores_one(self):
        client = self.person()
        workflowId, stream = client.begin()
        answer = client.call("POST", f"/{workflowId}/stop", b"not json")
        self.assertEqual(self.checkOk(answer)["status"], "stopped")
        stream.close()

    def test_an_unknown_workflow_is_404(self):
        absent = "01890000-0000-7000-8000-000000000003"
        self.checkAbsent(self.person().stop(absent), absent)
