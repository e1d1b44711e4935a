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


# Stands for cmake: what it was told, and the library that it would make.
CMAKE = """#!/bin/sh
echo "$*" >>"$TOLD"
[ "$1" = --build ] || exit 0
mkdir -p "$2/capi" && cp "$LIBRARY" "$2/capi/libchatbot.so"
"""


class Wheel(unittest.TestCase):
    def test_the_library_is_built_by_as_many_jobs_as_there_are_processors_and_not_left_behind(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        told, program = Path(folder.name) / "told", Path(folder.name) / "cmake"
        program.write_text(CMAKE)
        program.chmod(0o755)
        environ = {**os.environ, "TOLD": str(told), "LIBRARY": os.environ["CHATBOT_LIBRARY"]}
        environ["TMPDIR"] = f"{folder.name}/temporary"
        os.mkdir(environ["TMPDIR"])
        environ["PATH"] = folder.name + os.pathsep + environ["PATH"]
        for name in ("CHATBOT_LIBRARY", "CMAKE_BUILD_PARALLEL_LEVEL"):
            environ.pop(name, None)
        arguments = ("--no-build-isolation", "--wheel-dir", folder.name, SOURCES)
        self.pip("wheel", *arguments, environ=environ)
        self.pip("wheel", *arguments, environ={**environ, "CMAKE_BUILD_PARALLEL_LEVEL": "7"})
        built = [line for line in told.read_text().splitlines() if line.startswith("--build")]
        jobs = [line.partition(" --parallel ")[2] for line in built]
        self.assertEqual(jobs, [str(len(os.sched_getaffinity(0))), "7"])
        self.assertEqual(os.listdir(environ["TMPDIR"]), [])

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

    def pip(self, command, *arguments, environ=None):
        options = ["--no-deps", "--no-index", "--disable-pip-version-check", "--no-cache-dir"]
        done = subprocess.run([sys.executable, "-m", "pip", command, *options, *map(str, arguments)],
                              env=environ, capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr + done.stdout)


if __name__ == "__main__":
    unittest.main()
