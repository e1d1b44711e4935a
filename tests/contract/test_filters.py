"""GET /threads?pagination= with filters: each form and operator of CONTRACT 6."""
import random

import oracle
import rows
from case import HostCase
from listed import Listed

EXAMPLES = {
    "alpha": {"search": "ALPHA"},
    "an umlaut": {"search": "ÄPFEL"},
    "sharp s as ss": {"name": {"operator": "contains", "value": "STRASSE"}},
    "final sigma": {"name": {"operator": "startsWith", "value": "σίσυφοσ"}},
    "a percent sign": {"name": {"operator": "contains", "value": "%"}},
    "an underscore": {"name": {"operator": "contains", "value": "_"}},
    "a backslash": {"name": {"operator": "contains", "value": "\\"}},
    "a star": {"search": "*"},
    "a quote": {"search": '"'},
    "an apostrophe": {"search": "'; drop"},
    "a pattern": {"search": "[ab]"},
    "an empty search": {"search": ""},
    "a NUL": {"search": "\x00"},
    "an emoji": {"name": {"operator": "endsWith", "value": "smile"}},
    "equals is exact": {"name": "Alpha"},
    "equals nothing": {"name": "alphA"},
    "the empty text": {"name": ""},
    "a list": {"name": ["Alpha", "zeta", "absent"]},
    "an empty list": {"name": []},
    "in": {"status": {"operator": "in", "value": ["completed", "error"]}},
    "in nothing": {"status": {"operator": "in", "value": []}},
    "not in": {"status": {"operator": "notIn", "value": ["completed", "error"]}},
    "not in nothing": {"status": {"operator": "notIn", "value": []}},
    "ne": {"status": {"operator": "ne", "value": "stopped"}},
    "not equals": {"currentRound": {"operator": "notEquals", "value": 1}},
    "eq": {"currentRound": {"operator": "eq", "value": 2}},
    "a large integer": {"totalTasks": 2**62},
    "beside a large integer": {"totalTasks": {"operator": "gt", "value": 2**53 + 1}},
    "a negative integer": {"totalTasks": {"operator": "lt", "value": 0}},
    "a real": {"startedAt": {"operator": "gte", "value": 1700000002.25}},
    "an integer for a real": {"startedAt": {"operator": "lt", "value": 1700000002}},
    "text compared": {"name": {"operator": "gt", "value": "a"}},
    "beyond the basic plane": {"name": {"operator": "gte", "value": "\uff5e"}},
    "is null": {"name": {"operator": "isNull"}},
    "is not null": {"name": {"operator": "isNotNull"}},
    "null": {"name": None},
    "two at once": {"status": "completed", "currentRound": {"operator": "lte", "value": 2}},
    "search and field": {"search": "a", "status": ["error", "stopped"]},
    "the creator": {"_createdBy": {"operator": "contains", "value": "OWN"}},
}


class Filters(Listed):
    def test_examples_of_each_form(self):
        for name, filters in EXAMPLES.items():
            with self.subTest(name):
                self.checkAgainstOracle({"pageSize": 1000, "filters": filters})

    def test_every_operator_on_every_field(self):
        chance, row = random.Random(5), self.all[7]
        texts = ("contains", "startsWith", "endsWith")
        orders = ("equals", "eq", "notEquals", "ne", "gt", "gte", "lt", "lte")
        for field, value in row.items():
            operators = orders + (texts if field in oracle.TEXT_FIELDS else ())
            for operator in operators:
                filters = {field: {"operator": operator, "value": value}}
                with self.subTest(filters=filters):
                    self.checkAgainstOracle({"pageSize": 1000, "filters": filters})
            some = [each[field] for each in chance.sample(self.all, 3)]
            for operator in ("in", "notIn"):
                filters = {field: {"operator": operator, "value": some}}
                with self.subTest(filters=filters):
                    self.checkAgainstOracle({"pageSize": 1000, "filters": filters})

    def test_random_questions(self):
        chance = random.Random(2026)
        for number in range(200):
            params = randomParams(chance, self.all)
            with self.subTest(number, params=params):
                self.checkAgainstOracle(params)

    def test_a_filter_shows_no_row_of_another_tenant(self):
        for filters in (
            {"mandateId": "else"},
            {"mandateId": {"operator": "notEquals", "value": "books"}},
            {"_createdBy": "other"},
            {"search": "else"},
            {"mandateId": ["else", None]},
        ):
            items, pagination = self.select(filters=filters)
            self.assertEqual((items, pagination["totalItems"]), ([], 0), filters)


class Nulls(HostCase):
    def test_a_missing_maxSteps_is_10_to_filters_and_sorting_too(self):
        """It reads as 10, so what is shown, what is filtered and what is sorted agree."""
        made = [list(row) for row in rows.workflowRows("nulls", "owner", 9)]
        for number, row in enumerate(made):
            row[rows.COLUMNS.index("maxSteps")] = (None, 5, 20)[number % 3]
        self.host.edit((rows.INSERT, made))
        client = self.person(user="owner", mandate="nulls")
        everything = client.listAll().json()["items"]
        self.assertEqual([row["maxSteps"] for row in everything].count(10), 3)
        for filters in (
            {"maxSteps": 10},
            {"maxSteps": None},
            {"maxSteps": {"operator": "lt", "value": 11}},
            {"maxSteps": {"operator": "notEquals", "value": 10}},
            {"maxSteps": {"operator": "isNull"}},
        ):
            with self.subTest(filters=filters):
                answer = client.list(filters=filters).json()
                self.assertEqual(answer, oracle.select(everything, {"filters": filters}))
        for direction in ("asc", "desc"):
            sort = [{"field": "maxSteps", "direction": direction}]
            with self.subTest(sort=sort):
                answer = client.list(sort=sort).json()
                self.assertEqual(answer, oracle.select(everything, {"sort": sort}))


def randomParams(chance, everything):
    fields = oracle.TEXT_FIELDS + oracle.INTEGER_FIELDS + oracle.REAL_FIELDS
    sort = [
        {"field": field, "direction": chance.choice(("asc", "desc"))}
        for field in chance.sample(fields, chance.randrange(4))
    ]
    names = chance.sample(fields, chance.randrange(1, 3))
    filters = {name: randomCondition(chance, name, everything) for name in names}
    if chance.randrange(4) == 0:
        filters["search"] = randomPart(chance, chance.choice(everything)["name"])
    page, size = chance.randrange(1, 4), chance.choice((1, 3, 20, 1000))
    return {"page": page, "pageSize": size, "sort": sort, "filters": filters}


def randomCondition(chance, name, everything):
    value = chance.choice(everything)[name]
    operators = ["equals", "notEquals", "gt", "gte", "lt", "lte", "isNotNull", "list", "notIn"]
    if isinstance(value, str):
        operators += ["contains", "startsWith", "endsWith"] * 2
        value = chance.choice((value, randomPart(chance, value)))
    operator = chance.choice(operators)
    if operator == "list":
        return [value, chance.choice(everything)[name]]
    if operator == "notIn":
        return {"operator": operator, "value": [value]}
    return {"operator": operator, "value": value}


def randomPart(chance, text):
    start = chance.randrange(len(text) + 1)
    part = text[start : chance.randrange(start, len(text) + 1)]
    return chance.choice((part, part.upper(), part.lower()))
