"""comments.py FOLDER: each exported name of a Go package has a comment that begins with it."""

import re
import sys
from pathlib import Path

DECLARED = re.compile(r"^(?:func (?:\(\w+ \*?[A-Z]\w*\) )?|type )([A-Z]\w*)")

found = 0
faults = []
for path in sorted(Path(sys.argv[1]).glob("*.go")):
    if path.name.endswith("_test.go"):
        continue
    lines = path.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines):
        declared = DECLARED.match(line)
        if not declared:
            continue
        found += 1
        first = number
        while lines[first - 1].startswith("//"):
            first -= 1
        if not lines[first].startswith(f"// {declared.group(1)} "):
            faults.append(f"{path.name}:{number + 1}: {declared.group(1)}")
print("\n".join(faults) or f"{found} names")
sys.exit(1 if faults or not found else 0)
