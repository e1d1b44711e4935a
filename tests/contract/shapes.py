"""The models of the contract: their fields and the types of those."""
import re

UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def isText(value):
    return isinstance(value, str)


def isTextOrNull(value):
    return value is None or isinstance(value, str)


def isInteger(value):
    return isinstance(value, int) and not isinstance(value, bool)


def isReal(value):
    return isinstance(value, float)  # json makes a float of a number with a fraction only


def isBoolean(value):
    return isinstance(value, bool)


def isId(value):
    return isinstance(value, str) and UUID7.fullmatch(value) is not None


def isProgress(value):
    return value is None or 0 <= value <= 1


def isOneOf(*texts):
    return lambda value: value in texts


def isListOfDocuments(value):
    return isinstance(value, list) and not any(faults(DOCUMENT, each) for each in value)


WORKFLOW = {
    "id": isId,
    "mandateId": isText,
    "name": isText,
    "status": isOneOf("running", "completed", "stopped", "error"),
    "workflowMode": isText,
    "currentRound": isInteger,
    "currentTask": isInteger,
    "currentAction": isInteger,
    "totalTasks": isInteger,
    "totalActions": isInteger,
    "maxSteps": isInteger,
    "startedAt": isReal,
    "lastActivity": isReal,
    "_createdBy": isText,
    "_createdAt": isReal,
}

DOCUMENT = {
    "id": isId,
    "messageId": isId,
    "fileId": isText,
    "fileName": isTextOrNull,
    "fileSize": isInteger,
    "mimeType": isTextOrNull,
    "roundNumber": isInteger,
}

MESSAGE = {
    "id": isId,
    "workflowId": isId,
    "parentMessageId": isTextOrNull,
    "role": isOneOf("user", "assistant", "system", "tool"),
    "message": isText,
    "summary": isTextOrNull,
    "status": isOneOf("first", "step", "last"),
    "sequenceNr": isInteger,
    "publishedAt": isReal,
    "roundNumber": isInteger,
    "documents": isListOfDocuments,
    "success": isBoolean,
}

LOG = {
    "id": isId,
    "workflowId": isId,
    "message": isText,
    "type": isOneOf("info", "warning", "error", "success"),
    "timestamp": isReal,
    "status": isTextOrNull,
    "progress": isProgress,
    "roundNumber": isInteger,
}

STAT = {
    "id": isId,
    "workflowId": isId,
    "processingTime": isReal,
    "bytesSent": isInteger,
    "bytesReceived": isInteger,
    "errorCount": isInteger,
    "process": isTextOrNull,
    "engine": isTextOrNull,
    "tokensIn": isInteger,
    "tokensOut": isInteger,
    "priceUsd": isReal,
    "roundNumber": isInteger,
}

ITEMS = {"message": MESSAGE, "log": LOG, "stat": STAT}

PAGINATION = (
    "currentPage",
    "pageSize",
    "totalItems",
    "totalPages",
    "sort",
    "filters",
    "nextCursor",
)


# Fields that are left out where they are not set.
MAY_BE_LEFT_OUT = frozenset()


def faults(model, value):
    """What of `value` does not fit the model, field by field."""
    found = [f"{name} is missing" for name in model.keys() - value.keys() - MAY_BE_LEFT_OUT]
    found += [f"{name} is not of the model" for name in value.keys() - model.keys()]
    for name in model.keys() & value.keys():
        if not model[name](value[name]):
            found.append(f"{name} is {value[name]!r}")
    return found
