"""What pagination means, said a second time and as plainly as can be: the tests' oracle.

Works on the JSON of workflows as CONTRACT 6 says. No validation: only what is valid is asked.
"""
import functools
import math
import re
import unicodedata

TEXT_FIELDS = ("id", "mandateId", "name", "status", "workflowMode", "_createdBy")
INTEGER_FIELDS = (
    "currentRound",
    "currentTask",
    "currentAction",
    "totalTasks",
    "totalActions",
    "maxSteps",
)
REAL_FIELDS = ("startedAt", "lastActivity", "_createdAt")


IGNORABLE = re.compile("[\u00ad\u034f\u061c\u115f\u1160\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0]")


def folded(text):
    """Unicode's NFKC_Casefold."""
    plain = unicodedata.normalize("NFKC", IGNORABLE.sub("", text)).casefold()
    return unicodedata.normalize("NFKC", plain)


def isIn(actual, expected):
    return actual in expected


OPERATORS = {
    "equals": lambda actual, expected: actual == expected,
    "notEquals": lambda actual, expected: actual != expected,
    "contains": lambda actual, expected: folded(expected) in folded(actual),
    "startsWith": lambda actual, expected: folded(actual).startswith(folded(expected)),
    "endsWith": lambda actual, expected: folded(actual).endswith(folded(expected)),
    "gt": lambda actual, expected: actual > expected,
    "gte": lambda actual, expected: actual >= expected,
    "lt": lambda actual, expected: actual < expected,
    "lte": lambda actual, expected: actual <= expected,
    "in": isIn,
    "notIn": lambda actual, expected: actual not in expected,
    "isNull": lambda actual, expected: actual is None,
    "isNotNull": lambda actual, expected: actual is not None,
}
OPERATORS["eq"] = OPERATORS["equals"]
OPERATORS["ne"] = OPERATORS["notEquals"]


def fits(row, name, condition):
    if name == "search":
        wanted = folded(condition)
        return any(wanted in folded(row[field]) for field in TEXT_FIELDS)
    if isinstance(condition, dict):
        return OPERATORS[condition["operator"]](row[name], condition.get("value"))
    if isinstance(condition, list):
        return row[name] in condition
    return row[name] == condition


def compare(left, right, sort):
    for key in sort:
        name, descending = key["field"], key["direction"] == "desc"
        if left[name] != right[name]:
            # Python compares texts by code points, as the contract asks.
            return -1 if (left[name] < right[name]) != descending else 1
    return -1 if left["id"] < right["id"] else int(left["id"] != right["id"])


def select(rows, params):
    """The answer to `params` over all rows of the caller."""
    filters, sort = params.get("filters") or {}, params.get("sort", [])
    chosen = [row for row in rows if all(fits(row, *each) for each in filters.items())]
    order = sort or [{"field": "lastActivity", "direction": "desc"}]
    key = functools.cmp_to_key(lambda left, right: compare(left, right, order))
    chosen.sort(key=key)
    page, size = params.get("page", 1), params.get("pageSize", 20)
    return {
        "items": chosen[(page - 1) * size : page * size],
        "pagination": {
            "currentPage": page,
            "pageSize": size,
            "totalItems": len(chosen),
            "totalPages": math.ceil(len(chosen) / size),
            "sort": sort,
            "filters": params.get("filters"),
        },
    }
