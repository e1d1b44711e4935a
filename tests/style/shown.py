"""shown.py README FOLDER: each program that the README shows with `$ NAME` and what it prints, in an
indented block, prints just that when it is run in a new folder. The programs are in FOLDER."""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

BLOCK = re.compile(r"(?:^    .*\n)+", re.MULTILINE)


def shown(readme):
    """Pairs of a program's name and its output."""
    for block in BLOCK.findall(readme):
        first, *output = [line[4:] for line in block.splitlines()]
        if first.startswith("$ "):
            yield first[2:], output


def printed(program):
    with tempfile.TemporaryDirectory() as folder:
        command = subprocess.run([program], cwd=folder, capture_output=True, timeout=60, check=True)
    return command.stdout.decode().splitlines()


def main():
    programs = [*shown(Path(sys.argv[1]).read_text(encoding="utf-8"))]
    failed = not programs
    for name, output in programs:
        found = printed(Path(sys.argv[2]) / name)
        print("ok" if found == output else "FAILED", name, *([] if found == output else found), sep="\n")
        failed |= found != output
    sys.exit(1 if failed else 0)


main()
