"""Rounds that a model server answers: what OPENAI_BASE_URL, OPENAI_MODEL and OPENAI_API_KEY do."""
import os
import ssl
import subprocess
import tempfile

import shapes
from case import HostCase
from host import DEFAULTS
from model_server import ModelServer

KEY = "sk-contract"


class ModelCase(HostCase):
    """A host that asks a server of its own."""

    options = (*DEFAULTS, "--responder", "openai")

    @classmethod
    def makeServer(cls):
        return ModelServer()

    @classmethod
    def setUpClass(cls):
        cls.server = cls.makeServer()
        cls.addClassCleanup(cls.server.close)
        super().setUpClass()

    @classmethod
    def startOptions(cls):
        variables = {"OPENAI_BASE_URL": cls.server.url, "OPENAI_MODEL": "m", "OPENAI_API_KEY": KEY}
        return {"env": {**os.environ, **variables, "no_proxy": "127.0.0.1"}}


class OpenAi(ModelCase):
    def test_an_answer_is_streamed_and_counted(self):
        client = self.person()
        stream = client.stream("POST", "/start/stream", {"prompt": "Grüße 🍰"}, deltas="true")
        with stream:
            frames = self.checkEnd(stream.rest(), "completed")
        texts = [frame.json["text"] for frame in frames if frame.kind == "delta"]
        self.assertTrue("You said: Grüße 🍰".startswith("".join(texts)), texts)
        items = [frame for frame in frames if frame.kind == "item"]
        for frame in items:
            self.checkModel(shapes.ITEMS[frame.type], frame.item)
        self.assertEqual([frame.type for frame in items], ["message", "log", "message", "stat"])
        self.assertEqual(items[2].item["message"], "You said: Grüße 🍰")
        self.assertEqual(items[2].item["status"], "last")
        self.assertEqual((items[3].item["tokensIn"], items[3].item["tokensOut"]), (5, 3))
        path, headers, body = self.server.requestOf("Grüße 🍰")
        self.assertEqual(path, "/v1/chat/completions")
        self.assertEqual(headers["Authorization"], f"Bearer {KEY}")
        self.assertEqual((body["model"], body["stream"]), ("m", True))

    def test_a_further_round_tells_what_was_said(self):
        client = self.person()
        workflowId, _ = client.run("First")
        client.proceed(workflowId, "Second").rest()
        _, _, body = self.server.requestOf("Second")
        self.assertEqual(
            [(each["role"], each["content"]) for each in body["messages"]],
            [("user", "First"), ("assistant", "You said: First"), ("user", "Second")],
        )

    def test_a_stop_closes_the_connection_and_keeps_the_text(self):
        client = self.person()
        stream = client.stream("POST", "/start/stream", {"prompt": "wait"}, deltas="true")
        frames = stream.until(lambda frame: frame.kind == "delta")
        workflowId = frames[0].item["workflowId"]
        self.assertEqual(self.checkOk(client.stop(workflowId))["status"], "stopped")
        self.checkEnd(stream.rest(), "stopped")
        self.assertTrue(self.server.left.acquire(timeout=5))
        items = client.detail(workflowId).json()["chatData"]["items"]
        answers = [each["item"] for each in items if each["type"] == "message"]
        self.assertEqual((answers[-1]["message"], answers[-1]["status"]), ("You said: ", "last"))

    def test_an_error_of_the_server_is_shown_in_safe_words(self):
        client = self.person()
        workflowId, frames = client.run("fail")
        self.assertEqual(frames[-1].item["type"], "error")
        self.assertEqual(
            frames[-1].item["message"], "The model server has refused the request (status 400)"
        )
        detail = client.detail(workflowId)
        self.assertEqual(detail.json()["workflow"]["status"], "error")
        self.assertNotIn(b"words of the server", detail.body)
        self.assertNotIn("words of the server", self.host.log())
        self.assertIn("status=400", self.host.log())
        self.assertNotIn(KEY, self.host.log())


class UntrustedServer(ModelCase):
    """One whose certificate nobody has signed."""

    @classmethod
    def makeServer(cls):
        folder = tempfile.TemporaryDirectory(prefix="chatbot-contract-")
        cls.addClassCleanup(folder.cleanup)
        key, certificate = f"{folder.name}/key.pem", f"{folder.name}/certificate.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=127.0.0.1",
             "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate],
            check=True, capture_output=True,
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        return ModelServer(context)

    def test_it_is_told_nothing(self):
        client = self.person()
        with client.start("secret") as stream:
            logs = stream.take(3)[1:]
            client.stop(logs[0].item["workflowId"])
        self.assertTrue(logs[1].item["message"].startswith("The model server cannot be reached; "))
        self.assertIn("certificate", self.host.log())
        self.assertEqual(self.server.requests, [])
