"""A chatbot in a FastAPI application, answered by Python."""

import asyncio

import chatbot.asgi
from fastapi import FastAPI

app = FastAPI()
engine = chatbot.Engine("threads.sqlite", responder="host")


def identify(scope):
    """Takes the caller from a header; a real server looks at a session or a token."""
    user = dict(scope["headers"]).get(b"x-user")
    return chatbot.Identity(user.decode(), "acme", ["user"]) if user else None


async def answer():
    """Any number of these share the work. A real one asks a model, and passes on what comes."""
    async for turn in engine.turns():
        async with turn:
            for word in f"You said: {turn.prompt}".split():
                await turn.delta(word + " ")
                await asyncio.sleep(0.05)
            await turn.message(status="last")


@app.on_event("startup")
def start_answering():
    app.state.answering = [asyncio.create_task(answer()) for _ in range(8)]


app.add_event_handler("shutdown", engine.close)
app.mount("/api/chatbot", chatbot.asgi.App(engine, identify))
