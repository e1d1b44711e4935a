"""The examples for Python are served as their READMEs say, and answer."""

import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request
from pathlib import Path

EXAMPLES = Path(__file__).parents[2] / "examples"


def freePort():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


class Example(unittest.TestCase):
    def serve(self, name):
        """Runs the first command that the README shows, from another folder, on a free port."""
        readme = (EXAMPLES / name / "README.md").read_text()
        shown = re.search(r"^    (.*) --port 8080$", readme, re.MULTILINE).group(1)
        self.port = freePort()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = os.pathsep.join([str(EXAMPLES / name), os.environ["PYTHONPATH"]])
        process = subprocess.Popen(
            [sys.executable, "-B", "-m", *shown.split(), "--port", str(self.port)],
            cwd=folder.name,
            env={**os.environ, "PYTHONPATH": path},
            stderr=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        self.awaitServer(process)

    def awaitServer(self, process):
        end = time.monotonic() + 30
        while time.monotonic() < end and process.poll() is None:
            try:
                return socket.create_connection(("127.0.0.1", self.port)).close()
            except ConnectionRefusedError:
                time.sleep(0.02)
        self.fail("the example does not listen")

    def request(self, target, body=None, headers=None):
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/api/chatbot{target}")
        for name, value in ({"X-User": "alice"} if headers is None else headers).items():
            request.add_header(name, value)
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.read().decode()

    def check(self, name):
        self.serve(name)
        frames = self.request("/start/stream?deltas=true", {"prompt": "Hello there"})
        self.assertIn("event: delta", frames)
        self.assertIn('"message":"You said: Hello there "', frames)
        page = json.loads(self.request("/threads"))
        self.assertEqual([row["status"] for row in page["items"]], ["completed"])
        with self.assertRaises(urllib.error.HTTPError) as refused:
            self.request("/threads", headers={})
        self.assertEqual(refused.exception.code, 401)
        refused.exception.close()

    def test_fastapi(self):
        self.check("fastapi")

    def test_flask(self):
        self.check("flask")


if __name__ == "__main__":
    unittest.main()
