"""Makes inputs of the target model_answer from the cases of the responder: a head and a body each.

    python3 model_answer_corpus.py ANSWERS.json FOLDER
"""

import base64
import json
import sys
from pathlib import Path

LARGEST = 16 * 1024  # bytes: the target repeats an input byte by byte


def bodyOf(case):
    if "base64" in case:
        return base64.b64decode(case["base64"])
    if "events" in case:
        return "".join(f"data: {event}\n\n" for event in case["events"]).encode()
    parts = [case["body"]] if isinstance(case["body"], str) else case["body"]
    return "".join(part if isinstance(part, str) else part[0] * min(part[1], 1000) for part in parts).encode()


def inputOf(case):
    lines = [f"HTTP/1.1 {case.get('status', 200)} Status"]
    lines += [f"{name}: {value}" for name, value in case.get("headers", {}).items()]
    return "\n".join(lines).encode() + b"\n\n" + bodyOf(case)


answers, folder = map(Path, sys.argv[1:])
folder.mkdir(parents=True, exist_ok=True)
for number, case in enumerate(json.loads(answers.read_text())):
    text = inputOf(case)
    if len(text) <= LARGEST:
        (folder / f"case_{number:03}").write_bytes(text)
