"""PATCH /{workflowId} with {"name": …}."""
import shapes
from case import HostCase
from client import script

NAMES = (
    "A new name",
    "  spaces stay  ",
    "Grüße, 世界 \U0001f44d\U0001f3fd",
    'quotes " and \\ and / and <b>',
    "n" * 200,
    "\U0001f600" * 200,
    "%00 {} '; --",
)

# Names that do not fit, and the type of the fault.
UNFIT = (
    ({}, "missing"),
    ({"Name": "x"}, "missing"),
    ({"name": 5}, "string_type"),
    ({"name": None}, "string_type"),
    ({"name": ["x"]}, "string_type"),
    ({"name": ""}, "value_error"),
    ({"name": " \t\u3000"}, None),
    ({"name": "a\nb"}, "value_error"),
    ({"name": "a\x00b"}, "value_error"),
    ({"name": "a\x1b[31mb"}, "value_error"),
    ({"name": "a\x7f"}, "value_error"),
    ({"name": "a\x85"}, "value_error"),
    ({"name": "n" * 201}, "string_too_long"),
)


class Rename(HostCase):
    def test_it_answers_the_renamed_workflow(self):
        client = self.person()
        workflowId, _ = client.run()
        before = client.detail(workflowId).json()
        workflow = self.checkOk(client.rename(workflowId, "Better"))
        self.checkModel(shapes.WORKFLOW, workflow)
        self.assertEqual(workflow["name"], "Better")
        after = client.detail(workflowId).json()
        self.assertEqual(after["workflow"], workflow)
        self.assertEqual(after["chatData"], before["chatData"])
        for name in before["workflow"].keys() - {"name", "lastActivity"}:
            self.assertEqual(workflow[name], before["workflow"][name])

    def test_names_are_kept_as_they_are(self):
        client = self.person()
        workflowId, _ = client.run()
        for name in NAMES:
            with self.subTest(name=name):
                self.assertEqual(self.checkOk(client.rename(workflowId, name))["name"], name)
                found = client.list(filters={"name": name}).json()["items"]
                self.assertEqual([each["id"] for each in found], [workflowId])

    def test_names_that_do_not_fit_are_422_and_change_nothing(self):
        client = self.person()
        workflowId, _ = client.run()
        before = self.everything()
        for body, kind in UNFIT:
            with self.subTest(body=body):
                answer = self.checkError(client.call("PATCH", f"/{workflowId}", body), 422)
                for fault in answer.detail:
                    self.assertEqual(fault["loc"], ["body", "name"])
                if kind is not None:
                    self.assertEqual([fault["type"] for fault in answer.detail], [kind])
        for body in (b"", b"{", b"[]", b'"name"', b"\xff"):
            answer = self.checkError(client.call("PATCH", f"/{workflowId}", body), 422)
            self.assertEqual(answer.detail[0]["loc"], ["body"])
        self.assertEqual(self.everything(), before)

    def test_nothing_but_the_name_can_be_set(self):
        client = self.person()
        workflowId, _ = client.run()
        before = client.detail(workflowId).json()["workflow"]
        body = {
            "name": "Better",
            "status": "running",
            "mandateId": "elsewhere",
            "_createdBy": "somebody",
            "workflowMode": "Other",
            "currentRound": 7,
            "id": "mine",
        }
        workflow = self.checkOk(client.call("PATCH", f"/{workflowId}", body))
        for name in before.keys() - {"name", "lastActivity"}:
            self.assertEqual(workflow[name], before[name])

    def test_a_running_workflow_may_be_renamed(self):
        client = self.person()
        with client.start(script(chunks=30, delayMs=5)) as stream:
            workflowId = stream.take(2)[0].item["workflowId"]
            renamed = self.checkOk(client.rename(workflowId, "On the way"))
            self.assertEqual(renamed["status"], "running")
            self.assertEqual(len(stream.whole()), 34)
        workflow = client.detail(workflowId).json()["workflow"]
        self.assertEqual((workflow["name"], workflow["status"]), ("On the way", "completed"))

    def test_a_further_round_keeps_the_name(self):
        client = self.person()
        workflowId, _ = client.run("First words")
        client.rename(workflowId, "Chosen")
        client.proceed(workflowId, "Other words").rest()
        self.assertEqual(client.detail(workflowId).json()["workflow"]["name"], "Chosen")
