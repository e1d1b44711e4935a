"""GET /threads?pagination= with what does not fit: 400, and the field at fault is named."""
from case import HostCase
from client import PREFIX, compact


def filtered(**filters):
    return {"filters": filters}


def operator(name, value, field="name"):
    return filtered(**{field: {"operator": name, "value": value}})


# The field that is named, and what does not fit.
WRONG = (
    ("page", {"page": 0}),
    ("page", {"page": -1}),
    ("page", {"page": -(2**63)}),
    ("page", {"page": 2**63}),
    ("page", {"page": 2**64 + 1}),
    ("page", {"page": 10**30}),
    ("page", {"page": "1"}),
    ("page", {"page": 1.5}),
    ("page", {"page": True}),
    ("page", {"page": [1]}),
    ("page", {"page": {}}),
    ("pageSize", {"pageSize": 0}),
    ("pageSize", {"pageSize": -20}),
    ("pageSize", {"pageSize": 1001}),
    ("pageSize", {"pageSize": 2**31}),
    ("pageSize", {"pageSize": 2**63}),
    ("pageSize", {"pageSize": "20"}),
    ("pageSize", {"pageSize": 0.5}),
    ("pageSize", {"pageSize": False}),
    ("sort", {"sort": {}}),
    ("sort", {"sort": "name"}),
    ("sort", {"sort": 5}),
    ("sort", {"sort": ["name"]}),
    ("sort", {"sort": [None]}),
    ("sort", {"sort": [[]]}),
    ("field", {"sort": [{}]}),
    ("field", {"sort": [{"field": 5, "direction": "asc"}]}),
    ("field", {"sort": [{"direction": "asc"}]}),
    ("nonsense", {"sort": [{"field": "nonsense", "direction": "asc"}]}),
    ("Name", {"sort": [{"field": "Name", "direction": "asc"}]}),
    ("createdBy", {"sort": [{"field": "createdBy", "direction": "asc"}]}),
    ("lastSeq", {"sort": [{"field": "lastSeq", "direction": "asc"}]}),
    ("rowid", {"sort": [{"field": "rowid", "direction": "asc"}]}),
    ("search", {"sort": [{"field": "search", "direction": "asc"}]}),
    ("name; --", {"sort": [{"field": "name; --", "direction": "asc"}]}),
    ("direction", {"sort": [{"field": "name", "direction": "up"}]}),
    ("direction", {"sort": [{"field": "name", "direction": "DESC; --"}]}),
    ("direction", {"sort": [{"field": "name", "direction": 1}]}),
    ("filters", {"filters": []}),
    ("filters", {"filters": "name"}),
    ("filters", {"filters": 1}),
    ("filters", {"filters": True}),
    ("nonsense", filtered(nonsense=1)),
    ("lastSeq", filtered(lastSeq=1)),
    ("createdBy", filtered(createdBy="owner")),
    ("1=1", {"filters": {"1=1": 1}}),
    ("name", filtered(name=5)),
    ("name", filtered(name=True)),
    ("name", filtered(name=["a", 5])),
    ("name", filtered(name=[["a"]])),
    ("name", filtered(name={})),
    ("name", filtered(name={"value": "a"})),
    ("name", filtered(name={"operator": "equals"})),
    ("currentRound", filtered(currentRound="1")),
    ("currentRound", filtered(currentRound=True)),
    ("startedAt", filtered(startedAt="yesterday")),
    ("startedAt", filtered(startedAt=False)),
    ("search", filtered(search=5)),
    ("search", filtered(search=["a"])),
    ("search", filtered(search={"operator": "contains", "value": "a"})),
    ("name", operator("like", "a")),
    ("name", operator("CONTAINS", "a")),
    ("name", operator("", "a")),
    ("name", operator(5, "a")),
    ("name", operator(None, "a")),
    ("name", operator("contains", 5)),
    ("name", operator("contains", None)),
    ("name", operator("startsWith", ["a"])),
    ("name", operator("endsWith", {})),
    ("name", operator("gt", 5)),
    ("name", operator("gt", ["a"])),
    ("name", operator("in", "a")),
    ("name", operator("in", {"a": 1})),
    ("name", operator("notIn", "a")),
    ("name", operator("notIn", [5])),
    ("currentRound", operator("contains", 1, "currentRound")),
    ("currentRound", operator("gt", "1", "currentRound")),
    ("currentRound", operator("in", ["1"], "currentRound")),
    ("lastActivity", operator("lt", "now", "lastActivity")),
)

NOT_JSON = (
    "{",
    "nonsense",
    "{'page': 1}",
    '{"page": 1,}',
    '{"page": NaN}',
    '{"page": Infinity}',
    '{"page": 1} x',
    '{"page": 01}',
    '{"pageSize": 1e400}',
    '{"filters": {"startedAt": -1e999}}',
    '{"filters": {"name": "\\ud800"}}',
    '{"filters": {"name": "\\udc00\\ud800"}}',
    '{"filters": {"name": "\\x"}}',
    '{"filters": {"name": "\n"}}',
    '{"a":' * 300 + "1" + "}" * 300,
    "[" * 1200 + "]" * 1200,
    "\x00",
    "{}\x00",
)

NOT_AN_OBJECT = ("[1]", "5", '"page"', "true", "1.5", '[{"page": 1}]')


class PaginationErrors(HostCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.client = cls.person()
        for _ in range(2):
            cls.client.run()

    def checkRefused(self, text, name=""):
        answer = self.client.call("GET", "/threads", pagination=text)
        detail = self.checkError(answer, 400).detail
        self.assertTrue(detail.startswith("Invalid pagination parameter: "), detail)
        self.assertNotIn("\n", detail)
        self.assertNotIn("json.exception", detail)
        self.assertIn(name, detail.removeprefix("Invalid pagination parameter: "))
        self.assertLess(len(detail), 500)

    def tearDown(self):
        self.assertEqual(len(self.client.list(page=1).json()["items"]), 2)

    def test_what_does_not_fit_is_named(self):
        for name, params in WRONG:
            with self.subTest(params=params):
                self.checkRefused(compact(params), name)

    def test_what_is_not_json_is_refused(self):
        for text in NOT_JSON:
            with self.subTest(text=text[:60]):
                self.checkRefused(text)

    def test_what_is_not_an_object_is_refused(self):
        for text in NOT_AN_OBJECT:
            with self.subTest(text=text):
                self.checkRefused(text)

    def test_what_is_not_utf8_is_refused(self):
        for raw in (b'{"filters":{"name":"\xff"}}', b"\xc0\x80", b'{"search":"\xed\xa0\x80"}'):
            with self.subTest(raw=raw):
                self.checkRefused(raw)

    def test_deep_nesting_within_an_ignored_key_is_refused_too(self):
        self.checkRefused('{"unknown":' + "[" * 1200 + "]" * 1200 + "}")

    def test_broken_escapes_in_the_query_do_no_harm(self):
        for query in ("pagination=%", "pagination=%7", "pagination=%zz", "pagination=%7B%"):
            connection, response = self.client.send("GET", f"{PREFIX}/threads?{query}")
            body = response.read()
            connection.close()
            self.assertIn(response.status, (200, 400), body)

    def test_a_long_list_of_values_is_answered(self):
        """200 with the right rows or a 400 that names the field; never a fault."""
        names = [f"name {number}" for number in range(300)]
        answer = self.client.list(filters={"name": names})
        self.assertIn(answer.status, (200, 400))
        if answer.status == 400:
            self.assertIn("name", answer.detail)

    def test_a_field_that_sorts_twice_is_answered(self):
        sort = [{"field": "name", "direction": each} for each in ("asc", "desc") * 50]
        answer = self.client.list(sort=sort)
        self.assertIn(answer.status, (200, 400))
        if answer.status == 400:
            self.assertIn("sort", answer.detail)
