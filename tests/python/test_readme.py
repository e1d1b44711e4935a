"""What the READMEs show of Python is run: the snippets, with what stands around them."""

import asyncio
import os
import re
import tempfile
import types
import unittest
from pathlib import Path

import flask
import uvicorn
from fastapi import FastAPI
from werkzeug.middleware.dispatcher import DispatcherMiddleware

import chatbot.asgi
import chatbot.wsgi

ROOT = Path(__file__).parents[2]
README = ROOT / "capi/python/README.md"
ALICE = chatbot.Identity("alice", "acme", ["user"])


class Readme(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(folder.name)
        self.snippets = self.snippets_of(README)
        self.assertEqual(len(self.snippets), 5)

    def snippets_of(self, readme):
        text = readme.read_text(encoding="utf-8")
        return re.findall(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE)

    def run_snippet(self, number, **names):
        exec(compile(self.snippets[number], f"snippet {number}", "exec"), names)
        return types.SimpleNamespace(**names)

    def test_a_conversation(self):
        printed = []
        self.run_snippet(0, print=printed.append)
        self.assertEqual((printed[0], printed[-1]), ("Hello", 1))

    def test_the_endpoints(self):
        with chatbot.Engine("threads.sqlite") as engine:
            names = {"chatbot": chatbot, "engine": engine, "identify": lambda _: ALICE}
            app = FastAPI()
            self.run_snippet(1, app=app, **names)
            self.assertEqual(app.routes[-1].path, "/api/chatbot")
            app = flask.Flask("test")
            self.run_snippet(2, app=app, DispatcherMiddleware=DispatcherMiddleware, **names)
            answer = app.test_client().get("/api/chatbot/threads")
            self.assertEqual((answer.status_code, answer.json["items"]), (200, []))

    def test_the_projects_readme(self):
        self.snippets = self.snippets_of(ROOT / "README.md")
        self.assertEqual(len(self.snippets), 1)
        app = FastAPI()
        found = self.run_snippet(0, app=app, chatbot=chatbot, identify=lambda _: ALICE)
        self.assertEqual(app.routes[-1].path, "/api/chatbot")
        found.engine.close()

    def test_the_end_of_a_server(self):
        engine = chatbot.Engine("threads.sqlite")
        found = self.run_snippet(3, uvicorn=uvicorn, engine=engine)
        found.Server(uvicorn.Config(FastAPI())).handle_exit(15, None)
        with self.assertRaises(chatbot.Unavailable):
            engine.list(ALICE)

    def test_answering(self):
        async def ask(engine):
            answering = asyncio.create_task(self.run_snippet(4).answer(engine))
            items = [event.data async for event in engine.start(ALICE, "one two").stream]
            engine.close()
            await answering
            return items

        engine = chatbot.Engine("threads.sqlite", responder="host")
        items = asyncio.run(asyncio.wait_for(ask(engine), 60))
        self.assertEqual(items[-1]["item"]["message"], "one two ")


if __name__ == "__main__":
    unittest.main()
