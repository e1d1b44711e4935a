"""example.py PROGRAM: the example answers a question, word by word, and lists it."""

import json
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path


def listening(port):
    try:
        return socket.create_connection(("127.0.0.1", port)).close() is None
    except ConnectionRefusedError:
        return False


def ask(port, target, body=None):
    request = urllib.request.Request(f"http://127.0.0.1:{port}/api/chatbot{target}")
    request.add_header("X-User", "alice")
    if body is not None:
        request.data = json.dumps(body).encode()
        request.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.read().decode()


def check(port):
    frames = ask(port, "/start/stream?deltas=true", {"prompt": "Hello there"})
    assert "event: delta" in frames and '"message":"You said: Hello there "' in frames, frames
    page = json.loads(ask(port, "/threads"))
    assert [row["status"] for row in page["items"]] == ["completed"], page


def main():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        program = Path(sys.argv[1]).resolve()
        process = subprocess.Popen([program, "-listen", f"127.0.0.1:{port}"], cwd=folder)
        try:
            end = time.monotonic() + 30
            while not listening(port) and time.monotonic() < end:
                time.sleep(0.02)
            check(port)
        finally:
            process.kill()
            process.wait()


main()
