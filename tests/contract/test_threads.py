"""GET /threads: the detail of one thread, and the list of all without pagination."""
import shapes
from case import HostCase
from client import Client, rawItems, script

ABSENT = "01890000-0000-7000-8000-000000000004"


class Detail(HostCase):
    def test_it_is_the_workflow_and_its_items(self):
        client = self.person()
        workflowId, frames = client.run(script(chunks=2, logs=2))
        answer = client.detail(workflowId)
        thread = self.checkOk(answer)
        self.assertEqual(list(thread), ["workflow", "chatData"])
        self.assertEqual(list(thread["chatData"]), ["items"])
        self.checkModel(shapes.WORKFLOW, thread["workflow"])
        self.assertEqual(rawItems(answer.body), [frame.data for frame in frames])

    def test_items_stand_in_the_order_in_which_they_were_appended(self):
        client = self.person()
        workflowId, frames = client.run(script(chunks=40))
        for _ in range(3):
            frames += client.proceed(workflowId, script(chunks=40, logs=3)).rest()
        items = rawItems(client.detail(workflowId).body)
        self.assertEqual(items, [frame.data for frame in frames])

    def test_a_running_workflow_shows_what_there_is(self):
        client = self.person()
        workflowId, stream = client.begin()
        thread = client.detail(workflowId).json()
        self.assertEqual(thread["workflow"]["status"], "running")
        self.assertEqual(len(thread["chatData"]["items"]), 1)
        client.stop(workflowId)
        stream.close()

    def test_an_unknown_workflow_is_404(self):
        self.checkAbsent(self.person().detail(ABSENT), ABSENT)

    def test_the_id_comes_before_the_pagination(self):
        client = self.person()
        workflowId, _ = client.run()
        plain = client.detail(workflowId).body
        answer = client.call("GET", "/threads", workflowId=workflowId, pagination="{nonsense")
        self.assertEqual(self.checkStatus(answer, 200).body, plain)

    def test_a_missing_maxSteps_reads_as_10(self):
        client = self.person()
        workflowId, _ = client.run()
        sql = "UPDATE workflow SET maxSteps = ? WHERE id = ?"
        for stored, shown in ((None, 10), (3, 3)):
            self.host.edit((sql, [(stored, workflowId)]))
            detail = client.detail(workflowId).json()["workflow"]
            self.assertEqual(detail["maxSteps"], shown)
            self.assertEqual(client.listAll().json()["items"], [detail])
            self.assertEqual(client.list(page=1).json()["items"], [detail])


class List(HostCase):
    def test_without_pagination_it_is_all_of_them(self):
        client = self.person()
        ids = [client.run()[0] for _ in range(25)]
        answer = self.checkOk(client.listAll())
        self.assertEqual(list(answer), ["items", "pagination"])
        self.assertEqual([each["id"] for each in answer["items"]], ids[::-1])
        for workflow in answer["items"]:
            self.checkModel(shapes.WORKFLOW, workflow)
        expected = {
            "currentPage": 1,
            "pageSize": 25,
            "totalItems": 25,
            "totalPages": 1,
            "sort": [],
            "filters": None,
        }
        self.assertEqual(answer["pagination"], expected)

    def test_without_workflows_it_is_one_empty_page(self):
        answer = self.checkOk(self.person().listAll())
        self.assertEqual(answer["items"], [])
        expected = {
            "currentPage": 1,
            "pageSize": 0,
            "totalItems": 0,
            "totalPages": 1,
            "sort": [],
            "filters": None,
        }
        self.assertEqual(answer["pagination"], expected)

    def test_a_pagination_that_says_nothing_is_none(self):
        client = self.person()
        for _ in range(3):
            client.run()
        plain = client.listAll().body
        for text in ("", "{}", "null", " { } "):
            answer = client.call("GET", "/threads", pagination=text)
            self.assertEqual(self.checkStatus(answer, 200).body, plain, text)

    def test_an_empty_id_asks_for_the_list(self):
        client = self.person()
        client.run()
        answer = client.call("GET", "/threads", workflowId="")
        self.assertEqual(answer.body, client.listAll().body)

    def test_the_newest_activity_comes_first(self):
        client = self.person()
        one, two, three = (client.run()[0] for _ in range(3))
        client.proceed(one, script(chunks=0)).rest()
        listed = [each["id"] for each in client.listAll().json()["items"]]
        self.assertEqual(listed, [one, three, two])
        self.assertEqual([each["id"] for each in client.list(page=1).json()["items"]], listed)

    def test_the_list_shows_what_the_detail_shows(self):
        client = self.person()
        ids = [client.run()[0], client.run(script(fail=True))[0], client.begin()[0]]
        listed = {each["id"]: each for each in client.listAll().json()["items"]}
        for workflowId in ids:
            self.assertEqual(client.detail(workflowId).json()["workflow"], listed[workflowId])
        client.stop(ids[2])


class OtherModes(HostCase):
    """A workflow that is not a chatbot workflow has no door here: 400 for every operation."""

    def test_it_is_refused_by_every_operation_and_in_no_list(self):
        client = self.person()
        chatbot, other = client.run()[0], client.run()[0]
        sql = "UPDATE workflow SET workflowMode = ? WHERE id = ?"
        self.host.edit((sql, [("Actionplan", other)]))
        root = self.allSeeing()
        for caller in (client, root):
            listed = [each["id"] for each in caller.listAll().json()["items"]]
            self.assertEqual((chatbot in listed, other in listed), (True, False))
            listed = caller.list(pageSize=1000).json()
            self.assertNotIn(other, [each["id"] for each in listed["items"]])
            self.assertEqual(listed["pagination"]["totalItems"], len(listed["items"]))
        body = {"prompt": "again", "workflowId": other}
        for answer in (
            client.detail(other),
            client.stop(other),
            client.rename(other, "name"),
            client.delete(other),
            client.call("GET", f"/{other}/stream"),
            client.call("POST", "/start/stream", body),
        ):
            self.checkError(answer, 400, f"Workflow {other} is not a chatbot workflow")
        self.checkAbsent(self.person().detail(other), other)
        self.host.edit((sql, [("Chatbot", other)]))
        workflow = client.detail(other).json()["workflow"]
        self.assertEqual(workflow["name"], '#bench {"chunks":1}', "it was not renamed")
        self.assertEqual(workflow["status"], "completed")

    def test_the_mode_is_compared_to_the_letter(self):
        client = self.person()
        workflowId, _ = client.run()
        sql = "UPDATE workflow SET workflowMode = ? WHERE id = ?"
        self.host.edit((sql, [("chatbot", workflowId)]))
        self.checkError(client.detail(workflowId), 400)
        self.assertEqual(client.listAll().json()["items"], [])


class Nobody(HostCase):
    def test_a_caller_without_roles_lists_nothing(self):
        client = self.person()
        client.run()
        nobody = Client(self.host, client.user, client.mandate)
        answer = self.checkOk(nobody.listAll())
        self.assertEqual((answer["items"], answer["pagination"]["totalItems"]), ([], 0))
        answer = self.checkOk(nobody.list(page=1))
        self.assertEqual(answer["pagination"]["totalPages"], 0)
