"""The same three endpoints in FastAPI and sqlite3 alone, as a service that does only this has them.

In its favour: each page is one indexed statement and one count; rows are answered as they are,
without response models; statements run on the event loop, which costs no hand-over to a thread; a
stream knows its round's two messages, and serves nobody who joins or comes back later.
"""

import json
import math
import os
import sqlite3
import time
import uuid
from typing import Optional

from fastapi import FastAPI, Header, HTTPException
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel

PREFIX = "/api/chatbot"
WORKFLOW = ("id", "mandateId", "name", "status", "workflowMode", "currentRound", "currentTask",
            "currentAction", "totalTasks", "totalActions", "maxSteps", "startedAt", "lastActivity",
            "_createdBy", "_createdAt")  # fmt: skip
INSERT = f"INSERT INTO workflow VALUES ({', '.join('?' * len(WORKFLOW))})"
SCHEMA = f"""
CREATE TABLE workflow ({", ".join(WORKFLOW)}, PRIMARY KEY (id));
CREATE INDEX workflow_of_user ON workflow (_createdBy, mandateId, lastActivity, id);
CREATE TABLE item (workflowId, place, type, createdAt, item, PRIMARY KEY (workflowId, place));
"""


def connect(path):
    database = sqlite3.connect(path)
    database.row_factory = sqlite3.Row
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = NORMAL")  # as the library has it
    return database


app = FastAPI()
database = connect(os.environ["BENCH_FOLDER"] + "/pure.sqlite")


class Pagination(BaseModel):
    page: int = 1
    pageSize: int = 20


class UserInput(BaseModel):
    prompt: str
    listFileId: list = []
    userLanguage: str = "en"


def owner(user):
    if not user:
        raise HTTPException(401, "Not authenticated")
    return (user, "m0")


@app.get(PREFIX + "/threads")
async def threads(
    workflowId: Optional[str] = None,
    pagination: Optional[str] = None,
    x_user_id: Optional[str] = Header(None),
):
    if workflowId is not None:
        return JSONResponse(thread(owner(x_user_id), workflowId))
    return JSONResponse(page(owner(x_user_id), Pagination(**json.loads(pagination or "{}"))))


def page(user, wanted):
    found = "FROM workflow WHERE _createdBy = ? AND mandateId = ?"
    ordered = f"SELECT * {found} ORDER BY lastActivity DESC, id DESC LIMIT ? OFFSET ?"
    (total,) = database.execute(f"SELECT count(*) {found}", user).fetchone()
    limits = (wanted.pageSize, (wanted.page - 1) * wanted.pageSize)
    rows = database.execute(ordered, user + limits).fetchall()
    pages = math.ceil(total / wanted.pageSize)
    shown = {"currentPage": wanted.page, "pageSize": wanted.pageSize, "totalItems": total}
    return {"items": list(map(dict, rows)), "pagination": {**shown, "totalPages": pages}}


def thread(user, workflowId):
    one = "SELECT * FROM workflow WHERE id = ? AND _createdBy = ? AND mandateId = ?"
    workflow = database.execute(one, (workflowId, *user)).fetchone()
    if workflow is None:
        raise HTTPException(404, f"Workflow with ID {workflowId} not found")
    items = "SELECT type, createdAt, item FROM item WHERE workflowId = ? ORDER BY place"
    rows = database.execute(items, (workflowId,)).fetchall()
    data = [{"type": row[0], "createdAt": row[1], "item": json.loads(row[2])} for row in rows]
    return {"workflow": dict(workflow), "chatData": {"items": data}}


@app.post(PREFIX + "/start/stream")
async def start(given: UserInput, x_user_id: Optional[str] = Header(None)):
    user, mandate = owner(x_user_id)
    now, workflowId = time.time(), str(uuid.uuid4())
    values = (workflowId, mandate, given.prompt[:80], "running", "Chatbot", 1, 0, 0, 0, 0, 10, now,
              now, user, now)  # fmt: skip
    with database:
        database.execute(INSERT, values)
        asked = append(workflowId, 1, "user", given.prompt, "first")
    headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
    events = answer(workflowId, given.prompt, asked)
    return StreamingResponse(events, media_type="text/event-stream", headers=headers)


async def answer(workflowId, prompt, asked):
    yield frame(1, asked)
    with database:
        answered = append(workflowId, 2, "assistant", prompt, "last")
        change = "UPDATE workflow SET status = 'completed', lastActivity = ? WHERE id = ?"
        database.execute(change, (time.time(), workflowId))
    yield frame(2, answered)


def append(workflowId, place, role, text, status):
    now = time.time()
    item = {"id": str(uuid.uuid4()), "workflowId": workflowId, "parentMessageId": None,
            "role": role, "message": text, "summary": None, "status": status, "sequenceNr": place,
            "publishedAt": now, "roundNumber": 1, "documents": [], "success": True}  # fmt: skip
    row = (workflowId, place, "message", now, json.dumps(item))
    database.execute("INSERT INTO item VALUES (?, ?, ?, ?, ?)", row)
    return {"type": "message", "createdAt": now, "item": item}


def frame(place, event):
    return f"id: {place}\ndata: {json.dumps(event)}\n\n"
