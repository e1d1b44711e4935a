"""./run builds the host and serves its page and the endpoints; a SIGTERM ends it."""

import pathlib
import re
import signal
import subprocess
import tempfile
import urllib.request

run = pathlib.Path(__file__).resolve().parent.parent / "run"
with tempfile.TemporaryDirectory() as folder:
    process = subprocess.Popen([run, "--listen", "127.0.0.1:0"], cwd=folder, text=True,
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    try:
        lines = []
        while not lines or not lines[-1].startswith("chatbot-host: "):
            line = process.stdout.readline()
            assert line, f"ended after {lines}"
            lines.append(line.rstrip())
        address = re.fullmatch(r"chatbot-host: (http://127\.0\.0\.1:\d+/)", lines[-1]).group(1)
        assert len(lines) <= 3, f"more than a newcomer needs to see: {lines}"
        page = urllib.request.urlopen(address, timeout=10).read()
        assert b"<html" in page, page[:200]
        question = ["curl", "-sN", "--json", '{"prompt": "Hello"}', f"{address}api/chatbot/start/stream"]
        answer = subprocess.run(question, capture_output=True, text=True, timeout=30, check=True).stdout
        assert '"role": "assistant"' in answer or '"role":"assistant"' in answer, answer[:200]
        assert (pathlib.Path(folder) / "chatbot.sqlite").exists()
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    finally:
        process.kill()
        process.wait()
