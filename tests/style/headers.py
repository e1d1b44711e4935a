"""Every public C++ header compiles alone: headers.py ROOT COMPILER."""

import subprocess
import sys

import tree

WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wconversion", "-Werror"]
MAX_HEADERS = 15


def faults(compiler, header):
    source = f'#include "{header}"\n#include "{header}"\n'
    command = [compiler, "-std=c++20", *WARNINGS, "-fsyntax-only", "-Iinclude", "-x", "c++", "-"]
    result = subprocess.run(command, input=source, capture_output=True, text=True, cwd=tree.root())
    return [f"{header}:\n{result.stderr}"] if result.returncode else []


headers = [path.relative_to("include") for path in tree.files(".h", under="include")]
found = [fault for header in headers for fault in faults(sys.argv[2], header)]
if len(headers) > MAX_HEADERS:
    found.append(f"include: {len(headers)} headers, more than {MAX_HEADERS}")
tree.report(found)
