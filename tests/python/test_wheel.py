"""A wheel with the library inside is made, installed in an empty folder, and used."""

import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

SOURCES = Path(__file__).parents[2] / "capi/python"
USE = """
import chatbot
with chatbot.Engine("threads.sqlite", responder="echo") as engine:
    alice = chatbot.Identity("alice", "acme", ["user"])
    events = list(engine.start(alice, "Hello").stream)
print(chatbot.__file__, chatbot.__version__, len(events) > 1)
"""


class Wheel(unittest.TestCase):
    def test_made_installed_and_used(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        before = sorted(SOURCES.rglob("*"))
        self.pip("wheel", "--no-build-isolation", "--wheel-dir", folder.name, SOURCES)
        self.assertEqual(sorted(SOURCES.rglob("*")), before)
        (wheel,) = Path(folder.name).glob("chatbot-*-py3-none-linux_*.whl")
        self.pip("install", "--target", f"{folder.name}/site", wheel)

        hidden = ("CHATBOT_LIBRARY", "PYTHONPATH")
        clean = {name: value for name, value in os.environ.items() if name not in hidden}
        clean["PYTHONPATH"] = f"{folder.name}/site"
        used = subprocess.run([sys.executable, "-B", "-c", USE], env=clean, cwd=folder.name,
                              capture_output=True, text=True, check=True)
        self.assertTrue(used.stdout.startswith(f"{folder.name}/site/chatbot/"), used.stdout)
        self.assertEqual(used.stdout.split()[1], wheel.name.split("-")[1])
        self.assertTrue(used.stdout.endswith(" True\n"), used.stdout)

    def pip(self, command, *arguments):
        options = ["--no-deps", "--no-index", "--disable-pip-version-check", "--no-cache-dir"]
        done = subprocess.run([sys.executable, "-m", "pip", command, *options, *map(str, arguments)],
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr + done.stdout)


if __name__ == "__main__":
    unittest.main()
