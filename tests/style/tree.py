"""The project's files, and how a check reports."""

import pathlib
import sys

SKIPPED = {".git", "build", "node_modules", "__pycache__"}


def root():
    return pathlib.Path(sys.argv[1])


def files(*suffixes, under="."):
    """Paths relative to the root of all files with one of the suffixes (any without), sorted."""
    found = (path.relative_to(root()) for path in (root() / under).rglob("*") if path.is_file())
    return sorted(p for p in found
                  if not SKIPPED.intersection(p.parts) and (not suffixes or p.suffix in suffixes))


def text(path):
    return (root() / path).read_text(encoding="utf-8")


def report(faults, notes=()):
    """Prints the notes and the faults and ends the check: as failed where there are faults."""
    print("\n".join([*notes, *faults]) or "no fault")
    sys.exit(1 if faults else 0)
