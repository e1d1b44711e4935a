"""GET /openapi.json: an OpenAPI 3.1 document of the endpoints."""
import re
from urllib.parse import urlparse

import shapes
from case import HostCase
from client import PREFIX

ROUTES = {
    ("post", "/start/stream"),
    ("post", "/{workflowId}/stop"),
    ("delete", "/{workflowId}"),
    ("patch", "/{workflowId}"),
    ("get", "/threads"),
    ("post", "/threads/query"),
    ("get", "/{workflowId}/stream"),
    ("get", "/openapi.json"),
}

METHODS = {"get", "put", "post", "delete", "options", "head", "patch", "trace"}

MODELS = {
    "ChatWorkflow": shapes.WORKFLOW.keys(),
    "ChatMessage": shapes.MESSAGE.keys(),
    "ChatDocument": shapes.DOCUMENT.keys(),
    "ChatLog": shapes.LOG.keys(),
    "ChatStat": shapes.STAT.keys(),
    "UserInputRequest": {"prompt", "listFileId", "userLanguage", "workflowId"},
    "PaginationMetadata": set(shapes.PAGINATION),
}

# What an operation must tell about.
STATUSES = {
    ("post", "/start/stream"): "200 400 403 404 409 413 422 429 503",
    ("post", "/{workflowId}/stop"): "200 400 403 404 429",
    ("delete", "/{workflowId}"): "200 400 403 404 429",
    ("patch", "/{workflowId}"): "200 403 404 422 429",
    ("get", "/threads"): "200 400 404 429",
    ("post", "/threads/query"): "200 400 422 429",
    ("get", "/{workflowId}/stream"): "200 204 400 404 409 429 503",
    ("get", "/openapi.json"): "200 429",
}

QUERY = {
    ("post", "/start/stream"): {"workflowId", "deltas"},
    ("get", "/threads"): {"workflowId", "pagination"},
    ("get", "/{workflowId}/stream"): {"lastEventId", "deltas"},
}


class OpenApi(HostCase):
    def setUp(self):
        self.answer = self.person().call("GET", "/openapi.json")
        self.document = self.answer.json()

    def operations(self):
        """(method, path below the prefix) and the operation."""
        server = urlparse(self.document.get("servers", [{"url": ""}])[0]["url"]).path.rstrip("/")
        for path, item in self.document["paths"].items():
            for method in METHODS & item.keys():
                full = server + path
                self.assertTrue(full.startswith(PREFIX), full)
                yield (method, full.removeprefix(PREFIX)), item, item[method]

    def parameters(self, item, operation):
        return [
            self.resolve(each)
            for each in item.get("parameters", []) + operation.get("parameters", [])
        ]

    def resolve(self, value):
        while "$ref" in value:
            self.assertTrue(value["$ref"].startswith("#/"), value)
            found = self.document
            for part in value["$ref"][2:].split("/"):
                found = found[part.replace("~1", "/").replace("~0", "~")]
            value = found
        return value

    def walk(self, value):
        yield value
        children = value.values() if isinstance(value, dict) else value
        for child in children if isinstance(value, (dict, list)) else ():
            yield from self.walk(child)

    def test_it_is_an_openapi_3_1_document(self):
        self.assertEqual(self.answer.status, 200)
        self.assertEqual(self.answer.headers["Content-Type"], "application/json")
        self.assertRegex(self.document["openapi"], r"^3\.1\.\d+$")
        self.assertTrue(self.document["info"]["title"])
        self.assertTrue(self.document["info"]["version"])

    def test_it_has_the_routes_of_the_contract_and_no_others(self):
        self.assertEqual({route for route, _, _ in self.operations()}, ROUTES)

    def test_every_reference_leads_somewhere(self):
        for value in self.walk(self.document):
            if isinstance(value, dict) and isinstance(value.get("$ref"), str):
                self.resolve(value)

    def test_operations_have_ids_and_responses(self):
        ids = []
        for _, _, operation in self.operations():
            ids.append(operation["operationId"])
            self.assertTrue(operation["responses"])
            for status, response in operation["responses"].items():
                self.assertRegex(status, r"^([1-5][0-9]{2}|default)$")
                self.assertTrue(self.resolve(response)["description"])
        self.assertEqual(len(set(ids)), len(ids))

    def test_parameters_are_those_of_the_path_and_the_query(self):
        for route, item, operation in self.operations():
            parameters = self.parameters(item, operation)
            for each in parameters:
                self.assertIn(each["in"], ("path", "query", "header", "cookie"))
                self.assertTrue("schema" in each or "content" in each, each)
            paths = {each["name"] for each in parameters if each["in"] == "path"}
            self.assertEqual(paths, set(re.findall(r"\{(\w+)\}", route[1])))
            self.assertTrue(all(each["required"] for each in parameters if each["in"] == "path"))
            query = {each["name"] for each in parameters if each["in"] == "query"}
            self.assertLessEqual(QUERY.get(route, set()), query)

    def test_statuses_of_the_error_table_are_told(self):
        for route, _, operation in self.operations():
            self.assertIn(route, STATUSES)
            expected = set(STATUSES[route].split())
            self.assertLessEqual(expected, operation["responses"].keys(), route)

    def test_streams_are_event_streams(self):
        for route, _, operation in self.operations():
            if route[1].endswith("/stream"):
                content = self.resolve(operation["responses"]["200"])["content"]
                self.assertIn("text/event-stream", content)

    def test_bodies_are_described(self):
        for route, _, operation in self.operations():
            if route not in (("post", "/start/stream"), ("patch", "/{workflowId}")):
                continue
            content = self.resolve(operation["requestBody"])["content"]
            schema = self.resolve(content["application/json"]["schema"])
            name = "prompt" if route[0] == "post" else "name"
            self.assertIn(name, schema["properties"])
            self.assertIn(name, schema["required"])

    def test_the_models_have_the_fields_of_the_contract(self):
        schemas = self.document["components"]["schemas"]
        for name, fields in MODELS.items():
            with self.subTest(name):
                self.assertEqual(schemas[name]["properties"].keys(), set(fields))
