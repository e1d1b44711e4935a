"""The table of docs/model-servers.md is made from the cases that the tests use.

    python3 tests/docs/model_servers.py .            what does not fit
    python3 tests/docs/model_servers.py . --write    writes the table
"""

import json
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "style"))

import tree  # noqa: E402

PAGE = "docs/model-servers.md"
TABLES = re.compile(r"(?<=<!-- cases -->\n).*(?=<!-- end of cases -->)", re.DOTALL)


def becomes(case):
    """What the responder makes of it, in words."""
    parts = []
    if "failure" in case:
        parts.append(f"fails: {case['failure']}")
    if "text" in case:
        parts.append(f"keeps `{case['text']}`" if "failure" in case else f"`{case['text']}`")
    if "reasoning" in case:
        parts.append(f"reasoning `{case['reasoning']}`")
    parts += [f"call `{call}`" for call in case.get("calls", [])]
    parts += [f"warning: {warning}" for warning in case.get("warnings", [])]
    if "usage" in case:
        parts.append("usage {} and {}".format(*case["usage"]))
    if case.get("requests", 1) > 1:
        parts.append("asked again")
    return "; ".join(parts)


def bySdk(case):
    sdk = case.get("sdk")
    if not sdk:
        return "same"
    parts = []
    if "failed" in sdk:
        parts.append("fails" if sdk["failed"] else "completes")
    if "text" in sdk:
        parts.append(f"`{sdk['text']}`" if sdk["text"] else "no text")
    if "requests" in sdk:
        parts.append("asks once" if sdk["requests"] == 1 else "asks again")
    return f"{', '.join(parts)}: {sdk['why']}"


def tables():
    kinds = {}
    for case in json.loads(tree.text("tests/openai/answers.json")):
        kinds.setdefault(case["kind"], []).append(case)
    for kind, cases in kinds.items():
        yield f"\n### {kind}\n"
        yield "| what the server sends | what becomes of it | openai-node |"
        yield "| --- | --- | --- |"
        for case in cases:
            yield f"| {case['name']} | {becomes(case)} | {bySdk(case)} |"
    yield "\n"


made = "\n".join(tables())
page = tree.text(PAGE)
if sys.argv[2:] == ["--write"]:
    (tree.root() / PAGE).write_text(TABLES.sub(lambda _: made, page))
    sys.exit()
faults = [] if TABLES.search(page)[0] == made else [
    f"{PAGE} is not what the cases say: python3 {Path(__file__).name} . --write"]
tree.report(faults)
