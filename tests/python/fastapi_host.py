#!/usr/bin/python3 -B
"""The endpoints mounted in FastAPI, served by uvicorn, for the contract tests."""

import fastapi
import hosting
import uvicorn

import chatbot.asgi

given = hosting.options()
engine = hosting.engineOf(given)
app = fastapi.FastAPI()


def identify(scope):
    headers = fastapi.Request(scope).headers
    given = [headers.getlist(name) for name in ("X-User-Id", "X-Mandate-Id", "X-Roles")]
    if any(len(values) > 1 for values in given):
        return None
    return hosting.callerOf(*(values[0] if values else None for values in given))


app.mount("/api/chatbot", chatbot.asgi.App(engine, identify))


class Server(uvicorn.Server):
    def handle_exit(self, sig, frame):
        engine.close()  # ends the streams, which the server waits for
        super().handle_exit(sig, frame)


listener = hosting.listenOn(given.listen)
app.add_event_handler("startup", lambda: hosting.announce(listener))
Server(uvicorn.Config(app, log_level="warning")).run(sockets=[listener])
