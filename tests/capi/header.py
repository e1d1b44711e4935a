"""chatbot.h compiles alone, strictly: header.py HEADER LANGUAGE COMPILER (c or c++).

A compiler that is not there ends it with 77: skipped.
"""

import shutil
import subprocess
import sys

WARNINGS = ["-pedantic", "-Wall", "-Wextra", "-Werror"]
FLAGS = {
    "c": ["-std=c99", "-Wstrict-prototypes", "-Wmissing-prototypes", "-Wc++-compat"],
    "c++": ["-std=c++17", "-Wold-style-cast"],
}

header, language, compiler = sys.argv[1:]
if not shutil.which(compiler):
    print(f"no {compiler}")
    sys.exit(77)

# Twice, so that its guard is tried too.
source = f'#include "{header}"\n#include "{header}"\nchatbot_status unused(void);\n'
command = [compiler, *FLAGS[language], *WARNINGS, "-fsyntax-only", "-x", language, "-"]
sys.exit(subprocess.run(command, input=source, text=True).returncode)
