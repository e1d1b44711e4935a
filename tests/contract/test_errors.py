"""The error table of CONTRACT 3: status, headers and body of each row."""
import re

from case import HostCase
from client import PREFIX, Client

ABSENT = "01890000-0000-7000-8000-000000000005"
FORBIDDEN = "You don't have permission to change this workflow"

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")

# Paths that answer some methods, and those methods.
ROUTES = {
    "/threads": {"GET"},
    "/threads/query": {"POST"},
    "/openapi.json": {"GET"},
    f"/{ABSENT}/stop": {"POST"},
    f"/{ABSENT}/stream": {"GET"},
    f"/{ABSENT}": {"DELETE", "PATCH"},
}

UNKNOWN_PATHS = (
    "",
    "/",
    "/threads/x/y",
    f"/{ABSENT}/unknown",
    f"/{ABSENT}/stop/now",
    f"/{ABSENT}/stream/more",
    "/start/stream/more",
)

MISSING = {"type": "missing", "loc": ["body", "prompt"], "msg": "Field required"}

# Bodies that do not fit, and the type and place of the fault.
UNFIT = (
    ({}, "missing", ["body", "prompt"]),
    ({"Prompt": "x"}, "missing", ["body", "prompt"]),
    ({"prompt": 5}, "string_type", ["body", "prompt"]),
    ({"prompt": None}, "string_type", ["body", "prompt"]),
    ({"prompt": ["x"]}, "string_type", ["body", "prompt"]),
    ({"prompt": {"text": "x"}}, "string_type", ["body", "prompt"]),
    ({"prompt": ""}, "value_error", ["body", "prompt"]),
    ({"prompt": " \t\r\n"}, "value_error", ["body", "prompt"]),
    ({"prompt": "\u2003\u3000\u00a0\u2028"}, "value_error", ["body", "prompt"]),
    ({"prompt": "x", "listFileId": "f"}, "list_type", ["body", "listFileId"]),
    ({"prompt": "x", "listFileId": {"0": "f"}}, "list_type", ["body", "listFileId"]),
    ({"prompt": "x", "listFileId": None}, "list_type", ["body", "listFileId"]),
    ({"prompt": "x", "listFileId": ["f"] * 101}, "too_long", ["body", "listFileId"]),
    ({"prompt": "x", "listFileId": ["f" * 201]}, "string_too_long", ["body", "listFileId", 0]),
    ({"prompt": "x", "userLanguage": 5}, "string_type", ["body", "userLanguage"]),
    ({"prompt": "x", "userLanguage": None}, "string_type", ["body", "userLanguage"]),
    ({"prompt": "x", "workflowId": 5}, "string_type", ["body", "workflowId"]),
    ({"prompt": "x", "workflowId": ["a"]}, "string_type", ["body", "workflowId"]),
)


class Statuses(HostCase):
    def test_401_without_an_identity(self):
        nobody = Client(self.host)
        for answer in (
            nobody.listAll(),
            nobody.detail(ABSENT),
            nobody.stop(ABSENT),
            nobody.delete(ABSENT),
            nobody.rename(ABSENT, "x"),
            nobody.call("GET", f"/{ABSENT}/stream"),
            nobody.call("POST", "/start/stream", {"prompt": "x"}),
            Client(self.host, mandate="tenant", roles=("sysadmin",)).listAll(),
        ):
            self.checkError(answer, 401)

    def test_403_visible_but_not_permitted(self):
        client = self.person()
        viewer = self.colleague(client, ("viewer",))
        workflowId, _ = client.run()
        before = self.everything()
        body = {"prompt": "again", "workflowId": workflowId}
        for answer in (
            viewer.stop(workflowId),
            viewer.rename(workflowId, "name"),
            viewer.call("POST", "/start/stream", body),
        ):
            self.checkError(answer, 403, FORBIDDEN)
        denied = "You don't have permission to delete this workflow"
        self.checkError(viewer.delete(workflowId), 403, denied)
        denied = "You don't have permission to create a workflow"
        self.checkError(viewer.call("POST", "/start/stream", {"prompt": "x"}), 403, denied)
        self.assertEqual(self.everything(), before)

    def test_404_is_the_same_for_an_absent_and_a_foreign_workflow(self):
        client, stranger = self.person(), self.person()
        foreign, _ = client.run()

        def answers(workflowId):
            body = {"prompt": "x", "workflowId": workflowId}
            return (
                stranger.detail(workflowId),
                stranger.stop(workflowId),
                stranger.delete(workflowId),
                stranger.rename(workflowId, "x"),
                stranger.call("GET", f"/{workflowId}/stream"),
                stranger.call("GET", f"/{workflowId}/stream", lastEventId="1"),
                stranger.call("POST", "/start/stream", body),
                stranger.call("POST", "/start/stream", {"prompt": "x"}, workflowId=workflowId),
            )

        def shown(answer):
            """All that a client can tell, the moment left out."""
            body = answer.body.replace(foreign.encode(), b"ID").replace(ABSENT.encode(), b"ID")
            headers = [each for each in answer.headers.items() if each[0] != "Date"]
            return answer.status, headers, body

        for one, other in zip(answers(foreign), answers(ABSENT)):
            self.checkAbsent(one, foreign)
            self.assertEqual(shown(one), shown(other))

    def test_404_for_an_unknown_path(self):
        client = self.person()
        for path in UNKNOWN_PATHS:
            for method in ("GET", "POST"):
                with self.subTest(path=path, method=method):
                    self.checkError(client.call(method, path, b""), 404, "Not Found")

    def test_405_for_another_method_and_Allow(self):
        client = self.person()
        for path, allowed in ROUTES.items():
            for method in sorted(set(METHODS) - allowed):
                if path in ("/threads", "/openapi.json") and method in ("PATCH", "DELETE"):
                    continue  # these read as operations on a workflow of such an id
                with self.subTest(path=path, method=method):
                    answer = self.checkError(client.call(method, path, b""), 405)
                    self.assertEqual(answer.detail, "Method Not Allowed")
                    offered = set(re.split(r",\s*", answer.headers["Allow"]))
                    self.assertLessEqual(allowed, offered)
                    self.assertNotIn(method, offered)

    def test_405_for_the_start_with_another_method(self):
        client = self.person()
        for method in ("PUT", "PATCH", "DELETE"):
            answer = self.checkError(client.call(method, "/start/stream", b""), 405)
            self.assertIn("POST", re.split(r",\s*", answer.headers["Allow"]))

    def test_413_over_the_limit_and_not_at_it(self):
        client = self.person()
        room = 2**20 - len(b'{"prompt":""}')
        with client.stream("POST", "/start/stream", {"prompt": "#" * room}) as stream:
            self.assertEqual(len(stream.rest()[0].item["message"]), room)
        before = self.everything()
        answer = client.call("POST", "/start/stream", {"prompt": "#" * (room + 1)})
        self.checkError(answer, 413, "Request body too large")
        self.assertEqual(self.everything(), before)

    def test_422_names_the_fault(self):
        client = self.person()
        before = self.everything()
        for body, kind, place in UNFIT:
            with self.subTest(body=body):
                answer = self.checkError(client.call("POST", "/start/stream", body), 422)
                self.assertEqual(len(answer.detail), 1)
                self.checkFault(answer.detail[0], kind, place)
        self.assertEqual(self.everything(), before)

    def test_422_byte_for_byte(self):
        answer = self.person().call("POST", "/start/stream", {})
        expected = b'{"detail":[{"type":"missing","loc":["body","prompt"],"msg":"Field required"}]}'
        self.assertEqual(answer.body, expected)

    def test_422_for_an_entry_of_a_list(self):
        client = self.person()
        for entries in ([5], ["f", None], [["f"]]):
            body = {"prompt": "x", "listFileId": entries}
            answer = self.checkError(client.call("POST", "/start/stream", body), 422)
            self.assertEqual(answer.detail[0]["type"], "string_type")
            self.assertEqual(answer.detail[0]["loc"][:2], ["body", "listFileId"])

    def test_422_names_all_faults_at_once(self):
        body = {"listFileId": 5, "userLanguage": 5, "workflowId": 5}
        answer = self.checkError(self.person().call("POST", "/start/stream", body), 422)
        places = [fault["loc"][1] for fault in answer.detail]
        self.assertEqual(sorted(places), ["listFileId", "prompt", "userLanguage", "workflowId"])
        self.assertIn(MISSING, answer.detail)

    def test_422_for_what_is_no_object(self):
        client = self.person()
        for body in (b"[]", b"5", b'"prompt"', b"null", b"true"):
            answer = self.checkError(client.call("POST", "/start/stream", body), 422)
            self.assertEqual(answer.detail[0]["loc"], ["body"])

    def test_422_for_what_is_not_json(self):
        client = self.person()
        for body in (b"{", b"prompt=x", b"{'prompt': 'x'}", b'{"prompt":"x"}}'):
            answer = self.checkError(client.call("POST", "/start/stream", body), 422)
            self.checkFault(answer.detail[0], "json_invalid", ["body"])

    def test_422_comes_before_404(self):
        """As with FastAPI: the body is read before the operation begins."""
        answer = self.person().call("POST", "/start/stream", {"workflowId": ABSENT})
        self.assertEqual(self.checkError(answer, 422).detail, [MISSING])

    def test_the_endpoints_have_their_prefix(self):
        client = self.person()
        for path in ("/threads", "/api/threads", "/chatbot/threads", PREFIX + "x/threads"):
            connection, response = client.send("GET", path)
            response.read()
            connection.close()
            self.assertEqual(response.status, 404, path)

    def checkFault(self, fault, kind, place):
        self.assertEqual(set(fault), {"type", "loc", "msg"})
        self.assertEqual((fault["type"], fault["loc"]), (kind, place))
        self.assertTrue(fault["msg"])
