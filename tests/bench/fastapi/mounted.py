"""The endpoints of the library mounted in FastAPI, answered by Python; see fastapi_bench.py."""

import asyncio
import os

import chatbot.asgi
from fastapi import FastAPI

app = FastAPI()
path = os.environ["BENCH_FOLDER"] + "/mounted.sqlite"
engine = chatbot.Engine(path, responder="host", rateLimit=0, maxStreamsPerUser=10000)


def identify(scope):
    user = dict(scope["headers"]).get(b"x-user-id")
    return chatbot.Identity(user.decode(), "m0", ["user"]) if user else None


async def answer():
    async for turn in engine.turns():
        async with turn:
            await turn.message(turn.prompt, status="last")


@app.on_event("startup")
def start_answering():
    app.state.answering = [asyncio.create_task(answer()) for _ in range(8)]


app.add_event_handler("shutdown", engine.close)
app.mount("/api/chatbot", chatbot.asgi.App(engine, identify))
