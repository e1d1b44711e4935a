"""chatbot.h compiles alone, strictly, by each standard.

header.py HEADER LANGUAGE COMPILER (c or c++)

A compiler that is not there ends it with 77: skipped.
"""

import shutil
import subprocess
import sys

WARNINGS = ["-pedantic", "-Wall", "-Wextra", "-Werror"]
FLAGS = {
    "c": ["-Wstrict-prototypes", "-Wmissing-prototypes", "-Wc++-compat"],
    "c++": ["-Wold-style-cast"],
}
STANDARDS = {"c": ["c99", "c11", "c17", "gnu17"], "c++": ["c++17", "c++20", "gnu++20"]}

header, language, compiler = sys.argv[1:]
if not shutil.which(compiler):
    print(f"no {compiler}")
    sys.exit(77)

# Twice, so that its guard is tried too.
source = f'#include "{header}"\n#include "{header}"\nchatbot_status unused(void);\n'
for standard in STANDARDS[language]:
    command = [compiler, f"-std={standard}", *FLAGS[language], *WARNINGS, "-fsyntax-only", "-x",
               language, "-"]
    subprocess.run(command, input=source, text=True, check=True)
